// What M-Pesa's gateway says, and the small things that all of it is made of.
#pragma once

#include <string>
#include <string_view>

#include "adapters/adapter.h"
#include "adapters/mpesa/declines.h"
#include "adapters/wire.h"

namespace switchyard::mpesa_pay {

// Codes are texts in answers and numbers in callbacks, and not always that: "0", 0. "" for anything
// else.
inline std::string code_at(const Json& body, std::string_view path) {
  const Json& code = member_at(body, path);
  return code.is_number_integer() ? code.dump() : text_at(body, path);
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

// What can be kept in memory of an amount and compared later. One that cannot be read is kept as
// such, so that it is never taken for ours.
inline void remember_amount(Json& memory, const Json& value) {
  if (value.is_null()) return;
  const std::string text = decimal_at(value, "");
  memory["amount"] = text.empty() ? std::string("unreadable") : text;
}

// The amount that a message has said, as money of this update: one that cannot be read is no
// success.
inline void say_remembered_amount(Update& update, const Json& memory) {
  const std::string said = text_at(memory, "amount");
  if (said.empty()) return;
  update.money = money_from(said, "KES");
  believe_only_readable_money(update);
}

// "1" to "999999": what a code other than success looks like.
inline bool is_refusing_code(std::string_view code) {
  return !code.empty() && code.size() <= 6 && code.front() != '0' &&
         code.find_first_not_of("0123456789") == std::string_view::npos;
}

// The gateway refuses by {"requestId", "errorCode", "errorMessage"}, the code beginning with the
// status, and asks M-Pesa nothing. A 401 and a 429 say so without a body as well.
inline Update refused_by_gateway(const HttpResponse& response, const Json& body) {
  const std::string status = std::to_string(response.status);
  const std::string code = text_at(body, "errorCode");
  const bool is_theirs = code.starts_with(status + ".");
  if (!is_theirs && response.status != 401 && response.status != 429) return {};
  Update update = {.verdict = Verdict::refused};
  add_refusal(update, errors, is_theirs ? code : status, text_at(body, "errorMessage"));
  if (response.status == 429) update.decline = Decline::provider_unavailable;
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
  if (is_refusing_code(code))  // these are listed nowhere
    return {.verdict = Verdict::refused,
            .decline = Decline::unmapped,
            .provider_code = code,
            .provider_message = text_at(body, "ResponseDescription")};
  const std::string id = plain_id_at(body, id_member);
  if (code != "0" || id.empty()) return {};
  return {.verdict = taken, .provider_reference = id};
}

}  // namespace switchyard::mpesa_pay
