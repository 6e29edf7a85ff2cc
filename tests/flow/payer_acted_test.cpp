// A payer who has agreed at the provider, and the call of ours that follows. PayPal is the example:
// an order that was made moves nothing, and only its capture takes money.
#include "around.h"

namespace switchyard {
namespace {

using enum AttemptStatus;
using Kind = Wish::Kind;

const Json to_the_page = {{"type", "redirect"}, {"redirect", {{"url", "https://pay.example/1"}}}};
const Update agreed = {.verdict = Verdict::next_step, .provider_reference = "ORDER1"};
const Update still_open = {.verdict = Verdict::requires_action, .provider_reference = "ORDER1"};

struct AtPaypal : Around {
  AtPaypal() {
    switchyard::Setup accounts;
    for (const auto* id : {"account_1", "account_2"}) {
      Account account{.id = id, .adapter = "paypal", .base_url = "http://127.0.0.1:1"};
      account.settings.emplace("client_secret", Secret("hush"));
      accounts.accounts.emplace(id, account);
    }
    setup.put(std::make_shared<const switchyard::Setup>(std::move(accounts)));
  }
};

Step step_of(const std::string& name, int number, bool moves_money) {
  Step step = charge_step("att_1", 200);
  step.id = "stp_" + name;
  step.number = number;
  step.name = name;
  step.moves_money = moves_money;
  return step;
}

// The payer was sent to the order's page.
Door opened() {
  Attempt attempt = charge_attempt(1, requires_action);
  attempt.provider_reference = "ORDER1";
  attempt.next_action = to_the_page;
  Door door(record_of(PaymentStatus::requires_action, {attempt}));
  door.record.payment.method = PaymentMethod{.rail = Rail::wallet, .kind = "paypal"};
  door.record.payment.next_action = to_the_page;
  door.record.steps = {step_of("create", 1, false)};
  return door;
}

std::vector<Send> hear(Around& around, Door& door, const Update& update,
                       Source source = Source::lookup) {
  return around.grant(door, door.say("att_1", update, source));
}

// The payer has agreed, and our capture has left.
Door captured_by(Around& around) {
  Door door = opened();
  EXPECT_EQ(hear(around, door, agreed).size(), 1u);
  door.changes = {};
  return door;
}

TEST(PayersAct, leads_back_to_sending_from_where_the_payer_was_asked_and_from_nowhere_else) {
  std::vector<AttemptStatus> from;
  for (const AttemptTransition& row : attempt_transitions())
    if (row.to == sending) from.push_back(row.from);
  EXPECT_EQ(from, (std::vector<AttemptStatus>{requires_action}));
  for (const auto& [status, word] : payment_status_words) {
    const bool is_asked = status == PaymentStatus::requires_action;
    EXPECT_EQ(next(status, PaymentChange::payer_acted),
              is_asked ? std::optional(PaymentStatus::processing) : std::nullopt)
        << word;
  }
}

TEST(PayersAct, is_followed_by_our_call_whoever_tells_of_it) {
  for (const Source source : {Source::lookup, Source::webhook}) {
    AtPaypal around;
    Door door = opened();
    const std::vector<Send> sends = hear(around, door, agreed, source);
    ASSERT_EQ(sends.size(), 1u);
    EXPECT_EQ(sends[0].name, "capture");
    EXPECT_EQ(sends[0].request.url, "http://127.0.0.1:1/v2/checkout/orders/ORDER1/capture");
    EXPECT_EQ(door.status_of("att_1"), sending);
    EXPECT_EQ(door.status(), PaymentStatus::processing);
    EXPECT_TRUE(door.record.payment.next_action.is_null());
    EXPECT_EQ(door.events(), (std::vector<std::string>{"payment.processing"}));
    ASSERT_EQ(door.record.steps.size(), 2u);
    EXPECT_TRUE(door.record.steps[1].moves_money);
    EXPECT_NE(door.record.steps[1].provider_key, door.record.steps[0].provider_key);
    EXPECT_EQ(lease_of(door, "att_1")->kind, LeaseChange::Kind::hold);
  }
}

TEST(PayersAct, is_followed_by_one_call_however_often_it_is_told) {
  AtPaypal around;
  Door door = captured_by(around);
  EXPECT_TRUE(hear(around, door, agreed, Source::lookup).empty());
  EXPECT_TRUE(hear(around, door, agreed, Source::answer).empty());
  EXPECT_TRUE(wishes_for(door.say("att_1", agreed, Source::webhook), Kind::look_up));
  EXPECT_EQ(door.record.steps.size(), 2u);
  EXPECT_TRUE(door.events().empty());
}

TEST(PayersAct, is_not_undone_by_a_look_that_was_earlier_than_our_call) {
  AtPaypal around;
  Door door = captured_by(around);
  EXPECT_TRUE(hear(around, door, still_open).empty());
  EXPECT_EQ(door.status_of("att_1"), unknown);
  EXPECT_EQ(door.status(), PaymentStatus::processing);
  EXPECT_TRUE(door.record.payment.next_action.is_null());
  hear(around, door, {.verdict = Verdict::captured}, Source::answer);
  EXPECT_EQ(door.status(), PaymentStatus::succeeded);
  EXPECT_EQ(door.record.payment.amount_received, 4999);
}

TEST(PayersAct, is_not_forgotten_when_our_call_could_not_leave) {
  AtPaypal around;
  Door door = captured_by(around);
  const Wishes wishes = door.say("att_1", {.verdict = Verdict::not_sent});
  EXPECT_EQ(door.status_of("att_1"), unknown);
  EXPECT_EQ(door.status(), PaymentStatus::processing);
  EXPECT_FALSE(wishes_for(wishes, Kind::next_attempt));
}

TEST(PayersAct, whose_capture_never_arrived_is_captured_by_the_same_bytes_again) {
  AtPaypal around;
  Door door = opened();
  const std::vector<Send> first = hear(around, door, agreed);
  ASSERT_EQ(first.size(), 1u);
  hear(around, door, {}, Source::answer);
  ASSERT_EQ(door.status_of("att_1"), unknown);

  const std::vector<Send> look = around.look(door, "att_1");
  ASSERT_EQ(look.size(), 1u);
  EXPECT_EQ(look[0].request.method, "GET");
  EXPECT_TRUE(hear(around, door, agreed).empty()) << "the order still waits for its capture";

  const std::vector<Send> again = around.look(door, "att_1");
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again[0].name, "capture");
  EXPECT_EQ(again[0].request, first[0].request);
  EXPECT_EQ(again[0].charge.provider_key, first[0].charge.provider_key);
  EXPECT_TRUE(again[0].read == first[0].read) << "it is answered by the same object";
  ASSERT_EQ(door.record.steps.size(), 2u);
  EXPECT_EQ(door.record.steps[1].sends, 2);
}

TEST(PayersAct, is_not_captured_again_once_the_key_may_be_forgotten) {
  AtPaypal around;
  Door door = captured_by(around);
  hear(around, door, {}, Source::answer);
  door.record.attempts[0].lookups = 1;
  const auto plan = [&](Time now) {
    return plan_look(door.record, door.record.attempts[0], *find_adapter("paypal"), now);
  };
  const Time end = noon + std::chrono::hours(6) - std::chrono::minutes(5);
  EXPECT_EQ(plan(end - std::chrono::seconds(1)), Look::send_again);
  EXPECT_EQ(plan(end), Look::lookup);
}

TEST(PayersAct, whose_capture_is_refused_fails_and_nobody_else_is_asked) {
  AtPaypal around;
  Door door = captured_by(around);
  const Wishes wishes = door.say(
      "att_1", {.verdict = Verdict::refused, .decline = Decline::provider_error}, Source::answer);
  EXPECT_TRUE(wishes.empty());
  EXPECT_EQ(door.status_of("att_1"), refused);
  EXPECT_EQ(door.status(), PaymentStatus::failed);
  EXPECT_EQ(door.events(), (std::vector<std::string>{"payment.attempt_failed", "payment.failed"}));
}

// ---- what is closed by sending nothing more

TEST(OpenPage, of_an_order_that_only_we_could_capture_is_closed_by_that_alone) {
  AtPaypal around;
  Door door = opened();
  door.record.payment.cancel_requested = true;
  door.record.attempts[0].status = closing;
  door.record.attempts[0].closing_to = canceled;
  EXPECT_TRUE(around.grant(door, {{Kind::close, "att_1"}}).empty());
  EXPECT_EQ(door.status_of("att_1"), canceled);
  EXPECT_EQ(door.status(), PaymentStatus::canceled);
  EXPECT_EQ(door.events(), (std::vector<std::string>{"payment.canceled"}));

  EXPECT_TRUE(hear(around, door, agreed).empty()) << "the payer was too late";
  EXPECT_EQ(door.status_of("att_1"), canceled);
  EXPECT_EQ(door.record.steps.size(), 1u);
}

TEST(OpenPage, that_the_payer_agrees_on_while_the_payment_is_being_ended_is_not_captured) {
  AtPaypal around;
  Door door = opened();
  door.record.payment.expiry_requested = true;
  EXPECT_TRUE(hear(around, door, agreed).empty());
  EXPECT_EQ(door.status_of("att_1"), canceled);
  EXPECT_EQ(door.status(), PaymentStatus::expired);
  EXPECT_EQ(door.record.steps.size(), 1u);
}

TEST(OpenPage, is_asked_about_before_it_counts_as_closed_once_a_capture_may_have_left) {
  AtPaypal around;
  Door door = captured_by(around);
  hear(around, door, {}, Source::answer);
  door.record.payment.cancel_requested = true;
  door.record.attempts[0].status = closing;
  door.record.attempts[0].closing_to = canceled;
  const std::vector<Send> sends = around.grant(door, {{Kind::close, "att_1"}});
  ASSERT_EQ(sends.size(), 1u);
  EXPECT_EQ(sends[0].name, "cancel");
  EXPECT_EQ(sends[0].request.method, "GET");
  EXPECT_EQ(door.status_of("att_1"), closing);
  EXPECT_EQ(door.status(), PaymentStatus::processing);
}

TEST(OpenPage, is_closed_by_silence_only_if_no_call_that_left_makes_it_payable) {
  const Adapter& paypal = *find_adapter("paypal");
  Door door = opened();
  PaymentRecord& record = door.record;
  EXPECT_TRUE(is_closed_by_silence(record, record.attempts[0], paypal));
  record.steps.push_back(step_of("capture", 2, true));
  EXPECT_FALSE(is_closed_by_silence(record, record.attempts[0], paypal));
  record.steps.clear();
  EXPECT_FALSE(is_closed_by_silence(record, record.attempts[0], paypal))
      << "nothing is known of it";
  record.steps = {step_of("create", 1, false)};
  record.attempts[0].operation = Operation::refund;
  EXPECT_FALSE(is_closed_by_silence(record, record.attempts[0], paypal));
}

// Its answer was lost, and with it the only way to the page.
TEST(OpenPage, that_was_shown_to_nobody_is_closed_by_silence) {
  for (const char* name : {"midtrans", "orange_money", "plugipay"}) {
    const Adapter& adapter = *find_adapter(name);
    Door door = opened();
    door.record.payment.method = PaymentMethod{.rail = Rail::hosted_page};
    Attempt& attempt = door.record.attempts[0];
    EXPECT_FALSE(is_closed_by_silence(door.record, attempt, adapter)) << name;
    attempt.next_action = nullptr;
    EXPECT_TRUE(is_closed_by_silence(door.record, attempt, adapter)) << name;
    door.record.steps.push_back(step_of("cancel", 2, false));
    EXPECT_TRUE(is_closed_by_silence(door.record, attempt, adapter)) << "whatever was tried before";
  }
}

TEST(OpenPage, that_takes_money_by_itself_is_never_closed_by_silence) {
  Door door = opened();
  door.record.payment.method = PaymentMethod{.rail = Rail::hosted_page};
  EXPECT_FALSE(
      is_closed_by_silence(door.record, door.record.attempts[0], *find_adapter("orange_money")));
}

// ---- what the first call of a charge can do

struct FirstCall {
  const char* adapter;
  PaymentMethod method;
  Money money;
  bool moves_money;
};

TEST(FirstCall, is_said_to_move_money_only_where_the_payer_need_not_come_back_to_us) {
  const FirstCall calls[] = {
      {"paypal",
       {.rail = Rail::wallet, .kind = "paypal"},
       {4999, *find_currency("USD")},
       false},  // only our capture does
      {"orange_money",
       {.rail = Rail::hosted_page},
       {5000, *find_currency("XOF")},
       false},  // only once somebody has seen the page
      {"mtn_momo",
       {.rail = Rail::mobile_money, .network = "mtn", .phone_number = "+46733123499"},
       {4999, *find_currency("EUR")},
       true},  // it rings
  };
  for (const FirstCall& call : calls) {
    Around around;
    switchyard::Setup accounts;
    Account account{.id = "it", .adapter = call.adapter};
    account.settings = {{"target_environment", Secret("sandbox")},
                        {"country", Secret("dev")},
                        {"currency", Secret(std::string(call.money.currency.code()))},
                        {"client_id", Secret("me")},
                        {"client_secret", Secret("hush")}};
    accounts.accounts.emplace("it", account);
    around.setup.put(std::make_shared<const switchyard::Setup>(std::move(accounts)));
    Door door(record_of(PaymentStatus::processing, {}));
    door.record.payment.method = call.method;
    door.record.payment.money = call.money;
    Decision decision(door.record, door.changes, noon, {{"kind", "test"}});
    Wishes wishes;
    ASSERT_TRUE(start_attempt(decision, {"it", "rule", "first of use", 1}, wishes, around.get()))
        << call.adapter << " " << door.record.attempts[0].provider_message;
    EXPECT_EQ(door.record.steps.at(0).moves_money, call.moves_money) << call.adapter;
  }
}

TEST(FirstCall, whose_answer_is_lost_is_left_behind_where_nobody_has_seen_what_it_made) {
  for (const bool moves_money : {false, true}) {
    Door door(record_of(PaymentStatus::processing, {charge_attempt(1)}));
    door.record.steps = {step_of("create", 1, moves_money)};
    const Wishes wishes = door.say("att_1", {});
    EXPECT_EQ(door.status_of("att_1"), moves_money ? unknown : not_sent);
    EXPECT_EQ(wishes_for(wishes, Kind::next_attempt), !moves_money);
  }
}

TEST(FirstCall, that_was_shown_to_the_payer_is_never_left_behind) {
  Door door = opened();
  for (const Source source : {Source::answer, Source::lookup, Source::resend_answer}) {
    EXPECT_TRUE(door.say("att_1", {}, source).empty());
    EXPECT_EQ(door.status_of("att_1"), requires_action);
  }
}

}  // namespace
}  // namespace switchyard
