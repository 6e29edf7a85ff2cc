// Stripe's objects as version 2026-08-26.dahlia shows them.
#pragma once

#include <string>

#include "adapters/stripe/simulator_cards.h"
#include "adapters/stripe/simulator_params.h"
#include "base/crypto.h"

namespace switchyard::sandbox::stripe_simulator {

inline constexpr std::string_view newest_version = "2026-08-26.dahlia";

inline std::string make_id(std::string_view prefix, std::size_t length = 24) {
  constexpr std::string_view letters =
      "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  std::string id(prefix);
  for (const char byte : random_bytes(length))
    id += letters[static_cast<unsigned char>(byte) % letters.size()];
  return id;
}

inline Json or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

inline Json new_method(const TestCard& card, std::int64_t now) {
  return {{"id", make_id("pm_")},
          {"object", "payment_method"},
          {"billing_details", {{"email", nullptr}, {"name", nullptr}, {"phone", nullptr}}},
          {"card",
           {{"brand", card.brand},
            {"country", "US"},
            {"exp_month", 12},
            {"exp_year", 2034},
            {"funding", "credit"},
            {"last4", last4_of(card)}}},
          {"created", now},
          {"customer", nullptr},
          {"livemode", false},
          {"metadata", Json::object()},
          {"type", "card"}};
}

inline Json new_intent(std::int64_t amount, const std::string& currency, std::int64_t now) {
  const std::string id = make_id("pi_");
  return {{"id", id},
          {"object", "payment_intent"},
          {"amount", amount},
          {"amount_capturable", 0},
          {"amount_details", {{"tip", Json::object()}}},
          {"amount_received", 0},
          {"application", nullptr},
          {"automatic_payment_methods", nullptr},
          {"canceled_at", nullptr},
          {"cancellation_reason", nullptr},
          {"capture_method", "automatic_async"},
          {"client_secret", id + make_id("_secret_", 25)},
          {"confirmation_method", "automatic"},
          {"created", now},
          {"currency", currency},
          {"customer", nullptr},
          {"description", nullptr},
          {"last_payment_error", nullptr},
          {"latest_charge", nullptr},
          {"livemode", false},
          {"metadata", Json::object()},
          {"next_action", nullptr},
          {"payment_method", nullptr},
          {"payment_method_options", Json::object()},
          {"payment_method_types", {"card"}},
          {"processing", nullptr},
          {"receipt_email", nullptr},
          {"statement_descriptor", nullptr},
          {"statement_descriptor_suffix", nullptr},
          {"status", "requires_payment_method"}};
}

inline Json new_charge(const Json& intent, const TestCard& card, std::int64_t now) {
  return {
      {"id", make_id("ch_")},
      {"object", "charge"},
      {"amount", intent["amount"]},
      {"amount_captured", 0},
      {"amount_refunded", 0},
      {"captured", false},
      {"created", now},
      {"currency", intent["currency"]},
      {"description", intent["description"]},
      {"disputed", false},
      {"failure_code", nullptr},
      {"failure_message", nullptr},
      {"livemode", false},
      {"metadata", intent["metadata"]},
      {"outcome",
       {{"network_status", "approved_by_network"}, {"reason", nullptr}, {"type", "authorized"}}},
      {"paid", true},
      {"payment_intent", intent["id"]},
      {"payment_method", intent["payment_method"]},
      {"payment_method_details",
       {{"card", {{"brand", card.brand}, {"last4", last4_of(card)}}}, {"type", "card"}}},
      {"receipt_url", nullptr},
      {"refunded", false},
      {"status", "succeeded"}};
}

inline Json new_refund(const Json& charge, std::int64_t amount, const Params& params,
                       std::int64_t now) {
  return {{"id", make_id("re_")},
          {"object", "refund"},
          {"amount", amount},
          {"balance_transaction", make_id("txn_")},
          {"charge", charge["id"]},
          {"created", now},
          {"currency", charge["currency"]},
          {"destination_details",
           {{"card", {{"reference_status", "pending"}, {"type", "refund"}}}, {"type", "card"}}},
          {"metadata", params.members("metadata")},
          {"payment_intent", charge["payment_intent"]},
          {"payment_method", charge["payment_method"]},
          {"reason", or_null(params.text("reason"))},
          {"receipt_number", nullptr},
          {"status", "succeeded"}};
}

inline Json new_session(const Params& params, std::int64_t amount, const std::string& base_url,
                        std::int64_t now) {
  const std::string id = make_id("cs_test_", 58);
  const auto expires_at = params.integer("expires_at").value_or(now + 24 * 60 * 60);
  Json types = {"card"};
  if (params.list("payment_method_types").empty()) types.push_back("sepa_debit");
  return {{"id", id},
          {"object", "checkout.session"},
          {"adaptive_pricing", {{"enabled", params.text("adaptive_pricing[enabled]") != "false"}}},
          {"amount_subtotal", amount},
          {"amount_total", amount},
          {"cancel_url", or_null(params.text("cancel_url"))},
          {"client_reference_id", or_null(params.text("client_reference_id"))},
          {"client_secret", nullptr},
          {"created", now},
          {"currency", params.text("line_items[0][price_data][currency]")},
          {"customer", nullptr},
          {"customer_details", nullptr},
          {"customer_email", or_null(params.text("customer_email"))},
          {"expires_at", expires_at},
          {"livemode", false},
          {"locale", nullptr},
          {"metadata", params.members("metadata")},
          {"mode", "payment"},
          {"payment_intent", nullptr},
          {"payment_method_types", types},
          {"payment_status", "unpaid"},
          {"status", "open"},
          {"success_url", params.text("success_url")},
          {"ui_mode", "hosted_page"},
          {"url", base_url + "/c/pay/" + id}};
}

// The error of a card that was not taken, also kept as last_payment_error.
inline Json card_error(std::string_view code, std::string_view decline_code,
                       std::string_view advice, std::string_view param) {
  Json error = Json::object();
  if (!advice.empty()) error["advice_code"] = advice;
  error["code"] = code;
  if (!decline_code.empty()) error["decline_code"] = decline_code;
  error["doc_url"] = "https://stripe.com/docs/error-codes";
  error["message"] = decline_code == "insufficient_funds" ? "Your card has insufficient funds."
                     : code == "expired_card"             ? "Your card has expired."
                                                          : "Your card was declined.";
  if (!param.empty()) error["param"] = param;
  error["type"] = "card_error";
  return error;
}

}  // namespace switchyard::sandbox::stripe_simulator
