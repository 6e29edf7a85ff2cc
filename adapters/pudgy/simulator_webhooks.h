// Pudgy's webhooks: its endpoints, its events and the signature of each try.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <string>

#include "adapters/pudgy/simulator_book.h"
#include "adapters/pudgy/simulator_calls.h"
#include "adapters/pudgy/simulator_patience.h"
#include "sandbox/simulator.h"

namespace switchyard::sandbox::pudgy_simulator {

inline constexpr std::string_view event_types[] = {
    "charge.succeeded",     "charge.failed",         "charge.refunded",        "customer.created",
    "subscription.renewed", "subscription.canceled", "invoice.payment_failed", "dispute.created",
};

// In seconds: 8 h after 8 h until three days are over.
inline constexpr std::string_view usual_schedule =
    "0,10,30,120,600,1800,3600,7200,14400,28800,28800,28800,28800,28800,28800,28800,28800";

struct Endpoint {
  std::string id, url, secret, mode;  // mode "": both
  Json events = Json::array();        // empty: all
  // Shared with the tries, which run beside us. When it is over the endpoint is disabled.
  std::shared_ptr<Patience> patience = std::make_shared<Patience>();
};

// Not safe by itself: the simulator's mutex guards it.
class Hooks {
 public:
  explicit Hooks(World& world) : world_(world) { own_.id = "we_own"; }

  Reply add_endpoint(const Call& call) {
    Endpoint endpoint;
    endpoint.id = new_object_id("we");
    endpoint.url = text_of(call.params, "url");
    endpoint.secret = "whsec_" + to_hex(random_bytes(16));
    endpoint.mode = call.mode;
    for (const auto& [name, value] : call.params)
      if (name.starts_with("events[")) endpoint.events.push_back(value);
    if (!endpoint.url.starts_with("http")) return invalid("url", "it has to be a URL");
    endpoints_[endpoint.id] = endpoint;
    return answer({{"id", endpoint.id},
                   {"object", "webhook_endpoint"},
                   {"url", endpoint.url},
                   {"events", endpoint.events},
                   {"secret", endpoint.secret}});
  }

  void send(const std::string& type, const std::string& mode, Json object) {
    const Json event = {{"id", new_object_id("evt")},
                        {"object", "event"},
                        {"type", type},
                        {"created", time_text(world_)},
                        {"data", {{"object", std::move(object)}}}};
    events_.push_back({mode, event});
    if (events_.size() > 10'000) events_.pop_front();
    deliver(event, mode);
  }

  // What the dashboard's buttons do: the same event again, with its id; and an endpoint that was
  // disabled is one again.
  Reply replay(const std::string& id) {
    for (const Sent& sent : events_)
      if (text_at(sent.event, "id") == id) {
        deliver(sent.event, sent.mode);
        return answer(sent.event);
      }
    return missing("event");
  }
  Reply enable(const std::string& id) {
    const auto found = endpoints_.find(id);
    if (id != own_.id && found == endpoints_.end()) return missing("webhook endpoint");
    (id == own_.id ? own_ : found->second).patience->begin_anew();
    return answer({{"id", id}, {"object", "webhook_endpoint"}, {"status", "enabled"}});
  }

 private:
  struct Sent {
    std::string mode;
    Json event;
  };

  // To the endpoint of the settings, and to those that were made by calls.
  void deliver(const Json& event, const std::string& mode) {
    own_.url = world_.setting("pudgy.webhook_url", "");
    own_.secret = world_.setting("pudgy.webhook_secret", "whsec_test_pudgy_5f1c9a");
    if (!own_.url.empty()) post(event, own_);
    for (const auto& [unused, endpoint] : endpoints_) {
      const auto& events = endpoint.events;
      const bool is_wanted =
          events.empty() || std::ranges::find(events, event["type"]) != events.end();
      if (endpoint.mode == mode && is_wanted) post(event, endpoint);
    }
  }

  std::vector<std::chrono::milliseconds> schedule() const {
    std::vector<std::chrono::milliseconds> delays;
    std::string left = world_.setting("pudgy.webhook_schedule_s", std::string(usual_schedule));
    left += ",";
    for (std::size_t end; (end = left.find(',')) != std::string::npos; left.erase(0, end + 1))
      if (const auto delay = integer_of(left.substr(0, end)))
        delays.push_back(std::chrono::seconds(*delay));
    return delays;
  }

  // Each try is signed at its own time. This runs on other threads, and even inside send_webhook.
  void post(const Json& event, const Endpoint& endpoint) {
    if (endpoint.patience->is_over()) return;
    const auto delays = schedule();
    const auto sign = [this, secret = endpoint.secret,
                       delivery = std::make_shared<Delivery>(endpoint.patience, delays.size())](
                          HttpRequest& request) {
      const std::int64_t now = world_.unix_time();
      const std::string time = std::to_string(now);
      const std::string v1 = to_hex(hmac_sha256(secret, time + "." + request.body));
      request.headers = {{"Content-Type", "application/json"},
                         {"Pudgy-Signature", "t=" + time + ",v1=" + v1}};
      delivery->begin_try(now);
    };
    world_.send_webhook({.provider = "pudgy",
                         .request = {"POST", endpoint.url, {}, write_json(event)},
                         .schedule = delays,
                         .before_try = sign});
  }

  World& world_;
  Endpoint own_;
  std::map<std::string, Endpoint> endpoints_;
  std::deque<Sent> events_;
};

}  // namespace switchyard::sandbox::pudgy_simulator
