// Who looks after what: nobody is starved, and heartbeats wait for nobody.
#include <gtest/gtest.h>

#include <future>

#include "base/id.h"
#include "postgres.h"
#include "store/idempotency_keys.h"
#include "store/payments.h"
#include "store/query.h"
#include "store/writer.h"

namespace switchyard {
namespace {

class LeasesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    run_sql("INSERT INTO merchants (id, name) VALUES ('mer_a', 'A')");
    payment.id = new_id("pay");
    payment.merchant_id = "mer_a";
    payment.money = {4999, *find_currency("USD")};
    payment.created_at = payment.updated_at = clock.now();
    payment.expires_at = clock.now() - std::chrono::hours(1);
  }

  void run_sql(const std::string& sql) {
    ASSERT_TRUE(database.write([&](Transaction& transaction) -> Result<void> {
      transaction.exec(sql);
      return {};
    }));
  }

  Result<void> save(const std::function<void(Draft&)>& more) {
    return writer.write({.decide = [&](Draft& draft) -> Result<void> {
      draft.has_record = true;
      draft.record.payment = payment;
      more(draft);
      return {};
    }});
  }

  // Runs `act` while another session has locked the rows of `sql`.
  Result<void> while_locked(const std::string& sql, const std::function<Result<void>()>& act) {
    Result<void> acted;
    const auto locked = Connection(url).write([&](Transaction& transaction) -> Result<void> {
      transaction.exec(sql);
      acted = act();
      return {};
    });
    EXPECT_TRUE(locked);
    return acted;
  }

  SystemClock clock;
  Metrics metrics;
  Sealer sealer{Secret(std::string(32, 'k'))};
  Secret url = testing::fresh_database();
  Database database{url, 4};
  Writer writer{url, sealer, clock, metrics};
  Payment payment;
};

TEST_F(LeasesTest, payments_that_are_being_canceled_do_not_stand_in_the_way_of_expiry) {
  payment.status = PaymentStatus::requires_action;
  payment.cancel_requested = true;
  ASSERT_TRUE(save([](Draft&) {}));
  EXPECT_EQ(*due_for_expiry(database, 100), std::vector<std::string>{});
  run_sql("UPDATE payments SET cancel_requested = false");
  EXPECT_EQ(*due_for_expiry(database, 100), std::vector<std::string>{payment.id});
}

TEST_F(LeasesTest, a_provider_that_answers_nobody_leaves_room_for_the_others) {
  ASSERT_TRUE(save([&](Draft& draft) {
    for (const char* account : {"dead", "alive"}) {
      Attempt attempt{.id = new_id("att"), .payment_id = payment.id, .merchant_id = "mer_a"};
      attempt.number = static_cast<int>(draft.record.attempts.size()) + 1;
      attempt.account = account;
      attempt.money = payment.money;
      attempt.status = AttemptStatus::expired;  // any of which a payment may have several
      attempt.created_at = attempt.updated_at = clock.now();
      draft.record.attempts.push_back(attempt);
      draft.changes.leases.push_back(
          {attempt.id, payment.id, account, LeaseChange::Kind::release, {}});
    }
  }));
  const auto claimed = claim_due_attempts(database, 10, {"dead"});
  ASSERT_TRUE(claimed);
  ASSERT_EQ(claimed->size(), 1u);
  EXPECT_EQ(claimed->front().account, "alive");
  EXPECT_EQ(claim_due_attempts(database, 10, {})->size(), 1u);
}

TEST_F(LeasesTest, an_account_that_answers_again_is_asked_about_its_doubt_and_nothing_else) {
  const auto add = [&](Draft& draft, const char* account, AttemptStatus status,
                       LeaseChange::Kind kind) {
    Attempt attempt{.id = new_id("att"), .payment_id = payment.id, .merchant_id = "mer_a"};
    attempt.number = static_cast<int>(draft.record.attempts.size()) + 1;
    attempt.account = account;
    attempt.operation = Operation::refund;  // of which a payment may have several in doubt
    attempt.money = payment.money;
    attempt.status = status;
    attempt.created_at = attempt.updated_at = clock.now();
    draft.record.attempts.push_back(attempt);
    draft.changes.leases.push_back({attempt.id, payment.id, account, kind, std::chrono::hours(1)});
  };
  ASSERT_TRUE(save([&](Draft& draft) {
    add(draft, "back", AttemptStatus::unknown, LeaseChange::Kind::release);
    add(draft, "back", AttemptStatus::unknown, LeaseChange::Kind::release);
    add(draft, "back", AttemptStatus::unknown, LeaseChange::Kind::hold);
    add(draft, "back", AttemptStatus::requires_action, LeaseChange::Kind::release);
    add(draft, "away", AttemptStatus::unknown, LeaseChange::Kind::release);
  }));
  EXPECT_TRUE(claim_due_attempts(database, 10, {})->empty());
  EXPECT_EQ(*hurry_attempts(database, "back", 1), 1);
  EXPECT_EQ(*hurry_attempts(database, "back", 10), 1);
  EXPECT_EQ(*hurry_attempts(database, "back", 10), 0);
  EXPECT_EQ(claim_due_attempts(database, 10, {})->size(), 2u);
}

TEST_F(LeasesTest, a_heartbeat_passes_over_the_attempt_that_the_writer_settles) {
  Attempt attempt{.id = new_id("att"), .payment_id = payment.id, .merchant_id = "mer_a"};
  attempt.account = "acc";
  attempt.money = payment.money;
  attempt.created_at = attempt.updated_at = clock.now();
  ASSERT_TRUE(save([&](Draft& draft) {
    draft.record.attempts.push_back(attempt);
    draft.changes.leases.push_back({attempt.id, payment.id, "acc", LeaseChange::Kind::hold, {}});
  }));
  EXPECT_TRUE(while_locked("SELECT 1 FROM leases FOR UPDATE",
                           [&] { return extend_leases(database, {attempt.id}); }));
}

TEST_F(LeasesTest, a_heartbeat_passes_over_the_key_that_the_writer_finishes) {
  const KeyClaim claim{
      .merchant_id = "mer_a", .key_hash = "hash", .fingerprint = "f", .request_id = "req_1"};
  ASSERT_TRUE(writer.write({.decide = [](Draft&) -> Result<void> { return {}; }, .claim = claim}));
  EXPECT_TRUE(while_locked("SELECT 1 FROM idempotency_keys FOR UPDATE",
                           [&] { return extend_keys(database, {claim}); }));
  run_sql("UPDATE idempotency_keys SET lease_until = now() - interval '1 second'");
  EXPECT_TRUE(extend_keys(database, {claim}));
  EXPECT_FALSE((*find_key(database, sealer, "mer_a", Mode::test, claim.key_hash))->lease_is_over);
}

TEST_F(LeasesTest, a_command_that_throws_fails_alone) {
  std::promise<Result<void>> bad;
  std::promise<void> release;
  // Holds the writer, so that what follows is committed together.
  writer.submit({.decide = [&](Draft&) -> Result<void> {
    release.get_future().wait();
    return {};
  }});
  writer.submit({.decide = [](Draft&) -> Result<void> { throw std::runtime_error("a library's"); },
                 .done = [&](Result<void> outcome) { bad.set_value(outcome); }});
  std::promise<Result<void>> good;
  writer.submit({.decide = [&](Draft& draft) -> Result<void> {
                   draft.has_record = true;
                   draft.record.payment = payment;
                   return {};
                 },
                 .done = [&](Result<void> outcome) { good.set_value(outcome); }});
  release.set_value();
  EXPECT_EQ(bad.get_future().get().error().code, ErrorCode::internal);
  EXPECT_TRUE(good.get_future().get());
}

}  // namespace
}  // namespace switchyard
