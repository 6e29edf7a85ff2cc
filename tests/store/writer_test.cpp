#include "store/writer.h"

#include <signal.h>

#include <future>

#include "domain/describe.h"
#include "store/events.h"
#include "store/merchants.h"
#include "writer_fixture.h"

namespace switchyard {
namespace {

TEST_F(WriterTest, tells_the_databases_time_before_it_decides) {
  std::optional<Time> heard;
  bool was_heard_first = false;
  writer.on_time([&](Time now) { heard = now; });
  ASSERT_TRUE(writer.write({.decide = [&](Draft&) -> Result<void> {
    was_heard_first = heard.has_value();
    return {};
  }}));
  ASSERT_TRUE(was_heard_first);
  EXPECT_LT(std::chrono::abs(*heard - *database.time()), std::chrono::minutes(1));
}

TEST_F(WriterTest, saves_a_payment_with_its_event_and_reads_the_same_back) {
  Payment payment = new_payment();
  payment.method = PaymentMethod{.rail = Rail::card, .token = "tok_secret"};
  payment.metadata = {{"quote", "\"\\{},'"}, {"ż", "€"}};
  payment.next_action = {{"type", "redirect"}};
  payment.last_error = LastError{"card_declined", "no", "try_another_method", "a", "05"};
  payment.route = {{"account", "rule", "because", 1}};
  ASSERT_TRUE(writer.write(creation(payment)));
  const auto found = find_payment(database, sealer, payment.id);
  ASSERT_TRUE(found && *found);
  payment.sequence = 1;
  payment.previous_event = (*found)->payment.previous_event;
  EXPECT_EQ((*found)->payment, payment);
  EXPECT_EQ(value("SELECT count(*) FROM payments WHERE sealed_token LIKE '%tok_secret%'"), "0");
}

TEST_F(WriterTest, gives_positions_without_gaps_a_merchant_and_sequences_a_payment) {
  std::vector<std::future<Result<void>>> done;
  for (int i = 0; i < 200; ++i)
    done.push_back(std::async(std::launch::async, [&, i] {
      return writer.write(creation(new_payment(i % 2 ? "mer_a" : "mer_b")));
    }));
  for (auto& each : done) EXPECT_TRUE(each.get());
  EXPECT_EQ(value("SELECT count(*) FROM (SELECT position, row_number() OVER (PARTITION BY "
                  "merchant_id, mode ORDER BY position) n FROM events) x WHERE position <> n"),
            "0");
  EXPECT_EQ(value("SELECT max(position) FROM events WHERE merchant_id = 'mer_a'"), "100");
  EXPECT_EQ(value("SELECT count(*) FROM events WHERE (body::jsonb->>'position')::bigint <> "
                  "position OR (body::jsonb->>'sequence')::int <> sequence"),
            "0");
}

TEST_F(WriterTest, runs_commands_about_one_payment_one_after_the_other) {
  const Payment payment = new_payment();
  ASSERT_TRUE(writer.write(creation(payment)));
  std::vector<std::future<Result<void>>> done;
  for (int i = 0; i < 100; ++i)
    done.push_back(std::async(std::launch::async, [&] {
      Command command{.payment_id = payment.id};
      command.decide = [](Draft& draft) -> Result<void> {
        draft.record.payment.confirmation += 1;
        draft.changes.events.push_back(event_of(draft.record.payment, "payment.processing"));
        return {};
      };
      return writer.write(std::move(command));
    }));
  for (auto& each : done) EXPECT_TRUE(each.get());
  EXPECT_EQ((*find_payment(database, sealer, payment.id))->payment.confirmation, 100);
  EXPECT_EQ(
      value(
          "SELECT count(*) FROM events e WHERE sequence > 1 AND body::jsonb->>'previous' = (SELECT "
          "id FROM events p WHERE p.payment_id = e.payment_id AND p.sequence = e.sequence - 1)"),
      "100");
}

TEST_F(WriterTest, drops_only_the_command_that_the_database_refuses) {
  std::vector<std::future<Result<void>>> good;
  Payment bad = new_payment("mer_nobody");
  for (int i = 0; i < 20; ++i)
    good.push_back(
        std::async(std::launch::async, [&] { return writer.write(creation(new_payment())); }));
  EXPECT_EQ(writer.write(creation(bad)).error().code, ErrorCode::internal);
  for (auto& each : good) EXPECT_TRUE(each.get());
  EXPECT_EQ(value("SELECT count(*) FROM payments"), "20");
}

TEST_F(WriterTest, keeps_one_payment_an_external_id_and_nothing_of_the_loser) {
  Payment first = new_payment();
  first.external_id = "order_1";
  Payment second = new_payment();
  second.external_id = "order_1";
  ASSERT_TRUE(writer.write(creation(first)));
  EXPECT_EQ(writer.write(creation(second)).error().code, ErrorCode::external_id_conflict);
  EXPECT_EQ(value("SELECT count(*) FROM payments"), "1");
  EXPECT_EQ(value("SELECT count(*) FROM events"), "1");
  EXPECT_EQ(value("SELECT position FROM event_counters"), "1");
}

TEST_F(WriterTest, finishes_a_key_with_its_claim_unless_the_payment_is_refused) {
  Payment payment = new_payment();
  payment.external_id = "order_1";
  ASSERT_TRUE(writer.write(creation(payment)));
  const auto create_with_key = [&](Payment wanted, const std::string& key) {
    Command command;
    command.claim = KeyClaim{.merchant_id = "mer_a",
                             .key_hash = key,
                             .fingerprint = "f",
                             .object_id = wanted.id,
                             .request_id = "req_" + key};
    command.decide = [wanted](Draft& draft) -> Result<void> {
      draft.has_record = true;
      draft.record.payment = wanted;
      draft.answer = KeyAnswer{.status = 201, .content_type = "text/plain", .body = "made"};
      return {};
    };
    return writer.write(std::move(command));
  };
  EXPECT_TRUE(create_with_key(new_payment(), "kept"));
  Payment same = new_payment();
  same.external_id = "order_1";
  EXPECT_EQ(create_with_key(same, "refused").error().code, ErrorCode::external_id_conflict);

  const auto kept = find_key(database, sealer, "mer_a", Mode::test, "kept");
  ASSERT_TRUE(kept && *kept && (*kept)->answer);
  EXPECT_TRUE((*kept)->is_finished);
  EXPECT_EQ((*kept)->answer->body, "made");
  // Its owner still has an answer to give: that the payment exists.
  const auto refused = find_key(database, sealer, "mer_a", Mode::test, "refused");
  ASSERT_TRUE(refused && *refused);
  EXPECT_FALSE((*refused)->is_finished);
  EXPECT_FALSE((*refused)->answer);
  EXPECT_EQ((*refused)->object_id, same.id);
}

TEST_F(WriterTest, lets_one_claim_of_a_key_win) {
  std::vector<std::future<Result<void>>> done;
  for (int i = 0; i < 30; ++i)
    done.push_back(std::async(std::launch::async, [&, i] {
      Command command = creation(new_payment());
      command.claim = KeyClaim{.merchant_id = "mer_a",
                               .key_hash = "hash",
                               .fingerprint = "f",
                               .request_id = "req_" + std::to_string(i)};
      return writer.write(std::move(command));
    }));
  int won = 0;
  for (auto& each : done) won += each.get().has_value();
  EXPECT_EQ(won, 1);
  EXPECT_EQ(value("SELECT count(*) FROM payments"), "1");
}

Attempt attempt_of(const Payment& payment, int number, AttemptStatus status) {
  Attempt a{.id = new_id("att"), .payment_id = payment.id, .merchant_id = payment.merchant_id};
  a.number = number;
  a.account = "acc";
  a.status = status;
  a.money = payment.money;
  a.created_at = a.updated_at = payment.created_at;
  return a;
}

TEST_F(WriterTest, cannot_be_made_to_start_two_live_charges) {
  const Payment payment = new_payment();
  ASSERT_TRUE(writer.write(creation(payment)));
  const auto add = [&](int number, AttemptStatus status) {
    Command command{.payment_id = payment.id};
    command.decide = [&payment, number, status](Draft& draft) -> Result<void> {
      draft.record.attempts.push_back(attempt_of(payment, number, status));
      return {};
    };
    return writer.write(std::move(command));
  };
  EXPECT_TRUE(add(1, AttemptStatus::sending));
  EXPECT_FALSE(add(2, AttemptStatus::sending));
  EXPECT_TRUE(add(2, AttemptStatus::refused));
}

TEST_F(WriterTest, D6_cannot_be_made_to_refund_more_than_was_received_or_to_turn_an_attempt_back) {
  const Payment payment = new_payment();
  ASSERT_TRUE(writer.write(creation(payment)));
  const auto change = [&](const std::function<void(PaymentRecord&)>& how) {
    Command command{.payment_id = payment.id};
    command.decide = [how](Draft& draft) -> Result<void> {
      how(draft.record);
      return {};
    };
    return writer.write(std::move(command));
  };
  ASSERT_TRUE(change([&](PaymentRecord& r) {
    Attempt a = attempt_of(payment, 1, AttemptStatus::captured);
    a.amount_received = 4999;
    r.attempts.push_back(a);
  }));
  EXPECT_TRUE(change([](PaymentRecord& r) { r.attempts[0].amount_refunding = 4999; }));
  EXPECT_FALSE(change([](PaymentRecord& r) { r.attempts[0].amount_refunding = 5000; }));
  EXPECT_FALSE(change([](PaymentRecord& r) { r.attempts[0].status = AttemptStatus::unknown; }));
  EXPECT_TRUE(change([](PaymentRecord& r) { r.attempts[0].amount_refunded_elsewhere = 9999; }));
}

TEST_F(WriterTest, hands_a_webhook_on_once_however_often_it_comes) {
  std::atomic<int> handed_on{0};
  writer.on_webhooks([&](const ReceivedWebhook&) { ++handed_on; });
  for (const char* id : {"whk_1", "whk_2"}) {
    ReceivedWebhook webhook{.id = id, .account = "acc", .proof = "verified"};
    webhook.provider_event_id = "evt_of_theirs";
    webhook.received_at = clock.now();
    webhook.is_ours = true;
    ASSERT_TRUE(writer.write({.decide = [&](Draft& draft) -> Result<void> {
      draft.webhooks_received.push_back(webhook);
      return {};
    }}));
  }
  EXPECT_EQ(handed_on, 1);
  EXPECT_EQ(value("SELECT count(*) FROM provider_webhooks"), "1");
  EXPECT_EQ(claim_webhooks(database, sealer, 10)->size(), 0u) << "it is leased to who received it";
}

TEST_F(WriterTest, says_that_a_payment_does_not_exist) {
  Command command{.payment_id = "pay_none"};
  command.decide = [](Draft&) -> Result<void> { return {}; };
  EXPECT_EQ(writer.write(std::move(command)).error().code, ErrorCode::not_found);
}

TEST_F(WriterTest, waits_for_rows_that_another_router_holds_without_stalling_others) {
  const Payment held = new_payment();
  ASSERT_TRUE(writer.write(creation(held)));
  std::promise<void> release;
  std::promise<void> locked;
  auto other = std::async(std::launch::async, [&] {
    return Connection(url).write([&](Transaction& transaction) -> Result<void> {
      transaction.exec_params("SELECT 1 FROM payments WHERE id = $1 FOR UPDATE", held.id);
      locked.set_value();
      release.get_future().wait();
      return {};
    });
  });
  locked.get_future().wait();
  std::promise<Result<void>> changed;
  Command command{.payment_id = held.id};
  command.decide = [](Draft& draft) -> Result<void> {
    draft.record.payment.description = "changed";
    return {};
  };
  command.done = [&](Result<void> outcome) { changed.set_value(outcome); };
  writer.submit(std::move(command));
  EXPECT_TRUE(writer.write(creation(new_payment())));
  release.set_value();
  EXPECT_TRUE(other.get());
  EXPECT_TRUE(changed.get_future().get());
  EXPECT_EQ((*find_payment(database, sealer, held.id))->payment.description, "changed");
}

TEST_F(WriterTest, settles_a_commit_whose_connection_was_cut) {
  // Backends are terminated while commits run; each command must then be there once or be said to
  // have failed, never both and never twice.
  std::atomic<bool> is_over{false};
  auto cutter = std::async(std::launch::async, [&] {
    while (!is_over) {
      (void)database.write([](Transaction& transaction) -> Result<void> {
        transaction.exec(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = "
            "current_database() AND pid <> pg_backend_pid() AND query LIKE 'COMMIT%'");
        return {};
      });
      std::this_thread::sleep_for(std::chrono::milliseconds(3));
    }
  });
  int said_done = 0;
  for (int i = 0; i < 150; ++i) said_done += writer.write(creation(new_payment())).has_value();
  is_over = true;
  cutter.get();
  EXPECT_EQ(value("SELECT count(*) FROM payments"), std::to_string(said_done));
  EXPECT_EQ(value("SELECT count(*) FROM events"), std::to_string(said_done));
}

}  // namespace
}  // namespace switchyard
