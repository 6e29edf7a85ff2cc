// What the journeys share: the usual ways to pay, and short names for what they look at.
#pragma once

#include <string>

#include "tests/support/stack.h"

namespace switchyard::testing {

// A card at the reference provider; `dev`'s rules send it there by the metadata.
inline Json example_card(const std::string& token = "tok_ok") {
  return {{"type", "card"}, {"token", token}, {"token_account", "example"}};
}
inline const Json at_example = {{"metadata", {{"provider", "example"}}}};

inline Json stripe_card(const std::string& token = "tok_visa") {
  return {{"type", "card"}, {"token", token}};
}
inline const Json hosted_page = {{"type", "hosted_page"}};
inline const Json transfer = {{"type", "manual_transfer"}};
inline Json phone(const std::string& network, const std::string& number) {
  return {{"type", "mobile_money"}, {"network", network}, {"phone_number", number}};
}

inline std::string id_of(const JsonAnswer& answer) { return text_at(answer.body, "id"); }
inline std::string status_of(const JsonAnswer& answer) { return text_at(answer.body, "status"); }
inline std::string redirect_of(const JsonAnswer& answer) {
  return text_at(answer.body, "next_action.redirect.url");
}

// A call to a provider that is executed, and whose answer gets lost; that of the copy, too, which
// libcurl sends by itself when a kept connection dies.
inline Json lost_answer(const std::string& provider, const std::string& path) {
  return {{"provider", provider},
          {"method", "POST"},
          {"path", path},
          {"action", "reset"},
          {"times", 2}};
}
inline Json all_webhooks_lost(const std::string& provider) {
  return {{"provider", provider}, {"webhook", "lose"}, {"times", 0}};
}

}  // namespace switchyard::testing
