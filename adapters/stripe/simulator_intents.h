// POST /v1/payment_intents and what is done with one.
#pragma once

#include "adapters/stripe/simulator_methods.h"

namespace switchyard::sandbox::stripe_simulator {

class IntentCalls {
 public:
  explicit IntentCalls(Book& book) : book_(book) {}

  Answer post(const std::string& id, const std::string& verb, const Params& params,
              const std::string& version) {
    if (id.empty()) return create_intent(params, version);
    const auto found = book_.intents.find(id);
    if (found == book_.intents.end()) return no(no_such("payment_intent", id, "intent"));
    if (verb == "confirm") return confirm_intent(found->second, params);
    if (verb == "capture") return capture_intent(found->second, params);
    if (verb == "cancel") return cancel_intent(found->second, params);
    return no(refuse(404, "", "Unrecognized request URL."));
  }

 private:
  Answer create_intent(const Params& params, const std::string& version) {
    constexpr std::string_view known[] = {"amount",
                                          "currency",
                                          "confirm",
                                          "payment_method",
                                          "payment_method_data[*",
                                          "automatic_payment_methods[enabled]",
                                          "automatic_payment_methods[allow_redirects]",
                                          "payment_method_types[]",
                                          "allowed_payment_method_types[]",
                                          "capture_method",
                                          "confirmation_method",
                                          "return_url",
                                          "off_session",
                                          "error_on_requires_action",
                                          "setup_future_usage",
                                          "customer",
                                          "receipt_email",
                                          "description",
                                          "metadata[*",
                                          "shipping[*",
                                          "statement_descriptor",
                                          "statement_descriptor_suffix",
                                          "payment_method_options[*",
                                          "use_stripe_sdk",
                                          "mandate_data[*",
                                          "radar_options[*",
                                          "transfer_group",
                                          "on_behalf_of",
                                          "amount_details[*",
                                          "payment_details[*"};
    if (auto wrong = params.find_unknown(known)) return no(std::move(*wrong));
    if (auto wrong = check_version(params, version)) return no(std::move(*wrong));
    if (auto wrong = check_amount(params, "amount", "currency")) return no(std::move(*wrong));
    if (auto wrong = check_metadata(params, "metadata")) return no(std::move(*wrong));
    if (params.has("statement_descriptor"))
      return no(refuse(400, "", "For card charges, use statement_descriptor_suffix.",
                       "statement_descriptor"));
    if (auto wrong = check_confirmation(params)) return no(std::move(*wrong));

    const TestCard* card = nullptr;
    std::string method;
    if (is_method_given(params)) {
      auto chosen = take_method(book_, params);
      if (!chosen) return no(std::move(chosen.error()));
      std::tie(card, method) = *chosen;
    }
    Json made = new_intent(*params.integer("amount"), params.text("currency"), book_.now());
    made["metadata"] = params.members("metadata");
    made["description"] = or_null(params.text("description"));
    made["statement_descriptor_suffix"] = or_null(params.text("statement_descriptor_suffix"));
    if (params.has("capture_method")) made["capture_method"] = params.text("capture_method");
    if (params.is_true("automatic_payment_methods[enabled]"))
      made["automatic_payment_methods"] = {
          {"allow_redirects", allows_redirects(params) ? "always" : "never"}, {"enabled", true}};
    const std::string id = text_at(made, "id");
    Intent& intent = book_.intents[id] = {.json = std::move(made)};
    book_.emit("payment_intent.created", intent.json);
    if (!params.is_true("confirm")) {
      if (card) intent.json["status"] = "requires_confirmation";
      if (card) intent.json["payment_method"] = method;
      return intent.json;
    }
    return confirmed(intent, *card, method, params);
  }

  static bool is_method_given(const Params& params) {
    return params.has("payment_method") || params.has("payment_method_data[type]");
  }
  static bool allows_redirects(const Params& params) {
    return params.text("automatic_payment_methods[allow_redirects]") != "never";
  }

  static std::optional<Refusal> check_confirmation(const Params& params) {
    if (!params.is_true("confirm")) {
      for (const char* name : {"return_url", "off_session", "error_on_requires_action"})
        if (params.has(name)) return refuse(400, "", "This parameter needs confirm=true.", name);
      return std::nullopt;
    }
    if (!is_method_given(params))
      return refuse(400, "parameter_missing", "Confirming needs a payment method.",
                    "payment_method");
    if (params.is_true("automatic_payment_methods[enabled]") && allows_redirects(params) &&
        !params.has("return_url"))
      return refuse(400, "", "You must provide a `return_url`, or allow_redirects=never.",
                    "return_url");
    return std::nullopt;
  }

  Answer confirmed(Intent& intent, const TestCard& card, const std::string& method,
                   const Params& params) {
    const Presence presence = {.return_url = params.text("return_url"),
                               .is_off_session = params.is_true("off_session"),
                               .is_action_an_error = params.is_true("error_on_requires_action")};
    if (auto declined = book_.confirm(intent, card, method, presence))
      return no(std::move(*declined));
    return intent.json;
  }

  static Refusal unexpected_state(const Intent& intent, const std::string& verb) {
    const std::string status = text_at(intent.json, "status");
    Refusal refusal = refuse(
        400, "payment_intent_unexpected_state",
        "You cannot " + verb + " this PaymentIntent because it has a status of " + status + ".", "",
        true);
    refusal.error["payment_intent"] = intent.json;
    return refusal;
  }
  Answer confirm_intent(Intent& intent, const Params& params) {
    constexpr std::string_view known[] = {"payment_method",
                                          "payment_method_data[*",
                                          "return_url",
                                          "off_session",
                                          "error_on_requires_action",
                                          "receipt_email",
                                          "payment_method_options[*",
                                          "use_stripe_sdk"};
    if (auto wrong = params.find_unknown(known)) return no(std::move(*wrong));
    const std::string status = text_at(intent.json, "status");
    if (!is_one_of(status, {"requires_payment_method", "requires_confirmation"}))
      return no(unexpected_state(intent, "confirm"));
    const std::string attached = text_at(intent.json, "payment_method");
    if (!is_method_given(params) && !attached.empty())
      return confirmed(intent, *book_.cards_of_methods[attached], attached, params);
    auto chosen = take_method(book_, params);
    if (!chosen) return no(std::move(chosen.error()));
    return confirmed(intent, *chosen->first, chosen->second, params);
  }

  Answer capture_intent(Intent& intent, const Params& params) {
    constexpr std::string_view known[] = {"amount_to_capture",
                                          "final_capture",
                                          "metadata[*",
                                          "statement_descriptor",
                                          "statement_descriptor_suffix",
                                          "amount_details[*",
                                          "payment_details[*"};
    if (auto wrong = params.find_unknown(known)) return no(std::move(*wrong));
    if (text_at(intent.json, "status") != "requires_capture")
      return no(unexpected_state(intent, "capture"));
    const std::int64_t held = *integer_at(intent.json, "amount_capturable");
    const auto amount =
        params.has("amount_to_capture") ? params.integer("amount_to_capture") : std::optional(held);
    if (!amount || *amount < 1 || *amount > held)
      return no(
          refuse(400, "amount_too_large", "The amount cannot be captured.", "amount_to_capture"));
    book_.capture(intent, *amount);
    return intent.json;
  }

  Answer cancel_intent(Intent& intent, const Params& params) {
    constexpr std::string_view known[] = {"cancellation_reason"};
    if (auto wrong = params.find_unknown(known)) return no(std::move(*wrong));
    const std::string status = text_at(intent.json, "status");
    if (!is_one_of(status, {"requires_payment_method", "requires_capture", "requires_confirmation",
                            "requires_action"}) ||
        (!intent.session.empty() && status != "requires_capture"))
      return no(unexpected_state(intent, "cancel"));
    book_.cancel(intent, params.text("cancellation_reason"));
    return intent.json;
  }

  Book& book_;
};

}  // namespace switchyard::sandbox::stripe_simulator
