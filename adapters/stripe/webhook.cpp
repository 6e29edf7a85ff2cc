#include "adapters/stripe/webhook.h"

#include "adapters/stripe/answers.h"
#include "base/crypto.h"

namespace switchyard::stripe_api {
namespace {

using namespace std::chrono_literals;

struct Signature {
  std::string time;
  std::vector<std::string> hashes;  // one for each secret that is active while it is changed
};

// "t=1761000000,v1=HEX,v1=HEX,v0=HEX". Schemes other than v1 prove nothing.
Signature read_signature(std::string_view header) {
  Signature signature;
  while (!header.empty()) {
    const std::size_t end = std::min(header.find(','), header.size());
    const std::string_view part = header.substr(0, end);
    if (part.starts_with("t=") && signature.time.empty()) signature.time = part.substr(2);
    if (part.starts_with("v1=")) signature.hashes.emplace_back(part.substr(3));
    header.remove_prefix(std::min(end + 1, header.size()));
  }
  return signature;
}

// A copied secret often ends in a line break. What stands before it, whsec_ included, is the key.
std::string trimmed(const std::string& secret) {
  constexpr std::string_view space = " \t\r\n";
  const std::size_t first = secret.find_first_not_of(space);
  if (first == std::string::npos) return {};
  return secret.substr(first, secret.find_last_not_of(space) - first + 1);
}

std::optional<Time> read_time(const std::string& text) {
  constexpr std::string_view digits = "0123456789";
  if (text.empty() || text.size() > 12 || text.find_first_not_of(digits) != std::string::npos)
    return std::nullopt;
  return from_unix_seconds(std::stoll(text));
}

// A card's payment intent is the charge itself. One that a page made is known to us by its session,
// so its own id is only kept for later calls; and while the page is open its refusals are between
// the page and the payer.
void read_intent(News& news, const Json& intent) {
  news.update = intent_said(intent);
  news.update.next_action = nullptr;  // was said in the answer to our call
  news.our_reference = news.update.our_reference;
  if (!is_of_a_page(intent)) {
    news.about = News::About::charge;
    news.provider_reference = news.update.provider_reference;
    return;
  }
  const std::string id = std::exchange(news.update.provider_reference, "");
  const Verdict said = news.update.verdict;
  if (said == Verdict::captured || said == Verdict::authorized || said == Verdict::pending) {
    news.about = News::About::charge;
    news.update.memory = {{"payment_intent", id}};
  } else if (said == Verdict::canceled) {
    // With its session, or after it when nobody captured: the lookup tells which.
    news.about = News::About::charge;
    news.update = {.our_reference = news.our_reference};
  } else {
    news.update = {};
  }
}

void read_session_event(News& news, const Json& session) {
  news.about = News::About::charge;
  news.update = session_said(session);
  news.update.next_action = nullptr;
  news.provider_reference = news.update.provider_reference;
  news.our_reference = news.update.our_reference;
  // The session itself has no word for this: it stays complete and unpaid.
  if (news.type == "checkout.session.async_payment_failed") {
    news.update.verdict = Verdict::refused;
    news.update.decline = Decline::card_declined;
    news.update.provider_code = "async_payment_failed";
  }
}

// Sent for parts too, and also when an authorization is voided: then nothing was given back.
void read_refunded_charge(News& news, const Json& charge) {
  news.update = charge_said(charge);
  if (news.update.verdict != Verdict::captured) {
    news.update = {};
    return;
  }
  news.about = News::About::charge;
  news.our_reference = news.update.our_reference;
  const std::string intent = id_at(charge, "payment_intent");
  if (!is_of_a_page(charge))
    news.provider_reference = news.update.provider_reference = intent;
  else if (!intent.empty())  // none must not replace the one that is remembered
    news.update.memory = {{"payment_intent", intent}};
}

void read_refund_event(News& news, const Json& refund) {
  // Stripe's own when an authorization ends: no money was taken, so none comes back.
  if (text_at(refund, "reason") == "expired_uncaptured_charge") return;
  news.about = News::About::refund;
  news.update = refund_said(refund);
  news.our_reference = news.update.our_reference;
  news.refund_reference = news.update.provider_reference;
  if (!is_of_a_page(refund)) news.provider_reference = id_at(refund, "payment_intent");
}

}  // namespace

Proof verify_webhook(const Account& account, const Incoming& incoming) {
  constexpr auto window = 300s;
  const Signature signature = read_signature(header_of(incoming.headers, "stripe-signature"));
  const std::string secret = trimmed(account.setting("webhook_secret"));
  const auto sent_at = read_time(signature.time);
  if (!sent_at || secret.empty()) return Proof::rejected;
  if (std::chrono::abs(incoming.received_at - *sent_at) > window) return Proof::rejected;
  const std::string ours = to_hex(hmac_sha256(secret, signature.time + "." + incoming.body));
  for (const std::string& theirs : signature.hashes)
    if (equal_in_constant_time(ours, theirs)) return Proof::verified;
  return Proof::rejected;
}

std::vector<News> read_webhook(const Account&, const Incoming& incoming) {
  const Json event = parse_json(incoming.body);
  const std::string type = text_at(event, "type");
  News news = {
      .provider_event_id = text_at(event, "id"),
      .type = type,
      .is_live = bool_at(event, "livemode"),
  };
  const Json& object = member_at(event, "data.object");
  const std::string kind = text_at(object, "object");
  // Thin events carry no object, and are another product.
  if (text_at(event, "object") != "event") return {news};
  if (kind == "payment_intent" && type != "payment_intent.created") read_intent(news, object);
  if (kind == "checkout.session") read_session_event(news, object);
  if (kind == "charge" && type == "charge.refunded") read_refunded_charge(news, object);
  if (kind == "refund") read_refund_event(news, object);
  return {news};
}

}  // namespace switchyard::stripe_api
