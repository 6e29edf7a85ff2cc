// The provider of the `example` adapter and the merchant's endpoint, as fast as they can be:
// charges are paid after a delay that the path names (/120/charges) and told to the router by a
// signed webhook; the events that come back are counted. Payments are known by their description,
// which travels to the provider and comes back in the event.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "loop.h"

namespace bench {

struct StubPlaces {
  int port = 0;
  int router_port = 0;
  std::string webhook_key;
};

class Stub {
 public:
  Stub(Loop& loop, StubPlaces places);

  // Called for each payment.succeeded that arrives for the first time, with its description.
  std::function<void(const std::string&)> on_delivered = [](const std::string&) {};

  int charging = 0;  // charges that wait for our answer
  int most_charging = 0;
  std::int64_t webhooks_taken = 0;
  std::int64_t webhooks_refused = 0;
  std::int64_t delivered_again = 0;

  // How long our answer to this payment's charge took; it is forgotten.
  Clock::duration take_time(const std::string& description);

 private:
  void take(Peer& peer);
  void charge(Peer& peer, const std::string& path, const std::string& body);
  void deliver(Peer& peer, std::string_view body);
  void post_webhooks();
  void post_webhook(Peer& peer);
  Peer& connect_to_router();

  Loop& loop_;
  const StubPlaces places_;
  std::deque<std::pair<std::string, std::string>> webhooks_;  // path and body
  std::vector<Peer*> idle_;                                   // connections to the router
  std::unordered_map<std::string, Clock::duration> times_;
  std::unordered_set<std::string> delivered_;
  int open_ = 0;
  std::int64_t charges_ = 0;
};

}  // namespace bench
