#include "adapters/stripe/webhook.h"

#include <algorithm>
#include <utility>

#include "adapters/stripe/answers.h"
#include "adapters/wire.h"

namespace switchyard::stripe_api {
namespace {

using namespace std::chrono_literals;

// A copied secret often ends in a line break. What stands before it, whsec_ included, is the key.
std::string_view trimmed(std::string_view secret) {
  constexpr std::string_view space = " \t\r\n";
  secret.remove_prefix(std::min(secret.find_first_not_of(space), secret.size()));
  return secret.substr(0, secret.find_last_not_of(space) + 1);
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
  Update said = charge_said(charge);
  if (said.verdict != Verdict::captured) return;
  news.about = News::About::charge;
  news.update = std::move(said);
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

// "t=1761000000,v1=HEX,v1=HEX,v0=HEX". Schemes other than v1 prove nothing.
Proof verify_webhook(const Account& account, const Incoming& incoming) {
  const bool is_theirs = is_signed_with_time(header_of(incoming.headers, "stripe-signature"),
                                             trimmed(account.setting("webhook_secret")),
                                             incoming.body, incoming.received_at, 300s);
  return is_theirs ? Proof::verified : Proof::rejected;
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
