// What M-Pesa's gateway says, and the small things that all of it is made of.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/adapter.h"
#include "adapters/mpesa/declines.h"

namespace switchyard::mpesa_pay {

// Codes are texts in answers and numbers in callbacks, and not always that: "0", 0. "" for anything
// else.
inline std::string code_at(const Json& body, std::string_view path) {
  const Json& code = member_at(body, path);
  return code.is_number_integer() ? code.dump() : text_at(body, path);
}

// An id of theirs, which goes into our requests: one made of anything else is none.
inline std::string id_at(const Json& body, std::string_view path) {
  const std::string id = text_at(body, path);
  const bool is_plain =
      id.size() <= 100 &&
      id.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.") ==
          std::string::npos;
  return is_plain ? id : std::string();
}

// Of a list of {"Name": N, "Value": V}, or with "Key", the value under that name; null when there
// is none. A list of one may come without its brackets.
inline const Json& value_in(const Json& items, std::string_view label, std::string_view name) {
  static const Json none;
  if (items.is_object()) return text_at(items, label) == name ? member_at(items, "Value") : none;
  if (!items.is_array()) return none;
  for (const Json& item : items)
    if (text_at(item, label) == name) return member_at(item, "Value");
  return none;
}

// "150.00" → KES 150.00. What their messages say was paid or given back; nullopt for no amount.
inline std::optional<Money> shillings(std::string_view text) {
  const auto currency = find_currency("KES");
  if (!currency) return std::nullopt;
  const auto amount = amount_from_decimal(text, currency->exponent());
  if (!amount) return std::nullopt;
  return Money{*amount, *currency};
}

// What can be kept in memory of an amount and compared later. One that cannot be read is kept as
// such, so that it is never taken for ours.
inline void remember_amount(Json& memory, const Json& value) {
  if (value.is_null()) return;
  const std::string text = decimal_at(value, "");
  memory["amount"] = text.empty() ? std::string("unreadable") : text;
}

// The amount that a message has said, as money of this update. Money that cannot be read cannot be
// compared by the core, and is no success.
inline void say_remembered_amount(Update& update, const Json& memory) {
  const std::string said = text_at(memory, "amount");
  if (said.empty()) return;
  update.money = shillings(said);
  if (!update.money) update.verdict = Verdict::unknown;
}

// "1" to "999999": what a code other than success looks like.
inline bool is_refusing_code(std::string_view code) {
  return !code.empty() && code.size() <= 6 && code.front() != '0' &&
         std::ranges::all_of(code, [](char c) { return c >= '0' && c <= '9'; });
}

// 200 and a ResponseCode other than 0: not taken. These codes are listed nowhere.
inline Update refused_by_response(const Json& body, const std::string& code) {
  return {.verdict = Verdict::refused,
          .decline = Decline::unmapped,
          .provider_code = code,
          .provider_message = text_at(body, "ResponseDescription")};
}

// The gateway refuses by {"requestId", "errorCode", "errorMessage"}, the code beginning with the
// status, and asks M-Pesa nothing. A 401 and a 429 say so without a body as well.
inline Update refused_by_gateway(const HttpResponse& response, const Json& body) {
  const std::string status = std::to_string(response.status);
  const std::string code = text_at(body, "errorCode");
  const bool is_theirs = code.starts_with(status + ".");
  if (!is_theirs && response.status != 401 && response.status != 429) return {};
  Update update = {.verdict = Verdict::refused,
                   .provider_code = is_theirs ? code : status,
                   .provider_message = text_at(body, "errorMessage")};
  update.decline = response.status == 429 ? Decline::provider_unavailable
                                          : decline_from(errors, update.provider_code);
  // "Bad Request - Invalid PhoneNumber": that number pays at no other account either.
  const bool is_about_payer = update.provider_message.find("PhoneNumber") != std::string::npos ||
                              update.provider_message.find("PartyA") != std::string::npos;
  if (code == "400.002.02" && is_about_payer) update.decline = Decline::payer_not_found;
  return update;
}

// What a POST is answered with at first: taken, and under which id; refused; or nothing that can be
// understood.
inline Update first_word(const HttpResponse& response, Verdict taken, std::string_view id_member) {
  if (response.status >= 500) return {};  // may have been executed, whatever the body claims
  const Json body = parse_json(response.body);
  if (response.status >= 400) return refused_by_gateway(response, body);
  if (response.status != 200) return {};
  const std::string code = code_at(body, "ResponseCode");
  if (is_refusing_code(code)) return refused_by_response(body, code);
  const std::string id = id_at(body, id_member);
  if (code != "0" || id.empty()) return {};
  return {.verdict = taken, .provider_reference = id};
}

}  // namespace switchyard::mpesa_pay
