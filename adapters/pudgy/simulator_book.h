// What Pudgy keeps and how it writes it down; and its table of test tokens.
#pragma once

#include <algorithm>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/json.h"
#include "sandbox/simulator.h"

namespace switchyard::sandbox::pudgy_simulator {

inline std::string new_object_id(const std::string& prefix) {
  return prefix + "_" + to_hex(random_bytes(8));
}

// Whole seconds: "2026-05-30T17:42:11Z".
inline std::string time_text(const World& world) {
  return to_rfc3339(from_unix_seconds(world.unix_time())).substr(0, 19) + "Z";
}

struct Charge {
  std::string id, mode, currency, status, description, created, reference, failure_code;
  std::int64_t amount = 0;
  std::int64_t refund_asked = 0;  // whatever became of it, but what failed
};

struct Refund {
  std::string id, mode, charge, status, reference;
  std::int64_t amount = 0;
};

// A card behind a token or a saved card. `outcome` is "" for one that pays.
struct Card {
  std::string outcome, brand = "visa", last4 = "4242";
  std::int64_t exp_month = 12, exp_year = 2030;
};

struct Token {
  Card card;
  std::int64_t made_at = 0;
  bool is_used = false;
};

// Of one mode. What was made in one is invisible in the other.
struct Store {
  std::map<std::string, Charge> charges;
  std::vector<std::string> order;  // of the charges, oldest first
  std::map<std::string, Refund> refunds;
  std::map<std::string, Token> tokens;
  std::map<std::string, Card> cards;
  std::map<std::string, Json> objects;  // customers, products, prices, subscriptions
};

// The vendor's constants, which are names and no tokens: they can be charged again and again. Those
// with _sim_ exist only here.
struct TestToken {
  std::string_view token;
  std::string_view outcome;
  std::string_view sentence;
};
// clang-format off
inline constexpr TestToken test_tokens[] = {
    {"tok_visa",              "",                   "pays"},
    {"tok_mastercard",        "",                   "pays"},
    {"tok_chargeDeclined",    "card_declined",      "is declined"},
    {"tok_insufficientFunds", "insufficient_funds", "has too little money"},
    {"tok_expiredCard",       "expired_card",       "has expired"},
    {"tok_processingError",   "processing_error",   "answers 502, then pays"},
    {"tok_sim_pending",       "pending",            "pays 3 s later"},
    {"tok_sim_pending_fail",  "pending_fail",       "fails 3 s later"},
    {"tok_sim_timeout",       "timeout",            "pays, and answers 504"},
    {"tok_sim_rate_limited",  "rate_limited",       "answers 429"},
};

// Pudgy publishes no card numbers: these are other providers', and work in the sandbox only.
struct TestCard {
  std::string_view number;
  std::string_view outcome;
  std::string_view sentence;
};
inline constexpr TestCard test_cards[] = {
    {"4242424242424242", "",                   "pays"},
    {"5555555555554444", "",                   "pays"},
    {"4000000000000002", "card_declined",      "is declined"},
    {"4000000000009995", "insufficient_funds", "has too little money"},
    {"4000000000000069", "expired_card",       "has expired"},
};
// clang-format on

inline const TestToken* find_test_token(std::string_view token) {
  const auto* found = std::ranges::find(test_tokens, token, &TestToken::token);
  return found == std::end(test_tokens) ? nullptr : found;
}

inline Card card_of_number(const std::string& number) {
  const auto* found = std::ranges::find(test_cards, number, &TestCard::number);
  Card card;
  card.outcome = found == std::end(test_cards) ? "card_declined" : std::string(found->outcome);
  card.brand = number.starts_with('5') ? "mastercard" : "visa";
  card.last4 = number.size() > 4 ? number.substr(number.size() - 4) : number;
  return card;
}

inline std::string message_of(std::string_view code) {
  if (code == "insufficient_funds") return "The card has insufficient funds.";
  return code == "expired_card" ? "The card has expired." : "The card was declined.";
}

// What a caller puts into brackets at the end of a description: "Order 1042 [att_…]".
inline std::string reference_in(const std::string& description) {
  const std::size_t at = description.rfind('[');
  if (at == std::string::npos || !description.ends_with(']')) return {};
  return description.substr(at + 1, description.size() - at - 2);
}

// `failure_field`: what a failed charge calls its reason, "" where it says none.
inline Json charge_json(const Charge& charge, const std::string& failure_field) {
  Json object = {
      {"id", charge.id},
      {"object", "charge"},
      {"amount", charge.amount},
      {"currency", charge.currency},
      {"status", charge.status},
      {"paid", charge.status == "succeeded"},
      {"description", charge.description.empty() ? Json() : Json(charge.description)},
      {"created", charge.created},
  };
  if (charge.status == "failed" && !failure_field.empty())
    object[failure_field] = charge.failure_code;
  return object;
}

inline Json refund_json(const Refund& refund) {
  return {
      {"id", refund.id},         {"object", "refund"},      {"charge", refund.charge},
      {"amount", refund.amount}, {"status", refund.status},
  };
}

inline Json card_json(const std::string& id, const Card& card) {
  return {
      {"id", id},
      {"object", "card"},
      {"brand", card.brand},
      {"last4", card.last4},
      {"exp_month", card.exp_month},
      {"exp_year", card.exp_year},
  };
}

inline std::string in_capitals(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  return text;
}

}  // namespace switchyard::sandbox::pudgy_simulator
