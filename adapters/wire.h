// What several providers share in how they write requests and answers, and prove webhooks.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "adapters/adapter.h"
#include "base/clock.h"
#include "base/text.h"

namespace switchyard {

// ---- Settings

// A setting that is a whole number; `otherwise` for one that is empty or no number.
std::int64_t number_in(const Account& account, std::string_view setting,
                       std::int64_t otherwise = 0);
inline std::chrono::seconds seconds_in(const Account& account, std::string_view setting) {
  return std::chrono::seconds(number_in(account, setting));
}

// ---- Requests

// RFC 3986: everything but letters, digits and -._~ becomes %XX.
std::string percent_encoded(std::string_view text);

// A body of application/x-www-form-urlencoded, or a query: names and values are encoded here.
class Form {
 public:
  Form& add(std::string_view name, std::string_view value);
  Form& add_unless_empty(std::string_view name, std::string_view value);
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

// "Basic …", for an Authorization header.
std::string basic_authorization(std::string_view user, std::string_view password);

inline std::string bearer_authorization(const std::string& token) { return "Bearer " + token; }

// Sets the body, and adds the Content-Type that goes with it.
HttpRequest with_json(HttpRequest request, const Json& body);
HttpRequest with_form(HttpRequest request, const Form& body);

// ---- Answers

// 200 or 201. Another 2xx, a 202 of some gateway perhaps, says nothing until a provider says what.
inline bool is_success(const HttpResponse& response) {
  return response.status == 200 || response.status == 201;
}

// Their words for why, and ours by the table.
void add_refusal(Update& update, std::span<const DeclineRow> table, const std::string& code,
                 const std::string& message);

// "49.90" and "USD"; nullopt for what is no amount of a currency that we know.
std::optional<Money> money_from(std::string_view decimal, std::string_view currency);

// Money that was taken or held, and cannot be read, cannot be compared with ours.
void believe_only_readable_money(Update& update);

// An id of theirs, which goes into our URLs and headers: "" for one that holds anything but
// letters, digits, _ and -, or is longer than any that they make.
std::string plain_id(std::string_view id, std::size_t longest);
inline std::string plain_id_at(const Json& body, std::string_view path, std::size_t longest = 64) {
  return plain_id(text_at(body, path), longest);
}

// ---- What the payer is told to do (Update::next_action)

Json redirect_to(const std::string& url);
// `ends_at` as in RFC 3339.
Json approve_on_phone(std::string_view network, std::string_view phone_number,
                      const std::string& ends_at);

// When a prompt ends that began with this answer, unless an earlier one has said so: what
// `update.memory` keeps under "prompt_ends_at", so that no look-up puts it off.
std::string remember_prompt_end(Update& update, const Charge& charge, std::chrono::seconds lasts);

// ---- What speaks against a charge

// "Stripe takes no less than USD 0.50"; "" for an amount in between. 0: no limit.
std::string amount_objection(std::string_view provider, Money money, std::int64_t minimum,
                             std::int64_t maximum = 0);

// ---- Tokens and proofs

// {"access_token": "…", "expires_in": 3599}, a number or a text, answered with 200 or 201. An hour
// where it says nothing, 90 days at most; nothing for a text that could not stand in a header.
std::optional<AccessToken> read_bearer_token(const Account&, const HttpResponse& response);

// "t=SECONDS,v1=HEX[,v1=HEX]": HMAC-SHA256 with `key` over "SECONDS.BODY", several while a key is
// changed. False for an empty key and for a time further from `now` than `tolerance`.
bool is_signed_with_time(std::string_view header, std::string_view key, std::string_view body,
                         Time now, std::chrono::seconds tolerance);
// The same of a message, by the settings webhook_secret and webhook_tolerance_s.
Proof proof_by_time(const Account& account, const Incoming& incoming, std::string_view header);
inline constexpr Setting webhook_tolerance{
    .name = "webhook_tolerance_s",
    .sentence = "How many seconds a webhook's time may differ from ours.",
    .otherwise = "300"};

// Where each attempt has an address of its own, that is all that a message proves.
Proof proof_by_address(const Account&, const Incoming& incoming);

}  // namespace switchyard
