// PayPal's webhooks: who is told, the signature of each try, and the calls about them.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "adapters/paypal/simulator_book.h"
#include "adapters/paypal/simulator_calls.h"
#include "base/certificate.h"
#include "base/clock.h"
#include "base/id.h"
#include "sandbox/simulator.h"

namespace switchyard::sandbox::paypal_simulator {

constexpr const char* certificate_path = "/v1/notifications/certs/CERT-SANDBOX";

inline std::string time_text(std::int64_t unix_seconds) {
  return to_rfc3339(from_unix_seconds(unix_seconds)).substr(0, 19) + "Z";
}

// At once, and up to 25 times again within three days.
inline std::vector<std::chrono::milliseconds> tries() {
  using namespace std::chrono_literals;
  std::vector<std::chrono::milliseconds> all = {0s,    1min, 2min, 5min, 10min, 15min,
                                                30min, 1h,   1h,   2h,   2h};
  while (all.size() < 26) all.push_back(260min);
  return all;
}

// Not safe by itself: the simulator's mutex guards it. Only the signing of a try happens outside.
class Hooks {
 public:
  explicit Hooks(World& world) : world_(world) {}

  void send(const std::string& type, const std::string& resource_type, const std::string& summary,
            const Json& resource) {
    const std::string id = "WH-" + new_object_id() + "-" + new_object_id();
    const std::string self = world_.base_url("paypal") + "/v1/notifications/webhooks-events/" + id;
    Json event;
    event["id"] = id;
    event["event_version"] = "1.0";
    event["create_time"] = time_text(world_.unix_time());
    event["resource_type"] = resource_type;
    event["resource_version"] = "2.0";
    event["event_type"] = type;
    event["summary"] = summary;
    event["resource"] = resource;
    event["links"] =
        Json::array({link(self, "self", "GET"), link(self + "/resend", "resend", "POST")});
    events_.push_back(event);
    if (events_.size() > 10'000) events_.pop_front();
    deliver(event);
  }

  // /v1/notifications/… but for the certificate.
  Reply handle(const Request& request, const std::vector<std::string>& path) {
    const std::string what = path.size() > 2 ? path[2] : "", id = path.size() > 3 ? path[3] : "";
    const bool is_post = request.method == "POST";
    if (what == "verify-webhook-signature" && is_post) return verify(request);
    if (what == "webhooks" && is_post && id.empty()) return add_endpoint(body_of(request));
    if (what == "webhooks") return endpoints(request, id);
    return what == "webhooks-events" ? events(request, path) : failure("INVALID_RESOURCE_ID");
  }

  Reply certificate() {
    return {
        .status = 200, .body = signer().certificate(), .content_type = "application/x-pem-file"};
  }

 private:
  struct Endpoint {
    std::string id = {}, url = {};
    Json event_types = Json::array();
  };

  // Made when it is first needed: a key takes its time.
  const CertificateSigner& signer() {
    if (!signer_)
      signer_ = std::make_unique<CertificateSigner>("messageverificationcerts.simulator.test");
    return *signer_;
  }

  std::string own_id() const { return world_.setting("paypal.webhook_id", "8PT597110X687430L"); }

  static bool has_asked_for(const Endpoint& endpoint, const Json& event) {
    return std::ranges::any_of(endpoint.event_types, [&](const Json& each) {
      const std::string name = text_at(each, "name");
      return name == "*" || name == text_at(event, "event_type");
    });
  }

  // To the endpoint of the settings, and to those that were made by calls; where some are named, to
  // no others.
  void deliver(const Json& event, const Json& webhook_ids = nullptr) {
    const auto is_meant = [&](const std::string& id) {
      return webhook_ids.empty() || std::ranges::any_of(webhook_ids, [&](const Json& each) {
               return each.is_string() && each.get<std::string>() == id;
             });
    };
    const std::string own = world_.setting("paypal.webhook_url", "");
    if (!own.empty() && is_meant(own_id())) post(event, own, own_id());
    for (const auto& [id, endpoint] : endpoints_)
      if (is_meant(id) && has_asked_for(endpoint, event)) post(event, endpoint.url, id);
  }

  // Each try is another transmission, with a time and a signature of its own.
  void post(const Json& event, const std::string& url, const std::string& webhook_id) {
    const auto sign = [&world = world_, &key = signer(), webhook_id](HttpRequest& request) {
      const std::string id = new_uuid(), time = time_text(world.unix_time());
      const std::string message =
          id + "|" + time + "|" + webhook_id + "|" + std::to_string(crc32_of(request.body));
      request.headers = {{"Content-Type", "application/json"},
                         {"PAYPAL-TRANSMISSION-ID", id},
                         {"PAYPAL-TRANSMISSION-TIME", time},
                         {"PAYPAL-TRANSMISSION-SIG", to_base64(key.sign(message))},
                         {"PAYPAL-CERT-URL", world.base_url("paypal") + certificate_path},
                         {"PAYPAL-AUTH-ALGO", "SHA256withRSA"},
                         {"PAYPAL-AUTH-VERSION", "v2"},
                         {"Correlation-Id", new_debug_id()}};
    };
    world_.send_webhook({.provider = "paypal",
                         .request = {.method = "POST", .url = url, .body = write_json(event)},
                         .schedule = tries(),
                         .before_try = sign});
  }

  Json endpoint_json(const Endpoint& endpoint) const {
    const std::string self =
        world_.base_url("paypal") + "/v1/notifications/webhooks/" + endpoint.id;
    Json json = {{"id", endpoint.id}, {"url", endpoint.url}};
    json["event_types"] = endpoint.event_types;
    json["links"] = Json::array({link(self, "self", "GET"), link(self, "delete", "DELETE")});
    return json;
  }

  Reply add_endpoint(const Json& body) {
    Endpoint endpoint = {.id = new_object_id(), .url = text_at(body, "url")};
    if (member_at(body, "event_types").is_array()) endpoint.event_types = body["event_types"];
    if (!endpoint.url.starts_with("http") || endpoint.event_types.empty())
      return failure("MISSING_REQUIRED_PARAMETER");
    if (endpoints_.size() >= 10) return failure("INVALID_ARRAY_MAX_ITEMS");
    return answer(201, endpoint_json(endpoints_[endpoint.id] = endpoint));
  }

  Reply endpoints(const Request& request, const std::string& id) {
    const bool is_get = request.method == "GET";
    Json all = Json::array();
    for (const auto& [unused, endpoint] : endpoints_) all.push_back(endpoint_json(endpoint));
    Json listed;
    listed["webhooks"] = all;
    if (is_get && id.empty()) return answer(200, listed);
    const auto found = endpoints_.find(id);
    if (found == endpoints_.end() || (!is_get && request.method != "DELETE"))
      return failure("INVALID_RESOURCE_ID");
    if (is_get) return answer(200, endpoint_json(found->second));
    endpoints_.erase(found);
    return nothing();
  }

  // GET of all or of one; POST …/ID/resend sends it again.
  Reply events(const Request& request, const std::vector<std::string>& path) {
    const bool is_get = request.method == "GET";
    if (is_get && path.size() == 3) return list();
    const bool is_resend = request.method == "POST" && path.size() == 5 && path[4] == "resend";
    const auto event = std::ranges::find_if(events_, [&](const Json& each) {
      return path.size() > 3 && text_at(each, "id") == path[3];
    });
    if (event == events_.end() || (!is_resend && !(is_get && path.size() == 4)))
      return failure("INVALID_RESOURCE_ID");
    if (is_get) return answer(200, *event);
    const Json body = body_of(request);
    if (!body.is_object()) return failure("MALFORMED_REQUEST_JSON");
    deliver(*event, member_at(body, "webhook_ids"));
    return answer(202, *event);
  }

  Reply list() const {
    Json all = Json::array();
    for (auto event = events_.rbegin(); event != events_.rend() && all.size() < 100; ++event)
      all.push_back(*event);
    Json listed;
    listed["events"] = all;
    listed["count"] = all.size();
    return answer(200, listed);
  }

  // The event is checked byte for byte, as it stands in the request.
  Reply verify(const Request& request) {
    const Json body = body_of(request);
    for (const char* field : {"auth_algo", "cert_url", "transmission_id", "transmission_sig",
                              "transmission_time", "webhook_id"})
      if (text_at(body, field).empty()) return failure("MISSING_REQUIRED_PARAMETER");
    if (!member_at(body, "webhook_event").is_object()) return failure("MISSING_REQUIRED_PARAMETER");
    const std::string webhook_id = text_at(body, "webhook_id");
    const std::string event = trimmed(raw_member(request.body, "webhook_event"));
    const std::string message = text_at(body, "transmission_id") + "|" +
                                text_at(body, "transmission_time") + "|" + webhook_id + "|" +
                                std::to_string(crc32_of(event));
    const std::string& pem = signer().certificate();
    const CertificateRules rules = {.name_ends_with = ".simulator.test",
                                    .trusted_roots = pem,
                                    .now = from_unix_seconds(world_.unix_time())};
    const auto signature = from_base64(text_at(body, "transmission_sig"));
    const bool is_ours = webhook_id == own_id() || endpoints_.contains(webhook_id);
    const bool is_good =
        is_ours && signature && text_at(body, "auth_algo") == "SHA256withRSA" &&
        text_at(body, "cert_url") == world_.base_url("paypal") + certificate_path &&
        is_signed_by_certificate(pem, rules, message, *signature);
    return answer(200, {{"verification_status", is_good ? "SUCCESS" : "FAILURE"}});
  }

  static std::string trimmed(const std::string& text) {
    constexpr std::string_view space = " \t\r\n";
    const std::size_t first = text.find_first_not_of(space);
    if (first == std::string::npos) return {};
    return text.substr(first, text.find_last_not_of(space) - first + 1);
  }

  World& world_;
  std::map<std::string, Endpoint> endpoints_;
  std::deque<Json> events_;
  std::unique_ptr<CertificateSigner> signer_;
};

}  // namespace switchyard::sandbox::paypal_simulator
