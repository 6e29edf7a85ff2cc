// The life of what can be paid: kept, paid once, failed or closed, and told of by webhook. What
// nobody pays expires by itself.
#pragma once

#include <algorithm>
#include <chrono>
#include <map>
#include <mutex>
#include <string>

#include "adapters/xendit/simulator_webhooks.h"

namespace switchyard::sandbox::xendit_simulator {

// Not safe by itself: the simulator's mutex guards it, and is taken for what happens later.
class Life {
 public:
  Life(World& world, std::mutex& mutex, Hooks& hooks)
      : world_(world), mutex_(mutex), hooks_(hooks) {}

  std::map<std::string, Payable>& all() { return payables_; }

  const Payable& keep(const Payable& made) {
    due_.emplace(made.ends_at, made.id);
    expire_in_time(made.id, made.ends_at - now());
    return payables_[made.id] = made;
  }

  // `mode` "": of either, as the payer's page sees them.
  Payable* find(const std::string& id, std::string_view mode) {
    const auto found = payables_.find(id);
    const bool is_there = found != payables_.end() && (mode.empty() || found->second.mode == mode);
    return is_there ? &found->second : nullptr;
  }
  // The payment request behind a payment.
  const Payable* find_paid(const std::string& payment_id, const std::string& mode) {
    const auto found = of_payment_.find(payment_id);
    const Payable* paid = found == of_payment_.end() ? nullptr : find(found->second, mode);
    return paid && !paid->is_invoice() ? paid : nullptr;
  }

  void expire_due() {
    while (!due_.empty() && due_.begin()->first <= now()) {
      Payable& payable = payables_[due_.begin()->second];
      due_.erase(due_.begin());
      expire(payable);
    }
  }
  void expire(Payable& payable) {
    if (payable.is_open()) change(payable, "EXPIRED");
  }

  // By a call. An invoice has no other word for it.
  void cancel(Payable& payable) {
    change(payable, payable.is_invoice() ? "EXPIRED" : "CANCELED");
    record("cancel", payable, payable.amount);
  }

  // With `late_success` also what was closed is paid.
  bool can_be_paid(const Payable& payable) const {
    const bool is_closed = payable.status == "EXPIRED" || payable.status == "CANCELED";
    return payable.is_open() ||
           (is_closed && world_.setting("xendit.late_success", "false") == "true");
  }

  void take_money(Payable& payable, std::int64_t amount) {
    if (!can_be_paid(payable)) return;
    begin_payment(payable);
    payable.capture_id = "cap-" + new_uuid();
    payable.paid = amount;
    record("charge", payable, amount);
    change(payable, payable.is_invoice() ? "PAID" : "SUCCEEDED");
  }

  // An invoice never fails: it waits for the next try.
  void fail(Payable& request, const std::string& code) {
    if (!request.is_open() || request.is_invoice()) return;
    begin_payment(request);
    request.failure_code = code;
    change(request, "FAILED");
  }

  // `code` "": it is paid.
  void settle_in(const Payable& payable, std::chrono::milliseconds delay, const std::string& code) {
    world_.after(delay, [this, id = payable.id, code] {
      const std::lock_guard lock(mutex_);
      Payable& settled = payables_[id];
      if (!code.empty()) return fail(settled, code);
      take_money(settled, settled.amount);
    });
  }

 private:
  std::int64_t now() const { return world_.unix_time(); }

  // It ends when it said that it would, by the sandbox's clock. --speed bends the timers and not
  // the clock: a timer that comes early looks again, but not one before which no second has passed,
  // as at speed 0, where a day must not pass at once. There it is left to the calls.
  void expire_in_time(const std::string& id, std::int64_t wait_sec) {
    constexpr std::int64_t longest = 30 * 86'400;
    const std::chrono::seconds wait(std::clamp<std::int64_t>(wait_sec, 0, longest));
    world_.after(wait, [this, id, asked_at = now()] {
      const std::lock_guard lock(mutex_);
      expire_due();
      const Payable& payable = payables_[id];
      if (payable.is_open() && now() > asked_at)
        expire_in_time(id, std::max<std::int64_t>(60, payable.ends_at - now()));
    });
  }

  void begin_payment(Payable& payable) {
    payable.payment_id = "py-" + new_uuid();
    of_payment_[payable.payment_id] = payable.id;
  }

  void change(Payable& payable, const std::string& status) {
    payable.status = status;
    payable.updated = time_text(now());
    if (payable.is_invoice()) return hooks_.send_invoice(payable);
    if (status == "SUCCEEDED") hooks_.send_payment(payable, "payment.capture");
    if (status == "FAILED") hooks_.send_payment(payable, "payment.failure");
    if (status == "EXPIRED") hooks_.send_payment(payable, "payment_request.expiry");
  }

  void record(const std::string& operation, const Payable& payable, std::int64_t amount) {
    world_.record({"xendit", operation, payable.id, payable.reference, amount, payable.currency});
  }

  World& world_;
  std::mutex& mutex_;
  Hooks& hooks_;
  std::map<std::string, Payable> payables_;
  std::multimap<std::int64_t, std::string> due_;   // when each is over
  std::map<std::string, std::string> of_payment_;  // payment to payable
};

}  // namespace switchyard::sandbox::xendit_simulator
