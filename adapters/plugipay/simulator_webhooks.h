// Plugipay's events and webhooks: its endpoints, what it tells them, and the signature of each try.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <string>
#include <utility>

#include "adapters/plugipay/simulator_calls.h"

namespace switchyard::sandbox::plugipay_simulator {

// What can come of this simulator, and in which of the two contracts.
struct EventType {
  std::string_view name;
  bool is_in_sdk, is_in_doc;
};
// clang-format off
inline constexpr EventType event_types[] = {
    {"checkout_session.completed", true,  true},
    {"checkout_session.expired",   true,  true},
    {"payment.succeeded",          false, true},
    {"payment.failed",             false, true},
    {"refund.issued",              true,  false},
    {"refund.created",             false, true},
    {"refund.succeeded",           false, true},
    {"refund.failed",              true,  true},
    {"customer.created",           true,  true},
    {"customer.updated",           true,  true},
    {"customer.deleted",           true,  true},
};
// clang-format on

// Never this machine nor a private network, says the contract; these are the usual ones of them.
inline bool is_private(const std::string& url) {
  for (const char* start : {"localhost", "127.", "10.", "192.168.", "[::1]"})
    if (url.find(std::string("//") + start) != std::string::npos) return true;
  return false;
}

struct Endpoint {
  std::string id = {}, url = {}, secret = {}, mode = {}, description = {}, created_at = {};
  Json events = Json::array();  // empty: all
  bool is_active = true;
};

inline Json endpoint_json(const Endpoint& endpoint) {
  return {{"id", endpoint.id},
          {"url", endpoint.url},
          {"events", endpoint.events},
          {"description", endpoint.description},
          {"active", endpoint.is_active},
          {"disabledAt", nullptr},
          {"createdAt", endpoint.created_at}};
}

// Not safe by itself: the simulator's mutex guards it.
class Hooks {
 public:
  Hooks(World& world, const Voice& voice) : world_(world), voice_(voice) {}

  // `type` as "checkout_session.completed": each contract dresses it in its own way.
  Json send(const std::string& type, const Caller& whose, const Json& object) {
    const std::string aggregate = type.substr(0, type.find('.'));
    Json event = Json::object();
    event["id"] = new_id("evt");
    event["type"] = dressed(type);
    if (voice_.is_doc()) {
      event["createdAt"] = voice_.time();
      event["workspaceId"] = whose.account;
      event["data"] = object;
    } else {
      event["accountId"] = whose.account;
      event["occurredAt"] = voice_.time();
      event["data"] = {
          {"object", object}, {"aggregateType", aggregate}, {"aggregateId", text_at(object, "id")}};
    }
    events_.emplace_back(whose.mode, event);
    if (events_.size() > 10'000) events_.pop_front();
    deliver(event, whose.mode);
    return event;
  }

  // POST, PATCH and DELETE of endpoints.
  Reply change(const Request& request, const std::string& id, const std::string& mode) {
    const Json body = parse_json(request.body);
    if (request.method == "POST" && id.empty()) return add(body, mode);
    const auto found = endpoints_.find(id);
    if (found == endpoints_.end() || found->second.mode != mode) return voice_.missing();
    if (request.method == "DELETE") {
      endpoints_.erase(found);
      return voice_.deleted(id);
    }
    Endpoint& endpoint = found->second;
    if (const std::string url = text_at(body, "url"); !url.empty()) {
      if (!is_allowed(url, mode)) return bad_url();
      endpoint.url = url;
    }
    if (member_at(body, "events").is_array()) endpoint.events = body["events"];
    endpoint.is_active = bool_at(body, "active").value_or(endpoint.is_active);
    return voice_.success(endpoint_json(endpoint));
  }

  Reply endpoints(const Request& request, const std::string& mode) const {
    std::vector<Json> all;
    for (const auto& [id, endpoint] : endpoints_)
      if (endpoint.mode == mode) all.push_back(endpoint_json(endpoint));
    return page_of(request, voice_, std::move(all));
  }

  Reply events(const Request& request, const std::string& id, const std::string& mode) const {
    if (id == "types") return types();
    std::vector<Json> all;
    for (const auto& [its_mode, event] : events_) {
      if (its_mode != mode) continue;
      if (text_at(event, "id") == id) return voice_.success(event);
      all.push_back(event);
    }
    return id.empty() ? page_of(request, voice_, std::move(all)) : voice_.missing();
  }

  // The same events, with their ids.
  Reply replay(const Json& body, const std::string& mode) {
    Json replayed = Json::array();
    for (const Json& id : member_at(body, "eventIds"))
      for (const auto& [its_mode, event] : events_)
        if (its_mode == mode && event["id"] == id) {
          deliver(event, mode);
          replayed.push_back(id);
        }
    return voice_.success({{"replayed", replayed}});
  }

  // An event of the caller's own making, with test keys only.
  Reply trigger(const Json& body, const Caller& caller) {
    if (caller.mode != "test")
      return voice_.failure(403, "insufficient_scope", "only test keys trigger events");
    std::string type = text_at(body, "type");
    if (type.empty()) return voice_.invalid("type", "is missing");
    if (type.starts_with("plugipay.") && type.ends_with(".v1"))
      type = type.substr(9, type.size() - 12);
    Json object = member_at(body, "data");
    if (!object.is_object()) object = Json::object();
    if (!object.contains("id")) object["id"] = text_at(body, "aggregateId");
    return voice_.success(send(type, caller, object), 201);
  }

 private:
  std::string dressed(std::string_view type) const {
    return voice_.is_doc() ? std::string(type) : "plugipay." + std::string(type) + ".v1";
  }

  // The shape of this answer is published nowhere.
  Reply types() const {
    Json all = Json::array();
    for (const EventType& type : event_types)
      if (voice_.is_doc() ? type.is_in_doc : type.is_in_sdk) all.push_back(dressed(type.name));
    return voice_.success(std::move(all));
  }

  bool is_allowed(const std::string& url, const std::string& mode) const {
    if (!url.starts_with("http")) return false;
    const bool is_plain = mode == "live" && !url.starts_with("https://");
    return !voice_.is_on("strict_urls") || (!is_private(url) && !is_plain);
  }
  Reply bad_url() const {
    return voice_.invalid("url", "has to be a public web address, and https in live");
  }

  Reply add(const Json& body, const std::string& mode) {
    Endpoint endpoint = {.id = new_id("we"), .url = text_at(body, "url")};
    endpoint.secret = "whsec_" + to_hex(random_bytes(16));
    endpoint.mode = mode;
    endpoint.description = text_at(body, "description");
    endpoint.created_at = voice_.time();
    if (member_at(body, "events").is_array()) endpoint.events = body["events"];
    if (!is_allowed(endpoint.url, mode)) return bad_url();
    Json said = endpoint_json(endpoint);
    said["secret"] = endpoint.secret;  // said once, here
    endpoints_[endpoint.id] = endpoint;
    return voice_.success(std::move(said), 201);
  }

  // To the endpoint of the settings, and to those that were made by calls.
  void deliver(const Json& event, const std::string& mode) {
    const std::string own_url = voice_.setting("webhook_url");
    if (is_allowed(own_url, mode))
      post(event, own_url, voice_.setting("webhook_secret", "whsec_test_plugi_c0ffee"));
    for (const auto& [id, endpoint] : endpoints_) {
      const auto& events = endpoint.events;
      const bool is_wanted =
          events.empty() || std::find(events.begin(), events.end(), event["type"]) != events.end();
      if (endpoint.mode == mode && endpoint.is_active && is_wanted &&
          is_allowed(endpoint.url, mode))
        post(event, endpoint.url, endpoint.secret);
    }
  }

  // The same bytes at every try, each signed at its own time, for three days.
  void post(const Json& event, const std::string& url, const std::string& secret) {
    using namespace std::chrono_literals;
    const auto sign = [this, secret](HttpRequest& request) {
      const std::string now = std::to_string(voice_.now());
      const std::string v1 = to_hex(hmac_sha256(secret, now + "." + request.body));
      request.headers = {
          {"Content-Type", "application/json"},
          {voice_.setting("signature_header", "X-Plugipay-Signature"), "t=" + now + ",v1=" + v1}};
    };
    world_.send_webhook(
        {.provider = "plugipay",
         .request = {"POST", url, {}, write_json(event)},
         .schedule = {0s, 30s, 2min, 10min, 30min, 1h, 3h, 6h, 12h, 12h, 12h, 12h, 12h},
         .before_try = sign});
  }

  World& world_;
  const Voice& voice_;
  std::map<std::string, Endpoint> endpoints_;
  std::deque<std::pair<std::string, Json>> events_;  // mode and event, oldest first
};

}  // namespace switchyard::sandbox::plugipay_simulator
