// Attempts' own addresses for their providers, and what a message that proves nothing may bring.
#include "around.h"

namespace switchyard {
namespace {

using enum AttemptStatus;

const std::string one_key(32, 'k');
const std::string another_key(32, 'n');

Account listening(const std::string& id = "shop") {
  return {.id = id, .webhook_url = "https://pay.example.com/webhooks/" + id};
}

// As the router sees it: below the account's.
std::string path_to(const std::string& attempt_id, const Sealer& sealer) {
  const Account account = listening();
  return webhook_url_of(account, attempt_id, sealer).substr(account.webhook_url.size());
}

TEST(AttemptAddress, stands_below_the_accounts_and_leads_to_its_attempt) {
  const Sealer sealer{Secret(one_key)};
  const std::string url = webhook_url_of(listening(), "att_1", sealer);
  EXPECT_TRUE(url.starts_with("https://pay.example.com/webhooks/shop/att_1.")) << url;
  EXPECT_EQ(attempt_of_address(listening(), path_to("att_1", sealer), sealer), "att_1");
  EXPECT_EQ(attempt_of_address(listening(), path_to("att_2", sealer), sealer), "att_2");
}

TEST(AttemptAddress, with_any_other_proof_leads_nowhere) {
  const Sealer sealer{Secret(one_key)};
  const std::string right = path_to("att_1", sealer);
  const std::string proof = right.substr(right.find('.') + 1);
  std::string louder = right;
  for (char& c : louder) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  for (const std::string& path :
       {std::string(), std::string("/"), std::string("/att_1"), std::string("/att_1."),
        "/att_2." + proof, "/." + proof, "/" + proof, right + "a", right + "/",
        right.substr(0, right.size() - 1), "/" + right, louder,
        "/att_1." + sealer.derive("return", "att_1"),
        path_to("att_1", Sealer{Secret(another_key)})})
    EXPECT_EQ(attempt_of_address(listening(), path, sealer), "") << path;
}

TEST(AttemptAddress, belongs_to_one_account) {
  const Sealer sealer{Secret(one_key)};
  EXPECT_EQ(attempt_of_address(listening("other"), path_to("att_1", sealer), sealer), "");
}

TEST(AttemptAddress, that_was_told_before_a_change_of_keys_still_holds) {
  const std::string told = path_to("att_1", Sealer{Secret(one_key)});
  EXPECT_EQ(attempt_of_address(listening(), told, Sealer{Secret(another_key + one_key)}), "att_1");
  EXPECT_EQ(attempt_of_address(listening(), told, Sealer{Secret(another_key)}), "");
}

TEST(AttemptAddress, is_told_only_to_providers_that_speak_to_attempts) {
  Around around;
  const PaymentRecord record = record_of(PaymentStatus::succeeded, {charge_attempt(1, captured)});
  Attempt refund = charge_attempt(2);
  refund.operation = Operation::refund;
  refund.charge_attempt_id = "att_1";
  for (const auto& [adapter, is_told] :
       {std::pair{"mtn_momo", true}, std::pair{"orange_money", true}, std::pair{"example", false},
        std::pair{"paypal", false}}) {
    Account account = listening();
    account.adapter = adapter;
    const Charge charge =
        describe_charge(record, record.attempts[0], &refund, account, around.get(), noon);
    const auto address = [&, is_told = is_told](const std::string& attempt_id) {
      return is_told ? webhook_url_of(account, attempt_id, around.sealer) : std::string();
    };
    EXPECT_EQ(charge.webhook_url, address("att_1")) << adapter;
    EXPECT_EQ(charge.operation.webhook_url, address("att_2")) << adapter;
  }
}

// ---- what such a message brings

Door waiting(AttemptStatus status = requires_action) {
  return Door(record_of(PaymentStatus::requires_action, {charge_attempt(1, status)}));
}

void hint(Door& door, const Update& update) {
  Decision decision(door.record, door.changes, noon, {{"kind", "test"}});
  remember_hint(decision, door.record.attempts[0], update);
}

void expect_nothing_decided(const Door& door, AttemptStatus status = requires_action) {
  EXPECT_EQ(door.status_of("att_1"), status);
  EXPECT_EQ(door.status(), PaymentStatus::requires_action);
  EXPECT_EQ(door.record.payment.amount_received, 0);
  EXPECT_EQ(door.record.payment.review, Review::none);
  EXPECT_TRUE(door.events().empty());
  EXPECT_TRUE(door.changes.journal.empty());
}

TEST(Hint, is_remembered_and_decides_nothing_whatever_it_says) {
  for (const Verdict verdict :
       {Verdict::unknown, Verdict::authorized, Verdict::captured, Verdict::refused,
        Verdict::canceled, Verdict::expired, Verdict::next_step}) {
    Door door = waiting();
    hint(door, {.verdict = verdict, .provider_reference = "ch_1", .memory = {{"txn", "7"}}});
    EXPECT_EQ(door.record.attempts[0].provider_reference, "ch_1");
    EXPECT_EQ(text_at(door.record.attempts[0].memory, "txn"), "7");
    EXPECT_TRUE(door.changes.anomalies.empty());
    expect_nothing_decided(door);
  }
}

TEST(Hint, takes_nothing_away_that_is_known) {
  Door door = waiting();
  door.record.attempts[0].provider_reference = "ch_1";
  door.record.attempts[0].memory = {{"wallet_session", "ws_1"}};
  hint(door, {.memory = {{"txn", "7"}}});
  EXPECT_EQ(door.record.attempts[0].provider_reference, "ch_1");
  EXPECT_EQ(text_at(door.record.attempts[0].memory, "wallet_session"), "ws_1");
  EXPECT_EQ(text_at(door.record.attempts[0].memory, "txn"), "7");
}

TEST(Hint, about_something_else_is_noted_and_not_remembered) {
  const Update others[] = {
      {.our_reference = "att_9"},
      {.is_foreign_account = true},
      {.money = Money{1, *find_currency("USD")}},
      {.money = Money{4999, *find_currency("EUR")}},
      {.received = Money{5000, *find_currency("USD")}},
  };
  for (Update other : others) {
    other.verdict = Verdict::captured;
    other.provider_reference = "ch_1";
    other.memory = {{"txn", "7"}};
    Door door = waiting();
    hint(door, other);
    EXPECT_EQ(door.record.attempts[0].provider_reference, "");
    EXPECT_TRUE(door.record.attempts[0].memory.empty());
    ASSERT_EQ(door.changes.anomalies.size(), 1u);
    EXPECT_TRUE(door.changes.anomalies[0].what.starts_with("hint about another "));
    expect_nothing_decided(door);
  }
}

TEST(Hint, that_names_another_object_than_the_known_one_is_noted) {
  Door door = waiting();
  door.record.attempts[0].provider_reference = "ch_1";
  hint(door, {.provider_reference = "ch_2"});
  EXPECT_EQ(door.record.attempts[0].provider_reference, "ch_1");
  ASSERT_EQ(door.changes.anomalies.size(), 1u);
  EXPECT_EQ(door.changes.anomalies[0].what, "hint about another provider_reference");
}

TEST(Hint, gives_the_look_that_follows_somebody_to_ask_about) {
  Around around;
  switchyard::Setup accounts;
  accounts.accounts.emplace("account_1", Account{.id = "account_1", .adapter = "xendit"});
  around.setup.put(std::make_shared<const switchyard::Setup>(std::move(accounts)));
  Door door = waiting();
  door.record.payment.method = PaymentMethod{.rail = Rail::wallet, .kind = "dana"};
  EXPECT_TRUE(around.look(door, "att_1").empty()) << "nobody knows what it is called there";
  hint(door, {.provider_reference = "pr-1"});
  EXPECT_EQ(around.look(door, "att_1").size(), 1u);
}

TEST(Message, that_proves_nothing_only_asks_for_a_look_whatever_it_says) {
  for (const AttemptStatus status : {sending, unknown, requires_action, closing, refused, expired})
    for (const Verdict verdict : {Verdict::captured, Verdict::refused, Verdict::next_step}) {
      Door door = waiting(status);
      Decision decision(door.record, door.changes, noon, {{"kind", "test"}});
      Wishes wishes;
      record_message(decision, door.record.attempts[0], {.verdict = verdict}, false, {}, true,
                     wishes);
      ASSERT_EQ(wishes.size(), 1u);
      EXPECT_EQ(wishes[0].kind, Wish::Kind::look_up);
      expect_nothing_decided(door, status);
    }
}

}  // namespace
}  // namespace switchyard
