// What Xendit gives back: one refund at a time, to channels that can take it, done a little later.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "adapters/xendit/simulator_webhooks.h"

namespace switchyard::sandbox::xendit_simulator {

// Not safe by itself: the simulator's mutex guards it, and is taken for what happens later.
class Refunds {
 public:
  Refunds(World& world, std::mutex& mutex, Hooks& hooks, std::map<std::string, Payable>& payables)
      : world_(world), mutex_(mutex), hooks_(hooks), payables_(payables) {}

  Reply create(const Json& body, const std::string& mode) {
    if (!is_listed("FRAUDULENT,DUPLICATE,REQUESTED_BY_CUSTOMER,CANCELLATION,OTHERS",
                   text_at(body, "reason")))
      return invalid("reason", "reason is required");
    std::string id = text_at(body, "payment_request_id");
    if (id.empty()) id = text_at(body, "invoice_id");
    const auto found = payables_.find(id);
    if (found == payables_.end() || found->second.mode != mode)
      return failure(404, "DATA_NOT_FOUND", "Payment not found.");
    Payable& paid = found->second;
    const std::int64_t left = paid.paid - paid.refund_asked;
    const auto asked = smallest_unit(decimal_at(body, "amount"), decimals_of(paid.currency));
    if (!asked && !member_at(body, "amount").is_null())
      return failure(400, "INVALID_VALUE_ERROR", "The amount is none.");
    const std::int64_t amount = asked.value_or(left);
    if (const Reply refusal = refusal_of(paid, amount, left); refusal.status != 0) return refusal;
    const std::string reference = text_at(body, "reference_id");
    if (!reference.empty() && !references_.insert(mode + " " + reference).second)
      return failure(409, "DUPLICATE_ERROR", "The reference_id was used before.");
    Refund refund = {.id = "rfd-" + new_uuid(), .mode = mode, .payable_id = id};
    refund.reference = reference;
    refund.currency = paid.currency;
    refund.reason = text_at(body, "reason");
    refund.created = refund.updated = time_text(world_.unix_time());
    refund.amount = amount;
    refund.metadata = member_at(body, "metadata");
    paid.refund_asked += amount;
    paid.is_refunding = true;
    refunds_[refund.id] = refund;
    order_.push_back(refund.id);
    finish_later(refund.id);
    return answer(200, json_of(refund));
  }

  Reply read(const std::string& id, const std::string& mode) {
    const Refund* refund = find(id, mode);
    return refund ? answer(200, json_of(*refund)) : missing();
  }

  // Newest first, and all of them; of one payment where it is named.
  Reply list(const Request& request, const std::string& mode) const {
    std::string_view of = request.query_value("payment_request_id");
    if (of.empty()) of = request.query_value("invoice_id");
    Json found = Json::array();
    for (auto id = order_.rbegin(); id != order_.rend(); ++id) {
      const Refund& refund = refunds_.at(*id);
      if (refund.mode == mode && (of.empty() || refund.payable_id == of))
        found.push_back(json_of(refund));
    }
    return answer(200, {{"data", std::move(found)}, {"has_more", false}});
  }

  Reply cancel(const std::string& id, const std::string& mode) {
    Refund* refund = find(id, mode);
    if (!refund) return missing();
    if (refund->status != "PENDING")
      return failure(400, "INELIGIBLE_TRANSACTION_STATUS", "It is " + refund->status + ".");
    finish(*refund, "CANCELLED");
    return answer(200, json_of(*refund));
  }

 private:
  Refund* find(const std::string& id, const std::string& mode) {
    const auto found = refunds_.find(id);
    return found != refunds_.end() && found->second.mode == mode ? &found->second : nullptr;
  }
  static Reply missing() { return failure(404, "DATA_NOT_FOUND", "Refund not found."); }
  Json json_of(const Refund& refund) const {
    return refund_json(refund, payables_.at(refund.payable_id));
  }

  // Status 0: none.
  static Reply refusal_of(const Payable& paid, std::int64_t amount, std::int64_t left) {
    if (!paid.is_paid())
      return failure(400, "INELIGIBLE_TRANSACTION_STATUS", "It is " + paid.status + ".");
    const PageChannel* on_page = find_page_channel(paid.page_channel);
    const bool gives =
        paid.is_invoice() ? on_page && on_page->gives_back : paid.channel->gives_back;
    const bool gives_parts =
        paid.is_invoice() ? on_page && on_page->gives_back_parts : paid.channel->gives_back_parts;
    if (!gives) return failure(403, "REFUND_NOT_SUPPORTED", "The channel gives nothing back.");
    if (paid.is_refunding) return failure(400, "REFUND_IN_PROGRESS", "Another refund is running.");
    if (amount > left || amount <= 0)
      return failure(400, "REFUND_AMOUNT_EXCEEDED", "The amount is more than what is left.");
    if (amount < paid.paid && !gives_parts)
      return failure(403, "PARTIAL_REFUND_NOT_SUPPORTED", "The channel gives back all or nothing.");
    return {.status = 0};
  }

  void finish_later(const std::string& id) {
    world_.after(std::chrono::seconds(2), [this, id] {
      const std::lock_guard lock(mutex_);
      finish(refunds_[id], world_.setting("xendit.refund_result", "SUCCEEDED"));
    });
  }

  // The channel has taken it; when the customer sees it, nobody says.
  void finish(Refund& refund, const std::string& status) {
    if (refund.status != "PENDING") return;
    Payable& paid = payables_[refund.payable_id];
    refund.status = status;
    refund.updated = time_text(world_.unix_time());
    paid.is_refunding = false;
    if (status == "SUCCEEDED")
      world_.record(
          {"xendit", "refund", refund.id, refund.reference, refund.amount, refund.currency});
    else
      paid.refund_asked -= refund.amount;
    if (status == "FAILED") refund.failure_code = "REFUND_FAILED";
    if (status != "CANCELLED") hooks_.send_refund(refund, paid);
  }

  World& world_;
  std::mutex& mutex_;
  Hooks& hooks_;
  std::map<std::string, Payable>& payables_;
  std::map<std::string, Refund> refunds_;
  std::vector<std::string> order_;    // oldest first
  std::set<std::string> references_;  // with the mode before them
};

}  // namespace switchyard::sandbox::xendit_simulator
