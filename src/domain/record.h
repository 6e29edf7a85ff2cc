// A payment with all that belongs to it, as it is loaded under its lock, and what a decision about
// it adds besides: events, journal lines, anomalies. Decisions are pure; the writer saves them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domain/attempt.h"
#include "domain/customer.h"
#include "domain/event.h"
#include "domain/payment.h"
#include "domain/refund.h"

namespace switchyard {

struct PaymentRecord {
  Payment payment;
  std::vector<Attempt> attempts = {};  // by number
  std::vector<Step> steps = {};        // by attempt, then number
  std::vector<Refund> refunds = {};    // by id
  std::optional<Customer> customer = {};

  Attempt* find_attempt(std::string_view id);
  const Attempt* find_attempt(std::string_view id) const;
  Refund* find_refund(std::string_view id);
  Step* find_step(std::string_view id);
  Step* latest_step(std::string_view attempt_id);
  // The charge that is live and not late; null when there is none.
  Attempt* live_charge();
  const Attempt* live_charge() const;
};

// Half of a money fact: the lines of one entry sum to zero.
struct JournalLine {
  std::string id;
  std::string entry;
  std::string merchant_id;
  Mode mode = Mode::test;
  std::string payment_id;
  std::string attempt_id;
  std::string book;  // "provider:stripe_us", "merchant:mer_…"
  std::string what;  // captured | refunded | refund_returned
  Money money;       // above zero: the book gains
  Time created_at{};
};

// What a provider said that does not fit: kept and shown, never applied and never dropped.
struct Anomaly {
  std::string id;
  std::string merchant_id = {};
  std::string payment_id = {};
  std::string attempt_id = {};
  std::string account = {};
  std::string what = {};
  Json details = Json::object();
  Time created_at{};
};

// Who has to look after an attempt, and when. Relative to the database's clock.
struct LeaseChange {
  std::string attempt_id;
  std::string payment_id;
  std::string account;
  enum class Kind { hold, release, drop } kind = Kind::release;
  std::chrono::milliseconds due_in{0};  // release: when somebody should look next
};

struct BankReference {
  std::string account;
  Mode mode = Mode::test;
  std::string reference;
  std::string payment_id;
  std::int64_t amount = 0;
  Time received_at{};
  Time created_at{};
};

struct UnmappedCode {
  std::string account;
  std::string code;
};

struct Changes {
  std::vector<NewEvent> events = {};
  std::vector<JournalLine> journal = {};
  std::vector<Anomaly> anomalies = {};
  std::vector<LeaseChange> leases = {};
  std::vector<BankReference> bank_references = {};
  std::vector<UnmappedCode> unmapped_codes = {};
};

}  // namespace switchyard
