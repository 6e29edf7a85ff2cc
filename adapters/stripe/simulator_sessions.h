// POST /v1/checkout/sessions, and closing one.
#pragma once

#include "adapters/stripe/simulator_methods.h"

namespace switchyard::sandbox::stripe_simulator {

class SessionCalls {
 public:
  explicit SessionCalls(Book& book) : book_(book) {}

  Answer post(const std::string& id, const std::string& verb, const Params& params,
              const std::string& version) {
    if (id.empty()) return create_session(params, version);
    const auto found = book_.sessions.find(id);
    if (found == book_.sessions.end() || verb != "expire")
      return no(no_such("checkout.session", id, "session"));
    if (auto wrong = params.find_unknown({})) return no(std::move(*wrong));
    book_.expire_if_late(found->second);
    if (text_at(found->second.json, "status") != "open")
      return no(refuse(
          400, "", "Only Checkout Sessions with a status in [\"open\"] can be expired.", "", true));
    book_.expire(found->second);
    return found->second.json;
  }

 private:
  static std::optional<Refusal> check_session(const Params& params, std::int64_t now) {
    constexpr std::string_view known[] = {"mode",
                                          "success_url",
                                          "cancel_url",
                                          "client_reference_id",
                                          "expires_at",
                                          "locale",
                                          "line_items[][quantity]",
                                          "line_items[][price_data][currency]",
                                          "line_items[][price_data][unit_amount]",
                                          "line_items[][price_data][product_data][*",
                                          "payment_intent_data[capture_method]",
                                          "payment_intent_data[description]",
                                          "payment_intent_data[metadata][*",
                                          "payment_intent_data[receipt_email]",
                                          "payment_intent_data[setup_future_usage]",
                                          "payment_intent_data[shipping][*",
                                          "payment_intent_data[statement_descriptor_suffix]",
                                          "payment_method_types[]",
                                          "payment_method_options[*",
                                          "metadata[*",
                                          "customer",
                                          "customer_email",
                                          "customer_creation",
                                          "adaptive_pricing[enabled]",
                                          "submit_type",
                                          "ui_mode",
                                          "allow_promotion_codes",
                                          "billing_address_collection"};
    if (auto wrong = params.find_unknown(known)) return wrong;
    if (params.text("mode") != "payment")
      return refuse(400, "parameter_missing", "Only mode=payment is played here.", "mode");
    if (params.text("success_url").find("://") == std::string::npos)
      return refuse(400, "url_invalid", "Not a valid URL", "success_url");
    const std::string price = "line_items[0][price_data]";
    if (params.text(price + "[product_data][name]").empty())
      return refuse(400, "parameter_missing", "Missing required param.",
                    price + "[product_data][name]");
    if (params.integer("line_items[0][quantity]").value_or(0) < 1)
      return refuse(400, "parameter_missing", "Missing required param.", "line_items[0][quantity]");
    if (params.has("expires_at")) {
      const auto after = params.integer("expires_at").value_or(0) - now;
      if (after < 30 * 60 || after > 24 * 60 * 60)
        return refuse(400, "", "`expires_at` must be 30 minutes to 24 hours from now.",
                      "expires_at");
    }
    return std::nullopt;
  }

  Answer create_session(const Params& params, const std::string& version) {
    if (auto wrong = check_session(params, book_.now())) return no(std::move(*wrong));
    if (auto wrong = check_version(params, version)) return no(std::move(*wrong));
    if (auto wrong = check_metadata(params, "metadata")) return no(std::move(*wrong));
    if (auto wrong = check_metadata(params, "payment_intent_data[metadata]"))
      return no(std::move(*wrong));
    const std::string price = "line_items[0][price_data]";
    if (auto wrong = check_amount(params, price + "[unit_amount]", price + "[currency]"))
      return no(std::move(*wrong));
    const std::int64_t amount =
        *params.integer(price + "[unit_amount]") * *params.integer("line_items[0][quantity]");
    Json made = new_session(params, amount, book_.world().base_url("stripe"), book_.now());
    const std::string id = text_at(made, "id");
    book_.sessions[id] = {.json = made,
                          .intent_metadata = params.members("payment_intent_data[metadata]"),
                          .description = params.text("payment_intent_data[description]"),
                          .capture_method = params.text("payment_intent_data[capture_method]")};
    return made;
  }

  Book& book_;
};

}  // namespace switchyard::sandbox::stripe_simulator
