// Midtrans' notifications: where they go, and how often each is tried.
#pragma once

#include <string>
#include <vector>

#include "adapters/midtrans/simulator_book.h"
#include "sandbox/simulator.h"

namespace switchyard::sandbox::midtrans_simulator {

// Not safe by itself: the simulator's mutex guards it.
class Hooks {
 public:
  explicit Hooks(World& world) : world_(world) {}

  // The dashboard's address, unless the order named others instead of it.
  void send(const Order& order) {
    const std::string own = world_.setting("midtrans.webhook_url", "");
    if (!own.empty() && !order.is_only_these_urls) post(order, own);
    for (const std::string& url : order.notify_urls) post(order, url);
  }

 private:
  // Five more tries. The real ladder also looks at the answer: 500 is tried once more, 503 four
  // times, 400 and 404 twice, a redirect never; the sandbox knows only success and failure.
  void post(const Order& order, const std::string& url) {
    using namespace std::chrono_literals;
    const Json body =
        transaction_json(order, code_of(order.transaction), "midtrans payment notification");
    const bool is_late = order.transaction.status == "pending" &&
                         world_.setting("midtrans.settlement_first", "false") == "true";
    const std::chrono::milliseconds first = is_late ? 10s : 300ms;
    world_.send_webhook({.provider = "midtrans",
                         .request = {"POST",
                                     url,
                                     {{"User-Agent", "Veritrans"},
                                      {"Accept", "application/json"},
                                      {"Content-Type", "application/json"}},
                                     write_json(body)},
                         .schedule = {first, 2min, 10min, 30min, 90min, 210min}});
  }

  World& world_;
};

}  // namespace switchyard::sandbox::midtrans_simulator
