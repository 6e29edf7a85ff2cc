// What several calls share: their answers, and how a card is named.
#pragma once

#include "adapters/stripe/simulator_book.h"

namespace switchyard::sandbox::stripe_simulator {

using Answer = tl::expected<Json, Refusal>;
using Chosen = std::pair<const TestCard*, std::string>;  // and the id of its payment method

inline tl::unexpected<Refusal> no(Refusal refusal) {
  return tl::unexpected<Refusal>(std::move(refusal));
}

inline bool is_one_of(const std::string& status, std::initializer_list<std::string_view> list) {
  return std::find(list.begin(), list.end(), status) != list.end();
}

// What endive has taken away.
inline std::optional<Refusal> check_version(const Params& params, const std::string& version) {
  constexpr std::string_view name = "payment_method_types";
  if (version < "2026-09-30" || params.list(std::string(name)).empty()) return std::nullopt;
  return refuse(400, "parameter_unknown", "Received unknown parameter: payment_method_types", name);
}

inline tl::expected<Chosen, Refusal> take_token(Book& book, const Params& params,
                                                const std::string& place) {
  const std::string token = params.text(place + "[token]");
  if (params.has(place + "[number]"))
    return no(refuse(402, "", "Sending credit card numbers directly is generally unsafe."));
  if (token.empty())
    return no(refuse(400, "parameter_missing", "Missing required param.", place + "[token]"));
  if (const auto made = book.tokens.find(token); made != book.tokens.end()) {
    if (std::exchange(made->second.is_used, true))
      return no(refuse(400, "token_already_used", "You cannot use a Stripe token more than once.",
                       place + "[token]", true));
    return Chosen(made->second.card, book.add_method(*made->second.card));
  }
  const TestCard* card = token.starts_with("tok_") ? find_card(token) : nullptr;
  if (!card) return no(no_such("token", token, place + "[token]", 400));
  return Chosen(card, book.add_method(*card));
}

// The card and the id of a payment method, made from a token where one is given.
inline tl::expected<Chosen, Refusal> take_method(Book& book, const Params& params) {
  const std::string given = params.text("payment_method");
  if (const auto made = book.cards_of_methods.find(given); made != book.cards_of_methods.end())
    return Chosen(made->second, given);
  if (!given.empty()) {
    const TestCard* card = given.starts_with("pm_card_") ? find_card(given) : nullptr;
    if (!card) return no(no_such("PaymentMethod", given, "payment_method", 400));
    return Chosen(card, book.add_method(*card));
  }
  return take_token(book, params, "payment_method_data[card]");
}

}  // namespace switchyard::sandbox::stripe_simulator
