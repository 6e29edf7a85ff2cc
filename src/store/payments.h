// Payments as they are read: one by one, as lists, and with their whole story. Their records are
// without steps, which hold what was sent and are read by who decides what to send next.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/crypto.h"
#include "domain/record.h"
#include "store/database.h"

namespace switchyard {

Result<std::optional<PaymentRecord>> find_payment(Database&, const Sealer&, const std::string& id);
// Nullopt for another merchant's or mode's as for one that does not exist.
Result<std::optional<PaymentRecord>> find_payment(Database&, const Sealer&,
                                                  const std::string& merchant_id, Mode,
                                                  const std::string& id);
Result<std::optional<PaymentRecord>> find_payment_by_external_id(Database&, const Sealer&,
                                                                 const std::string& merchant_id,
                                                                 Mode,
                                                                 const std::string& external_id);

struct PaymentFilter {
  std::string merchant_id;
  Mode mode = Mode::test;
  std::string external_id = {};
  std::string customer_id = {};
  std::string status = {};
  std::string provider = {};  // an account that was tried
  std::string method = {};
  std::optional<Time> created_after = {};
  std::optional<Time> created_before = {};
  Metadata metadata = {};
  std::string after = {};   // cursor: newest first, what comes after this id
  std::string before = {};  // cursor: what comes before it
  int limit = 25;
};
struct PaymentPage {
  std::vector<PaymentRecord> payments = {};
  bool has_more = false;
};
Result<PaymentPage> list_payments(Database&, const Sealer&, const PaymentFilter&);

// The attempt a provider's message is about: by our own reference, else by the provider's.
struct AttemptPlace {
  std::string attempt_id;
  std::string payment_id;
  std::string account;
};
Result<std::optional<AttemptPlace>> find_attempt_place(Database&, const std::string& attempt_id);
Result<std::optional<AttemptPlace>> find_attempt_place(Database&, const std::string& account,
                                                       const std::string& provider_reference);

// Everything that happened to a payment, oldest first, for its timeline: events, attempts' steps,
// webhooks and deliveries are gathered by the caller's query kinds.
struct TimelineEntry {
  Time at{};
  std::string kind;  // attempt | call | event | delivery | webhook | anomaly
  Json details;
};
Result<std::vector<TimelineEntry>> payment_timeline(Database&, const std::string& payment_id);

// Ids of payments whose time has run out and for which nobody has asked to close them yet.
Result<std::vector<std::string>> due_for_expiry(Database&, int most);

// Leases: attempts that are due and whose holder, if any, is gone; leased to the caller.
struct DueAttempt {
  std::string attempt_id;
  std::string payment_id;
  std::string account;
  std::int64_t lease_token = 0;
};
Result<std::vector<DueAttempt>> claim_due_attempts(Database&, int most,
                                                   const std::vector<std::string>& but_of);
Result<void> extend_leases(Database&, const std::vector<std::string>& attempt_ids);
// Makes attempts in doubt at this account due at once, those that are due soonest first and `most`
// in all, unless somebody holds them. How many.
Result<int> hurry_attempts(Database&, const std::string& account, int most);
// Counts for the metrics page, by account.
struct WaitingCount {
  std::string account;
  std::int64_t count = 0;
  double oldest_sec = 0;
};
Result<std::vector<WaitingCount>> count_waiting_attempts(Database&);
Result<std::vector<std::pair<std::string, std::int64_t>>> unmapped_codes(
    Database&, const std::string& account);
Result<std::optional<BankReference>> find_bank_reference(Database&, const std::string& account,
                                                         Mode, const std::string& reference);

}  // namespace switchyard
