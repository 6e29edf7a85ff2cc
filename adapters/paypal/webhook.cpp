#include "adapters/paypal/webhook.h"

#include <algorithm>
#include <utility>

#include "adapters/paypal/answers.h"
#include "adapters/wire.h"
#include "base/certificate.h"
#include "base/crypto.h"

namespace switchyard::paypal_words {
namespace {

constexpr std::string_view certificates = "/v1/notifications/certs/";

struct Transmission {
  std::string id, time, signature, certificate_url, algorithm;
};

Transmission transmission_of(const Incoming& incoming) {
  const auto of = [&](std::string_view name) { return header_of(incoming.headers, name); };
  return {.id = of("paypal-transmission-id"),
          .time = of("paypal-transmission-time"),
          .signature = of("paypal-transmission-sig"),
          .certificate_url = of("paypal-cert-url"),
          .algorithm = of("paypal-auth-algo")};
}

bool asks_paypal(const Account& account) {
  return account.setting("webhook_verification") == "api";
}

bool is_paypals_host(Mode mode, std::string_view host) {
  if (host.ends_with(":443")) host.remove_suffix(4);
  return is_listed(mode == Mode::live ? "api.paypal.com, api-m.paypal.com"
                                      : "api.sandbox.paypal.com, api-m.sandbox.paypal.com",
                   host);
}

bool is_this_machine(std::string_view host) {
  static constexpr std::string_view names[] = {"127.0.0.1", "localhost", "[::1]"};
  return std::ranges::any_of(names, [&](std::string_view name) {
    return host == name || host.starts_with(std::string(name) + ":");
  });
}

// One plain name below the folder, so that nothing leads out of it again.
bool is_certificate_path(std::string_view path, std::string_view folder) {
  if (!path.starts_with(folder)) return false;
  path.remove_prefix(folder.size());
  return !path.empty() && path.find("..") == std::string_view::npos &&
         std::ranges::all_of(path, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_' || c == '.';
         });
}

// Where a configured host serves the API below a path, its certificates are below it as well.
std::string configured_folder(const Account& account) {
  const std::string& url = account.base_url;
  const std::size_t host = url.find("://");
  const std::size_t slash = host == std::string::npos ? host : url.find('/', host + 3);
  return (slash == std::string::npos ? "" : url.substr(slash)) + std::string(certificates);
}

// The address comes with the message. Fetched from anywhere else, anybody could sign; and we would
// call whatever a stranger names.
bool is_certificate_url(const Account& account, std::string_view url) {
  const bool is_plain = url.starts_with("http://");
  if (!is_plain && !url.starts_with("https://")) return false;
  url.remove_prefix(is_plain ? 7 : 8);
  const std::size_t slash = url.find('/');
  if (slash == std::string_view::npos) return false;
  const std::string_view host = url.substr(0, slash), path = url.substr(slash);
  if (!is_plain && is_paypals_host(account.mode, host))
    return is_certificate_path(path, certificates);
  return is_listed(account.setting("certificate_hosts"), host) &&
         (!is_plain || is_this_machine(host)) &&
         is_certificate_path(path, configured_folder(account));
}

// The event is there when a hold was captured, too. That a capture of a hold was refused leaves the
// hold as it was; whoever asked for the capture finds out by asking.
bool leaves_hold_as_it_was(const Json& capture) {
  return !text_at(capture, "supplementary_data.related_ids.authorization_id").empty() &&
         capture_said(capture).verdict == Verdict::refused;
}

// Approved on the payer's side, and given back because nobody captured in time.
Update reversed_approval_said(const Json& order) {
  std::string id = plain_id_at(order, "id");
  if (id.empty()) id = plain_id_at(order, "order_id");
  return {.verdict = Verdict::canceled,
          .provider_reference = id,
          .our_reference = text_at(order, "purchase_units.0.custom_id")};
}

// The resource is the refund. One from PayPal's own pages bears the reference of its charge, or
// none; its order is named only in newer events.
void read_refund(News& news, const Json& refund) {
  news.about = News::About::refund;
  news.update = refund_said(refund);
  news.refund_reference = news.update.provider_reference;
  news.our_reference = news.update.our_reference;
  news.provider_reference = plain_id_at(refund, "supplementary_data.related_ids.order_id");
}

bool is_about_refund(std::string_view type) {
  return type == "PAYMENT.CAPTURE.REFUNDED" || type.starts_with("PAYMENT.REFUND.");
}

}  // namespace

// No age is too old: PayPal says no limit, and sends again for three days.
Proof verify_webhook(const Account& account, const Incoming& incoming) {
  const Transmission sent = transmission_of(incoming);
  const bool is_whole = !sent.id.empty() && !sent.time.empty() && !sent.signature.empty() &&
                        sent.algorithm == "SHA256withRSA" && !account.setting("webhook_id").empty();
  if (!is_whole || !is_certificate_url(account, sent.certificate_url)) return Proof::rejected;
  // What is no JSON of its own could end the request to PayPal early and bring its own answers.
  if (asks_paypal(account) && !parse_json(incoming.body).is_object()) return Proof::rejected;
  return Proof::asks;
}

HttpRequest build_inquiry(const Account& account, const Incoming& incoming) {
  const Transmission sent = transmission_of(incoming);
  if (!asks_paypal(account)) return {.method = "GET", .url = sent.certificate_url};
  HttpRequest request =
      with_json({.method = "POST",
                 .url = account.base_url + "/v1/notifications/verify-webhook-signature",
                 .token = "access"},
                {{"auth_algo", sent.algorithm},
                 {"cert_url", sent.certificate_url},
                 {"transmission_id", sent.id},
                 {"transmission_sig", sent.signature},
                 {"transmission_time", sent.time},
                 {"webhook_id", account.setting("webhook_id")}});
  // PayPal wants the event byte for byte, as it came.
  request.body.pop_back();
  request.body += ",\"webhook_event\":" + incoming.body + "}";
  return request;
}

// The signature covers no more of the body than its CRC-32, so that whoever has one true message
// can make another with it. What a charge has come to is therefore asked for; a refund made on
// PayPal's own pages is told by nothing else.
Proof proof_of_signed(const Incoming& incoming) {
  const std::string type = text_at(parse_json(incoming.body), "event_type");
  return is_about_refund(type) ? Proof::verified : Proof::unproven;
}

// Of PayPal's own word the status says nothing: 200 comes with FAILURE, too.
Proof read_inquiry(const Account& account, const Incoming& incoming, const HttpResponse& response) {
  if (response.status != 200) return Proof::rejected;
  bool is_theirs = false;
  if (asks_paypal(account)) {
    is_theirs = text_at(parse_json(response.body), "verification_status") == "SUCCESS";
  } else {
    const Transmission sent = transmission_of(incoming);
    const auto signature = from_base64(sent.signature);
    const std::string message = sent.id + "|" + sent.time + "|" + account.setting("webhook_id") +
                                "|" + std::to_string(crc32_of(incoming.body));
    const CertificateRules rules = {.name_ends_with = account.setting("certificate_name"),
                                    .trusted_roots = account.setting("certificate_roots"),
                                    .now = incoming.received_at};
    is_theirs = signature && is_signed_by_certificate(response.body, rules, message, *signature);
  }
  return is_theirs ? proof_of_signed(incoming) : Proof::rejected;
}

// Money taken back (PAYMENT.CAPTURE.REVERSED) and disputes are no refunds of ours: giving back on
// top would pay twice.
std::vector<News> read_webhook(const Account&, const Incoming& incoming) {
  const Json event = parse_json(incoming.body);
  const Json& resource = member_at(event, "resource");
  const std::string type = text_at(event, "event_type");
  News news = {.provider_event_id = text_at(event, "id"), .type = type};
  if (!resource.is_object()) return {news};
  const auto tell_charge = [&](Update said) {
    news.about = News::About::charge;
    news.provider_reference = said.provider_reference;
    news.our_reference = said.our_reference;
    news.update = std::move(said);
    news.update.next_action = nullptr;  // was said in the answer to our call
  };
  const bool is_about_capture =
      type == "PAYMENT.CAPTURE.COMPLETED" || type == "PAYMENT.CAPTURE.PENDING" ||
      type == "PAYMENT.CAPTURE.DENIED" || type == "PAYMENT.CAPTURE.DECLINED";
  if (type == "CHECKOUT.ORDER.APPROVED" || type == "CHECKOUT.ORDER.COMPLETED")
    tell_charge(order_said(resource));
  else if (type == "CHECKOUT.PAYMENT-APPROVAL.REVERSED")
    tell_charge(reversed_approval_said(resource));
  else if (type.starts_with("PAYMENT.AUTHORIZATION."))
    tell_charge(authorization_said(resource));
  else if (is_about_refund(type))
    read_refund(news, resource);
  else if (is_about_capture && !leaves_hold_as_it_was(resource))
    tell_charge(capture_said(resource));
  return {news};
}

}  // namespace switchyard::paypal_words
