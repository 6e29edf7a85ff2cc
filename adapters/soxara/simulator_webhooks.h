// Soxara's webhooks: its endpoints, its events, and the signature of each try.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <string>

#include "adapters/soxara/simulator_calls.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "sandbox/simulator.h"

namespace switchyard::sandbox::soxara_simulator {

inline std::string new_object_id(const std::string& prefix) {
  return prefix + "_3TZ" + to_hex(random_bytes(7));
}

inline std::string time_text(const World& world) {
  return to_rfc3339(from_unix_seconds(world.unix_time()));
}

struct Endpoint {
  std::string id, url, secret, mode;  // mode "": both
  Json events = Json::array();        // empty: all
};

// Not safe by itself: the simulator's mutex guards it.
class Hooks {
 public:
  explicit Hooks(World& world) : world_(world) {}

  Reply add_endpoint(const Json& body, const std::string& mode) {
    Endpoint endpoint = {.id = new_object_id("we"), .url = text_at(body, "url")};
    endpoint.secret = "whsec_" + to_hex(random_bytes(16));
    endpoint.mode = mode;
    if (member_at(body, "events").is_array()) endpoint.events = body["events"];
    if (!endpoint.url.starts_with("http")) return invalid("url", "it has to be a URL");
    endpoints_[endpoint.id] = endpoint;
    return success({{"id", endpoint.id},
                    {"url", endpoint.url},
                    {"events", endpoint.events},
                    {"signing_secret", endpoint.secret},
                    {"livemode", mode == "live"},
                    {"created_at", time_text(world_)}},
                   201);
  }

  Reply change_endpoint(const Request& request, const std::string& id, const std::string& mode) {
    const auto found = endpoints_.find(id);
    if (found == endpoints_.end() || found->second.mode != mode)
      return failure(404, "NOT_FOUND", "no such endpoint");
    const Json body = parse_json(request.body);
    if (const std::string url = text_at(body, "url"); !url.empty()) found->second.url = url;
    if (member_at(body, "events").is_array()) found->second.events = body["events"];
    const Json object = {{"id", id}, {"url", found->second.url}, {"events", found->second.events}};
    if (request.method == "DELETE") endpoints_.erase(found);
    return success(object);
  }

  void send(const std::string& type, const std::string& mode, Json object) {
    const Json event = {{"id", new_object_id("evt")},
                        {"type", type},
                        {"livemode", mode == "live"},
                        {"created", time_text(world_)},
                        {"data", {{"object", std::move(object)}}}};
    events_.push_back(event);
    if (events_.size() > 10'000) events_.pop_front();
    deliver(event, mode);
  }

  // What the dashboard's button does: the same event, with its id.
  Reply replay(const std::string& id) {
    for (const Json& event : events_)
      if (event["id"] == id) {
        deliver(event, event["livemode"] == true ? "live" : "test");
        return success(event);
      }
    return failure(404, "NOT_FOUND", "no such event");
  }

 private:
  // To the endpoint of the settings, and to those that were made by calls.
  void deliver(const Json& event, const std::string& mode) {
    const Endpoint own = {
        .id = "",
        .url = world_.setting("soxara.webhook_url", ""),
        .secret = world_.setting("soxara.webhook_secret", "whsec_test_soxara_77d0"),
        .mode = ""};
    if (!own.url.empty()) post(event, own);
    for (const auto& [unused, endpoint] : endpoints_) {
      const auto& events = endpoint.events;
      const bool is_wanted =
          events.empty() || std::ranges::find(events, event["type"]) != events.end();
      if (endpoint.mode == mode && is_wanted) post(event, endpoint);
    }
  }

  // Each try is signed at its own time.
  void post(const Json& event, const Endpoint& endpoint) {
    using namespace std::chrono_literals;
    const auto sign = [this, secret = endpoint.secret](HttpRequest& request) {
      const std::string now = std::to_string(world_.unix_time());
      const std::string v1 = to_hex(hmac_sha256(secret, now + "." + request.body));
      request.headers = {{"Content-Type", "application/json"},
                         {"Soxara-Signature", "t=" + now + ",v1=" + v1}};
    };
    world_.send_webhook({.provider = "soxara",
                         .request = {"POST", endpoint.url, {}, write_json(event)},
                         .schedule = {0s, 5s, 30s, 2min, 15min, 1h, 6h, 24h},
                         .before_try = sign});
  }

  World& world_;
  std::map<std::string, Endpoint> endpoints_;
  std::deque<Json> events_;
};

}  // namespace switchyard::sandbox::soxara_simulator
