#include "adapters/plugipay/webhook.h"

#include "adapters/plugipay/answers.h"
#include "adapters/wire.h"

namespace switchyard::plugipay_words {
namespace {

// "plugipay.checkout_session.completed.v1" → "checkout_session.completed"
std::string plain_type(std::string type) {
  constexpr std::string_view prefix = "plugipay.";
  if (type.starts_with(prefix)) type.erase(0, prefix.size());
  const std::size_t version = type.rfind(".v");
  if (version != std::string::npos && version + 2 < type.size() &&
      type.find_first_not_of("0123456789", version + 2) == std::string::npos)
    type.erase(version);
  return type;
}

// The payer may try again in the same session, and what a payment's other events hold is not
// described: such a message is no last word, and the session is asked.
bool only_asks(std::string_view plain_type) {
  return plain_type == "checkout_session.async_payment_failed" ||
         (plain_type.starts_with("payment.") && plain_type != "payment.succeeded");
}

std::optional<bool> is_live_of(const Json& object) {
  const std::string mode = text_at(object, "mode");
  if (mode != "live" && mode != "test") return std::nullopt;
  return mode == "live";
}

// A refund names the charge of the provider behind, which for a bank transfer is the session
// itself.
std::string session_of_refund(const Json& refund) {
  std::string id = id_at(refund, "checkoutSessionId");
  if (id.empty() && text_at(refund, "sourceType") == "checkout_session")
    id = id_at(refund, "sourceId");
  return id.empty() ? id_at(refund, "chargeId") : id;
}

}  // namespace

// t=SECONDS,v1=HEX over "SECONDS.BODY", with the whole secret, whsec_ included; each try is signed
// at its own time. The header has two names.
Proof verify_webhook(const Account& account, const Incoming& incoming) {
  for (const std::string& name : words_of(account.setting("signature_headers"))) {
    if (proof_by_time(account, incoming, name) != Proof::verified) continue;
    const std::string type = plain_type(text_at(parse_json(incoming.body), "type"));
    return only_asks(type) ? Proof::unproven : Proof::verified;
  }
  return Proof::rejected;
}

std::vector<News> read_webhook(const Account& account, const Incoming& incoming) {
  const Json body = parse_json(incoming.body);
  const Json& wrapped = member_at(body, "data.object");
  const Json& object = wrapped.is_object() ? wrapped : member_at(body, "data");
  News news = {
      .provider_event_id = text_at(body, "id"),
      .type = text_at(body, "type"),
      .is_live = is_live_of(object),
  };
  const std::string type = plain_type(news.type);
  if (type.starts_with("checkout_session.") || type.starts_with("payment.")) {
    news.about = News::About::charge;
    news.update = type.starts_with("payment.") ? payment_said(account, object)
                                               : session_said(account, object);
    news.provider_reference = news.update.provider_reference;
    if (only_asks(type)) news.update = {.our_reference = news.update.our_reference};
  } else if (type.starts_with("refund.")) {
    news.about = News::About::refund;
    news.update = refund_said(account, object);
    news.refund_reference = news.update.provider_reference;
    news.provider_reference = session_of_refund(object);
  }
  news.our_reference = news.update.our_reference;
  return {news};
}

}  // namespace switchyard::plugipay_words
