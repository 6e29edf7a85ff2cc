// One simulated provider: executes what reaches it, answers, lets payers act, and tells by webhook.
#pragma once

#include <map>
#include <string>

#include "http/message.h"
#include "ledger.h"
#include "swarm.h"

namespace switchyard::sim {

class World;

class Provider {
 public:
  Provider(World& world, std::string account);

  // Executes a request that has arrived, whatever becomes of the answer.
  HttpResponse receive(const HttpRequest& request);
  // A charge that the provider closed or refused for good cannot take money any more.
  bool can_still_charge(const std::string& reference);

  const std::string account;
  Ledger ledger;
  Time out_of_order_until{};

 private:
  struct KeyRow {
    std::string body;
    HttpResponse answer;
    Time at{};
  };
  HttpResponse execute(const HttpRequest& request, std::string_view path);
  HttpResponse charge(const HttpRequest& request);
  HttpResponse capture(const HttpRequest& request);
  HttpResponse refund(const HttpRequest& request);
  HttpResponse cancel(std::string_view query);
  HttpResponse look(std::string_view query);
  HttpResponse look_at_refund(std::string_view query);
  void decide(LedgerCharge& charge, bool is_shown);
  void settle(LedgerCharge& charge);
  void take(LedgerCharge& charge);
  void refuse(LedgerCharge& charge);
  void let_payer_act(const std::string& id);
  void end_of_page(const std::string& id);
  void settle_refund(LedgerRefund& refund);
  void change(LedgerCharge& charge, State state);
  void tell(const LedgerCharge& charge);
  void tell(const LedgerRefund& refund);
  void lie_later(const std::string& id);
  std::string text_of(const LedgerCharge& charge, State state);
  std::string text_of(const LedgerRefund& refund) const;
  bool is(std::string_view name) const { return account == name; }

  World& world_;
  std::map<std::string, KeyRow> keys_;
  int count_ = 0;
};

}  // namespace switchyard::sim
