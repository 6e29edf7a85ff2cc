// How a call to MTN MoMo looks, and how it is refused: often by a status and nothing else.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/mtn_momo/simulator_book.h"
#include "base/json.h"
#include "web/message.h"

namespace switchyard::sandbox::mtn_momo_simulator {

inline Reply nothing(int status) { return {.status = status}; }

inline Reply answer(const Json& body, int status = 200) {
  return {.status = status, .body = write_json(body)};
}

inline Reply problem(int status, std::string_view code, std::string_view message) {
  return answer({{"code", code}, {"message", message}}, status);
}

inline Reply denied(std::string_view message) {
  return answer({{"statusCode", 401}, {"message", message}}, 401);
}

inline Reply not_found() {
  return problem(404, "RESOURCE_NOT_FOUND", "Requested resource was not found.");
}

inline Reply exists_already() {
  return problem(409, "RESOURCE_ALREADY_EXIST",
                 "Duplicated reference id. Creation of resource failed.");
}

inline std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> parts;
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::size_t end = std::min(path.find('/'), path.size());
    parts.emplace_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  return parts;
}

// Version 4, lower case, with its hyphens.
inline bool is_uuid4(std::string_view text) {
  constexpr std::string_view shape = "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx";
  const auto fits = [](char c, char place) {
    if (place == 'x') return std::string_view("0123456789abcdef").find(c) != std::string_view::npos;
    if (place == 'y') return std::string_view("89ab").find(c) != std::string_view::npos;
    return c == place;
  };
  return text.size() == shape.size() && std::equal(text.begin(), text.end(), shape.begin(), fits);
}

inline bool is_msisdn(std::string_view text) {
  return text.size() >= 5 && text.size() <= 15 && text[0] != '0' &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

// May be left out; an apostrophe is too special a character.
inline bool is_message(const Json& message) {
  if (message.is_null()) return true;
  if (!message.is_string()) return false;
  const std::string text = message.get<std::string>();
  return text.size() <= 160 && text.find_first_not_of(
                                   "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                   " .,-") == std::string::npos;
}

inline bool is_party(const Json& party) {
  const std::string type = text_at(party, "partyIdType"), id = text_at(party, "partyId");
  if (type == "MSISDN") return is_msisdn(id);
  return (type == "EMAIL" || type == "PARTY_CODE") && !id.empty();
}

// What a request to pay and a refund have in common.
inline bool is_well_formed(const Json& body) {
  return body.is_object() && !text_at(body, "amount").empty() &&
         !text_at(body, "currency").empty() && !text_at(body, "externalId").empty() &&
         is_message(member_at(body, "payerMessage")) && is_message(member_at(body, "payeeNote"));
}

inline bool has_header(const Request& request, std::string_view name) {
  return std::ranges::any_of(request.headers, [&](const auto& each) { return each.first == name; });
}

// "https://host:1/path" → "host".
inline std::string host_of(std::string_view url) {
  const std::size_t start = url.find("://");
  if (start == std::string_view::npos || !url.starts_with("http")) return {};
  url.remove_prefix(start + 3);
  return std::string(url.substr(0, std::min(url.find_first_of(":/?"), url.size())));
}

// "a,b" holds "b", and nothing is in "".
inline bool is_listed(const std::string& list, std::string_view item) {
  return !item.empty() &&
         ("," + list + ",").find("," + std::string(item) + ",") != std::string::npos;
}

}  // namespace switchyard::sandbox::mtn_momo_simulator
