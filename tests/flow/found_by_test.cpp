// How what became of a call is found out, how long its key holds, and what becomes of one that has
// none; and what speaks against giving money back.
#include <future>

#include "around.h"
#include "flow/refund_objection.h"
#include "flow/run_calls.h"
#include "tests/http/raw_server.h"

namespace switchyard {
namespace {

using namespace std::chrono_literals;
using enum AttemptStatus;

HttpRequest build_nothing(const Account&, const Charge&) { return {}; }
Update read_nothing(const Account&, const Charge&, const HttpResponse&) { return {}; }
const Call some_call = {build_nothing, read_nothing};

// Cards are found by their id, its own wallet by our reference.
Adapter two_ways() {
  Adapter adapter{.name = "two_ways", .title = "Two Ways"};
  adapter.offers = {
      {.rail = Rail::card},
      {.rail = Rail::wallet, .kinds = {"own"}, .finds_out_by = FindsOutBy::our_reference}};
  adapter.finds_out_by = FindsOutBy::id;
  adapter.lookup = some_call;
  adapter.lookup_refund = some_call;
  return adapter;
}

const PaymentMethod own_wallet{.rail = Rail::wallet, .kind = "own"};

Attempt refund_attempt(AttemptStatus status = unknown) {
  Attempt refund = charge_attempt(2, status);
  refund.operation = Operation::refund;
  refund.charge_attempt_id = "att_1";
  return refund;
}

// A charge, and a refund of it.
PaymentRecord with_refund() {
  return record_of(PaymentStatus::succeeded, {charge_attempt(1, captured), refund_attempt()});
}

TEST(FoundBy, follows_the_offer_where_it_differs_from_the_adapter) {
  const Adapter adapter = two_ways();
  PaymentRecord record = with_refund();
  EXPECT_EQ(found_by(record, record.attempts[0], adapter), FindsOutBy::id);
  record.payment.method = own_wallet;
  EXPECT_EQ(found_by(record, record.attempts[0], adapter), FindsOutBy::our_reference);
  record.payment.method = PaymentMethod{.rail = Rail::hosted_page};
  EXPECT_EQ(found_by(record, record.attempts[0], adapter), FindsOutBy::id) << "no offer says more";
  record.payment.method.reset();
  EXPECT_EQ(found_by(record, record.attempts[0], adapter), FindsOutBy::id);
}

TEST(FoundBy, of_a_refund_is_the_adapters_whatever_the_offer_of_the_charge_says) {
  Adapter adapter = two_ways();
  PaymentRecord record = with_refund();
  record.payment.method = own_wallet;
  EXPECT_EQ(found_by(record, record.attempts[1], adapter), FindsOutBy::id);
  adapter.refund_finds_out_by = FindsOutBy::same_key_resend;
  EXPECT_EQ(found_by(record, record.attempts[1], adapter), FindsOutBy::same_key_resend);
  EXPECT_EQ(found_by(record, record.attempts[0], adapter), FindsOutBy::our_reference);
}

TEST(FoundBy, decides_whether_what_has_no_id_can_be_looked_up) {
  Adapter adapter = two_ways();
  PaymentRecord record = with_refund();
  EXPECT_FALSE(can_look_up(record, record.attempts[0], adapter));
  EXPECT_FALSE(can_look_up(record, record.attempts[1], adapter));
  record.payment.method = own_wallet;
  EXPECT_TRUE(can_look_up(record, record.attempts[0], adapter));
  EXPECT_FALSE(can_look_up(record, record.attempts[1], adapter));
  adapter.refund_finds_out_by = FindsOutBy::our_reference;
  EXPECT_TRUE(can_look_up(record, record.attempts[1], adapter));
  adapter.lookup_refund = {};
  EXPECT_FALSE(can_look_up(record, record.attempts[1], adapter)) << "there is no call";
  record.payment.method->rail = Rail::card;
  record.attempts[0].provider_reference = "ch_1";
  EXPECT_TRUE(can_look_up(record, record.attempts[0], adapter));
}

// ---- keys

Step step_until(Duration window) {
  Step step = charge_step("att_1");
  step.dedup_until = noon + window;
  return step;
}

TEST(Key, is_used_until_five_minutes_or_a_quarter_of_its_time_before_its_end) {
  EXPECT_EQ(end_of_key(step_until(24h)), noon + 24h - 5min);
  EXPECT_EQ(end_of_key(step_until(20min)), noon + 15min);
  EXPECT_EQ(end_of_key(step_until(20s)), noon + 15s);
  EXPECT_EQ(end_of_key(step_until(0s)), std::nullopt);
}

// A charge at the reference provider, whose keys hold for a day, by a call of its own.
std::vector<Send> charge_by(Around& around, Door& door, const Call& call) {
  Decision decision(door.record, door.changes, noon, {{"kind", "test"}});
  return {add_step(decision, door.record.attempts[0], "create", call, true, Source::answer,
                   around.get())};
}

TEST(Key, holds_as_long_as_its_call_says_else_as_its_adapter_says) {
  struct Case {
    std::optional<std::chrono::seconds> of_call;
    std::optional<Time> leaves_before;
  };
  for (const Case& each : {Case{std::nullopt, noon + 24h - 5min}, Case{20s, noon + 15s},
                           Case{1080h, noon + 1080h - 5min}, Case{0s, std::nullopt}}) {
    Around around;
    Door door(record_of(PaymentStatus::processing, {charge_attempt(1)}));
    Call call = some_call;
    call.dedup_window = each.of_call;
    const std::vector<Send> sends = charge_by(around, door, call);
    EXPECT_EQ(sends[0].leaves_before, each.leaves_before);
    EXPECT_EQ(sends[0].is_keyless, !each.leaves_before.has_value());
    EXPECT_EQ(end_of_key(door.record.steps[0]), each.leaves_before);
  }
}

TEST(Key, of_a_look_matters_to_nobody) {
  Around around;
  Door door(record_of(PaymentStatus::processing, {charge_attempt(1, unknown)}));
  door.record.steps = {step_until(0s)};
  const std::vector<Send> sends = around.look(door, "att_1");
  ASSERT_EQ(sends.size(), 1u);
  EXPECT_EQ(sends[0].name, "lookup");
  EXPECT_FALSE(sends[0].is_keyless) << "it moves nothing, so libcurl may repeat it";
  EXPECT_EQ(sends[0].charge.provider_key, door.record.steps[0].provider_key)
      << "some providers find things by it";
}

TEST(Keyless, is_never_sent_again_however_often_it_is_looked_at) {
  for (const char* name : {"example_keyless", "orange_money"})
    for (int looks = 0; looks < 8; ++looks) {
      Attempt attempt = charge_attempt(1, unknown);
      attempt.lookups = looks;
      PaymentRecord record = record_of(PaymentStatus::processing, {attempt});
      record.payment.method = PaymentMethod{.rail = Rail::hosted_page};
      record.steps = {step_until(0s)};
      EXPECT_NE(plan_look(record, record.attempts[0], *find_adapter(name), noon), Look::send_again)
          << name << " " << looks;
    }
}

// Sends one call there and waits until its outcome has been dealt with.
void send(Around& around, const RawServer& server, bool is_keyless) {
  const Adapter adapter = two_ways();
  const Account account{.id = "shop", .adapter = "two_ways"};
  Send call{.setup = around.setup.get(), .account = &account, .adapter = &adapter};
  call.payment_id = "pay_1";
  call.attempt_id = "att_1";
  call.name = "create";
  call.read = read_nothing;
  call.request = {.method = "POST", .url = server.url(), .body = "pay"};
  call.is_keyless = is_keyless;
  const auto settled = std::make_shared<std::promise<void>>();
  run_calls(around.services, {call}, [settled] { settled->set_value(); });
  ASSERT_EQ(settled->get_future().wait_for(10s), std::future_status::ready);
}

TEST(Keyless, goes_on_a_connection_of_its_own) {
  Around around;
  RawServer server(always(ok("{}")));
  send(around, server, false);
  send(around, server, false);
  EXPECT_EQ(server.connections(), 1);
  send(around, server, true);
  send(around, server, true);
  EXPECT_EQ(server.connections(), 3);
}

// libcurl sends again by itself when a kept connection dies before the first byte of the answer.
TEST(Keyless, is_sent_once_though_the_connection_dies) {
  for (const bool is_keyless : {false, true}) {
    Around around;
    std::atomic<int> copies{0};
    RawServer server([&](RawConnection& connection) {
      while (connection.read_request())
        if (++copies > 1 || !connection.answer("{}")) return;
    });
    send(around, server, false);  // leaves its connection behind
    send(around, server, is_keyless);
    EXPECT_EQ(copies, is_keyless ? 2 : 3);
  }
}

// ---- what speaks against giving money back

struct Refunding {
  std::string adapter;
  PaymentMethod method;
  Json memory = Json::object();
  std::map<std::string, Secret> settings = {};

  std::string objection(std::int64_t amount, Time now = noon) const {
    Around around;
    switchyard::Setup accounts;
    accounts.accounts.emplace("account_1",
                              Account{.id = "account_1", .adapter = adapter, .settings = settings});
    around.setup.put(std::make_shared<const switchyard::Setup>(std::move(accounts)));
    Attempt charge = charge_attempt(1, captured);
    charge.amount_received = 4999;
    charge.memory = memory;
    PaymentRecord record = record_of(PaymentStatus::succeeded, {charge});
    record.payment.method = method;
    return objection_to_refund(record, record.attempts[0], amount, "duplicate", around.get(), now);
  }
};

PaymentMethod wallet(const std::string& kind) { return {.rail = Rail::wallet, .kind = kind}; }

TEST(RefundObjection, is_none_where_any_part_can_go_back) {
  const Refunding example{"example", {.rail = Rail::card, .token = "tok_1"}};
  EXPECT_EQ(example.objection(4999), "");
  EXPECT_EQ(example.objection(1), "");
}

TEST(RefundObjection, is_that_this_way_of_paying_has_no_way_back) {
  const Refunding transfer{"xendit", {.rail = Rail::manual_transfer}};
  EXPECT_EQ(transfer.objection(4999),
            "Xendit cannot give back what was paid this way; give the money back by hand.");
}

TEST(RefundObjection, is_that_only_the_whole_goes_back) {
  const Refunding linkaja{"xendit", wallet("linkaja")};
  EXPECT_EQ(linkaja.objection(4998), "Xendit refunds only the whole amount.");
  EXPECT_EQ(linkaja.objection(4999), "");
}

TEST(RefundObjection, is_that_it_is_too_late) {
  const Refunding dana{"xendit", wallet("dana")};
  EXPECT_EQ(dana.objection(1, noon + 30 * 24h), "");
  EXPECT_EQ(dana.objection(1, noon + 30 * 24h + 1s),
            "Xendit gives money back only within 30 days.");
}

TEST(RefundObjection, may_be_the_adapters_own) {
  const std::string why =
      "PayPal has not said yet by which capture it took this money; try again later";
  EXPECT_EQ((Refunding{"paypal", wallet("paypal")}.objection(4999)), why);
  EXPECT_EQ((Refunding{"paypal", wallet("paypal"), {{"capture_id", "2GG279541U471931P"}}}.objection(
                4999)),
            "");
}

// Late money goes back by itself, or a person is told why it does not.
TEST(RefundObjection, leaves_late_money_to_a_person) {
  Around around;
  switchyard::Setup accounts;
  accounts.accounts.emplace("account_1", Account{.id = "account_1", .adapter = "paypal"});
  around.setup.put(std::make_shared<const switchyard::Setup>(std::move(accounts)));
  Attempt charge = charge_attempt(1, captured);
  charge.amount_received = 4999;
  Door door(record_of(PaymentStatus::succeeded, {charge}));
  door.record.payment.method = wallet("paypal");
  const Wishes give_back = {{Wish::Kind::give_back, "att_1", "late_money"}};
  EXPECT_TRUE(around.grant(door, give_back).empty());
  EXPECT_TRUE(door.record.refunds.empty());
  ASSERT_EQ(door.changes.anomalies.size(), 1u);
  EXPECT_EQ(door.changes.anomalies[0].what, "must be refunded by hand");

  door.record.attempts[0].memory = {{"capture_id", "2GG279541U471931P"}};
  const std::vector<Send> sends = around.grant(door, give_back);
  ASSERT_EQ(sends.size(), 1u);
  EXPECT_EQ(sends[0].name, "refund");
  EXPECT_EQ(sends[0].leaves_before, noon + 45 * 24h - 5min) << "its key holds for 45 days";
}

}  // namespace
}  // namespace switchyard
