// A payment on its way, for tests of pure decisions.
#pragma once

#include <gtest/gtest.h>

#include "flow/record_operation.h"
#include "flow/record_update.h"

namespace switchyard {

inline const Time noon = from_unix_seconds(1'790'000'000);

inline Attempt charge_attempt(int number, AttemptStatus status = AttemptStatus::sending) {
  Attempt a{.id = "att_" + std::to_string(number), .payment_id = "pay_1", .merchant_id = "mer_1"};
  a.number = number;
  a.account = "account_" + std::to_string(number);
  a.status = status;
  a.money = {4999, *find_currency("USD")};
  a.rank = number;
  a.created_at = a.updated_at = noon;
  return a;
}

inline PaymentRecord record_of(PaymentStatus status, std::vector<Attempt> attempts) {
  PaymentRecord record;
  record.payment.id = "pay_1";
  record.payment.merchant_id = "mer_1";
  record.payment.status = status;
  record.payment.money = {4999, *find_currency("USD")};
  record.payment.method = PaymentMethod{.rail = Rail::card, .token = "tok_1"};
  record.payment.confirmation = 1;
  record.payment.route = {{"account_1", "rule", "first of use", 1},
                          {"account_2", "rule", "second of use", 2}};
  if (is_final(status)) record.payment.finished_at = noon;
  record.attempts = std::move(attempts);
  return record;
}

// Applies updates one after the other to a record and remembers what came of them.
class Door {
 public:
  explicit Door(PaymentRecord start) : record(std::move(start)) {}

  Wishes say(const std::string& attempt_id, Update update, Source source = Source::answer,
             bool has_lookup = true) {
    Decision decision(record, changes, noon, {{"kind", "test"}});
    Wishes wishes;
    record_update(decision, *record.find_attempt(attempt_id), update, source, policies, has_lookup,
                  wishes);
    return wishes;
  }

  std::vector<std::string> events() const {
    std::vector<std::string> types;
    for (const NewEvent& event : changes.events) types.push_back(event.type);
    return types;
  }
  std::int64_t journal_sum() const {
    std::int64_t sum = 0;
    for (const JournalLine& line : changes.journal) sum += line.money.amount;
    return sum;
  }
  PaymentStatus status() const { return record.payment.status; }
  AttemptStatus status_of(const std::string& id) const { return record.find_attempt(id)->status; }

  PaymentRecord record;
  Changes changes;
  Policies policies;
};

inline bool wishes_for(const Wishes& wishes, Wish::Kind kind) {
  for (const Wish& wish : wishes)
    if (wish.kind == kind) return true;
  return false;
}

}  // namespace switchyard
