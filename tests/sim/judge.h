// What must hold, asked at every commit, at every execution of a provider, and when a world ends.
// It compares the books with the ledgers and asks no code of the router what is allowed.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "http/message.h"
#include "ledger.h"
#include "store.h"

namespace switchyard::sim {

struct Violation {
  std::string payment_id;
  std::string invariant;  // as the reliability page names it
  std::string what;
};

class Judge {
 public:
  explicit Judge(World& world) : world_(world) {}

  // Before anybody can see the change.
  void committed(const PaymentRecord& before, const Draft& draft, const Row& row);
  // A request leaves a router; a copy of it has arrived, or never will.
  void sent(const HttpRequest& request, const std::string& account);
  void arrived(const HttpRequest& request);
  void charge_executed(const LedgerCharge& charge);
  void refund_refused(const LedgerCharge& charge, std::int64_t amount);
  void end();

  const std::vector<Violation>& violations() const { return violations_; }
  void find(const std::string& payment_id, std::string invariant, std::string what);

 private:
  struct Sent {
    std::string attempt_id;
    std::string url;
    std::string body;
    int copies = 0;
  };
  void check_attempts(const PaymentRecord& before, const PaymentRecord& after);
  void check_charge(const Attempt* before, const Attempt& after, const PaymentRecord& record);
  void check_closing(const Attempt& attempt);
  void check_sums(const PaymentRecord& after, const Row& row);
  void check_payment(const PaymentRecord& before, const Draft& draft);
  void check_events(const PaymentRecord& before, const Draft& draft);
  void end_payment(const PaymentRecord& record);
  void end_charge(const PaymentRecord& record, const Attempt& attempt);
  void end_refund(const PaymentRecord& record, const Attempt& attempt);
  void end_doubt(const PaymentRecord& record);
  void end_ledgers();
  bool has_lied(const PaymentRecord& record) const;

  World& world_;
  std::map<std::string, Sent> keys_;
  std::map<std::string, int> charges_under_way_;  // by reference
  std::vector<Violation> violations_;
};

}  // namespace switchyard::sim
