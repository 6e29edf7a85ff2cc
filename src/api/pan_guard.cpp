#include "api/pan_guard.h"

#include <algorithm>

#include "api/phone_number.h"
#include "base/id.h"
#include "domain/card_number.h"

namespace switchyard {
namespace {

constexpr std::string_view phone_fields[] = {"phone", "customer.phone",
                                             "payment_method.phone_number"};
constexpr std::string_view id_prefixes[] = {"pay", "att", "ref", "cus", "cs", "we", "evt", "dlv"};
constexpr std::size_t longest_shown_key = 40;

bool is_exempt(const std::string& path, const std::string& text) {
  if (std::ranges::find(phone_fields, path) != std::end(phone_fields)) return is_phone_number(text);
  return std::ranges::any_of(id_prefixes,
                             [&](std::string_view prefix) { return is_id(text, prefix); });
}

Failure refuse(const std::string& path) {
  return fail(
      ErrorCode::card_number_not_accepted,
      "This looks like a card number, and none may be sent here: have the browser make a token "
      "of it at the provider instead. Nothing was stored.",
      path);
}

std::string join(const std::string& path, const std::string& key) {
  return path.empty() ? key : path + "." + key;
}

// A key is shown only where it is short and holds no card number, not even a part of one too many.
std::string shown(const std::string& key) {
  return key.size() > longest_shown_key || holds_card_number(key) ? "?" : key;
}

Result<void> look(const Json& json, const std::string& path) {
  if (json.is_string()) {
    const auto& text = json.get_ref<const std::string&>();
    if (!is_exempt(path, text) && holds_card_number(text)) return refuse(path);
  } else if (json.is_array()) {
    std::size_t place = 0;
    for (const Json& item : json) TRY(look(item, join(path, std::to_string(place++))));
  } else if (json.is_object()) {
    for (const auto& member : json.items()) {
      if (holds_card_number(member.key())) return refuse(join(path, "?"));
      TRY(look(member.value(), join(path, shown(member.key()))));
    }
  }
  return {};
}

}  // namespace

Result<void> refuse_card_numbers(const Json& body) { return look(body, ""); }

Result<void> refuse_card_numbers(const Request& request) {
  for (const char* name : {"idempotency-key", "x-idempotency-key"})
    if (holds_card_number(request.header(name))) return refuse(name);
  for (const auto& [name, value] : request.query)
    if (holds_card_number(name) || (!is_exempt("", value) && holds_card_number(value)))
      return refuse(shown(name));
  return {};
}

}  // namespace switchyard
