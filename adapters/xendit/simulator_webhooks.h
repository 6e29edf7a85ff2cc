// Xendit's webhooks: one token for all of an account, and a ladder of six more tries in a day.
#pragma once

#include <deque>
#include <string>

#include "adapters/xendit/simulator_calls.h"
#include "sandbox/simulator.h"

namespace switchyard::sandbox::xendit_simulator {

// Not safe by itself: the simulator's mutex guards it.
class Hooks {
 public:
  explicit Hooks(World& world) : world_(world) {}

  // Flat: no event around it.
  void send_invoice(const Payable& invoice) { send(invoice.id, invoice_event(invoice)); }

  void send_payment(const Payable& request, const std::string& event) {
    const bool is_of_request = event.starts_with("payment_request.");
    send(request.id, in_envelope(event, request.user_id,
                                 is_of_request ? request_core(request) : payment_json(request)));
  }

  // One level deeper where the setting says so, as a documented sample has it.
  void send_refund(const Refund& refund, const Payable& payable) {
    Json object = refund_json(refund, payable);
    if (world_.setting("xendit.refund_nested", "false") == "true") object = {{"data", object}};
    const bool is_fine = refund.status == "SUCCEEDED";
    send(refund.id, in_envelope(is_fine ? "refund.succeeded" : "refund.failed", payable.user_id,
                                std::move(object)));
  }

  // What the dashboard's button does: every message about this object once more.
  Reply replay(const std::string& id) {
    int count = 0;
    for (const Sent& each : sent_)
      if (each.about == id) {
        post(each.body);
        ++count;
      }
    return answer(200, {{"sent", count}});
  }

 private:
  struct Sent {
    std::string about, body;
  };

  Json in_envelope(const std::string& event, const std::string& business, Json object) const {
    return {{"event", event},
            {"business_id", business},
            {"created", time_text(world_.unix_time())},
            {"data", std::move(object)}};
  }

  void send(const std::string& about, const Json& message) {
    sent_.push_back({about, write_json(message)});
    if (sent_.size() > 10'000) sent_.pop_front();
    post(sent_.back().body);
  }

  void post(const std::string& body) {
    using namespace std::chrono_literals;
    const std::string url = world_.setting("xendit.webhook_url", "");
    if (url.empty()) return;
    const std::string token = world_.setting("xendit.callback_token", "V8tq2nQ0sYk4wZr7xP1c");
    world_.send_webhook({.provider = "xendit",
                         .request = {.method = "POST",
                                     .url = url,
                                     .headers = {{"Content-Type", "application/json"},
                                                 {"x-callback-token", token},
                                                 {"webhook-id", new_uuid()}},
                                     .body = body},
                         .schedule = {0s, 15min, 45min, 2h, 3h, 6h, 12h}});
  }

  World& world_;
  std::deque<Sent> sent_;
};

}  // namespace switchyard::sandbox::xendit_simulator
