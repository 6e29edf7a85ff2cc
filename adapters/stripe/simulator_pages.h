// What a payer sees: Stripe's checkout page and a bank's page for 3-D Secure, in plain HTML.
#pragma once

#include "adapters/stripe/simulator_book.h"
#include "sandbox/page.h"

namespace switchyard::sandbox::stripe_simulator {

inline Reply page(const std::string& title, const std::string& content) {
  return html_page("Stripe", title, content);
}

inline std::string button(const std::string& name, const std::string& value,
                          const std::string& words) {
  return "<button name=\"" + name + "\" value=\"" + value + "\">" + words + "</button>";
}

// "10.99 EUR", for the eye.
inline std::string price_of(const Json& object, const char* amount) {
  constexpr std::string_view none = "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf";
  constexpr std::string_view three = "bhd jod kwd omr tnd";
  std::string currency = text_at(object, "currency"), digits = decimal_at(object, amount);
  const auto is_in = [&](std::string_view list) { return list.find(currency) < list.size(); };
  const std::size_t decimals = is_in(none) ? 0 : is_in(three) ? 3 : 2;
  if (digits.size() <= decimals) digits.insert(0, decimals + 1 - digits.size(), '0');
  if (decimals > 0) digits.insert(digits.size() - decimals, ".");
  for (char& c : currency) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return digits + " " + currency;
}

class Pages {
 public:
  explicit Pages(Book& book) : book_(book) {}

  Reply handle(const Request& request) {
    const Params form(decode_fields(request.body));
    if (request.path == "/3d_secure_2/hosted") return authenticate(request, form);
    constexpr std::string_view pay = "/c/pay/";
    if (request.path.starts_with(pay))
      if (const auto found = book_.sessions.find(request.path.substr(pay.size()));
          found != book_.sessions.end())
        return checkout(found->second, request.method == "POST" ? &form : nullptr);
    return {.status = 404, .body = "There is no such page.", .content_type = "text/plain"};
  }

 private:
  Reply authenticate(const Request& request, const Params& form) {
    const auto found = book_.intents.find(std::string(request.query_value("payment_intent")));
    if (found == book_.intents.end() || text_at(found->second.json, "client_secret") !=
                                            request.query_value("payment_intent_client_secret"))
      return {.status = 404, .body = "There is no such payment.", .content_type = "text/plain"};
    Intent& intent = found->second;
    const bool is_open = text_at(intent.json, "status") == "requires_action";
    if (!is_open && request.method != "POST")
      return page("3-D Secure", "<p>There is nothing to approve any more.</p>");
    if (request.method != "POST")
      return page("3-D Secure",
                  "<p>Your bank asks: pay " + html_escaped(price_of(intent.json, "amount")) +
                      "?</p><form method=\"post\">" + button("result", "approve", "Approve") +
                      button("result", "fail", "Fail") + "</form>");
    if (is_open && form.text("result") == "approve") book_.charge(intent);
    if (is_open && form.text("result") == "fail") book_.fail_authentication(intent);
    return come_back(intent);
  }

  Reply come_back(Intent& intent) {
    if (!intent.session.empty()) return after_try(book_.sessions[intent.session], intent);
    const std::string status = text_at(intent.json, "status");
    const bool is_fine = status == "succeeded" || status == "requires_capture";
    return see_other(
        with_query(intent.return_url,
                   "payment_intent=" + text_at(intent.json, "id") +
                       "&payment_intent_client_secret=" + text_at(intent.json, "client_secret") +
                       "&redirect_status=" + (is_fine ? "succeeded" : "failed")));
  }

  Reply checkout(Session& session, const Params* form) {
    book_.expire_if_late(session);
    const std::string status = text_at(session.json, "status");
    if (status == "complete") return see_other(success_url(session));
    if (status == "expired")
      return page("Checkout", "<p>This page has expired.</p>" + back_link(session));
    if (!form) return checkout_form(session, "");
    if (form->text("way") == "expire") {
      book_.expire(session);
      return checkout(session, nullptr);
    }
    if (form->text("way") == "debit_succeeds" || form->text("way") == "debit_fails")
      return pay_by_debit(session, form->text("way") == "debit_succeeds");
    std::string number = form->text("number");
    std::erase(number, ' ');
    const TestCard* card = find_number(number);
    if (!card || number.empty()) return checkout_form(session, "Your card number is incorrect.");
    return pay_by_card(session, *card);
  }

  Reply checkout_form(const Session& session, const std::string& problem) {
    const bool takes_debits = member_at(session.json, "payment_method_types").size() > 1;
    return page(
        "Checkout",
        "<p>" + html_escaped(session.description) + "</p><p><strong>" +
            html_escaped(price_of(session.json, "amount_total")) +
            "</strong></p><p class=\"bad\">" + html_escaped(problem) +
            "</p><form method=\"post\"><label>Card number<input name=\"number\" "
            "value=\"4242 4242 4242 4242\" autocomplete=\"off\"></label>" +
            button("way", "card", "Pay") + "</form><form method=\"post\">" +
            button("number", "4000000000000002", "Pay with a card that is declined") +
            button("number", "4000002760003184", "Pay with a card that needs 3-D Secure") +
            (takes_debits ? button("way", "debit_succeeds", "Bank debit that succeeds later") +
                                button("way", "debit_fails", "Bank debit that fails later")
                          : std::string()) +
            button("way", "expire", "Let this page expire") + "</form>" + back_link(session));
  }

  static std::string back_link(const Session& session) {
    const std::string url = text_at(session.json, "cancel_url");
    return url.empty() ? "" : "<p><a href=\"" + html_escaped(url) + "\">Back to the shop</a></p>";
  }

  static std::string success_url(const Session& session) {
    constexpr std::string_view mark = "{CHECKOUT_SESSION_ID}";
    std::string url = text_at(session.json, "success_url");
    if (const auto at = url.find(mark); at != std::string::npos)
      url.replace(at, mark.size(), text_at(session.json, "id"));
    return url;
  }

  // One payment intent for the page, made when the payer first tries.
  Intent& intent_of(Session& session) {
    const std::string known = text_at(session.json, "payment_intent");
    if (!known.empty()) return book_.intents[known];
    Json made = new_intent(*integer_at(session.json, "amount_total"),
                           text_at(session.json, "currency"), book_.now());
    made["metadata"] = session.intent_metadata;
    made["description"] = or_null(session.description);
    if (!session.capture_method.empty()) made["capture_method"] = session.capture_method;
    const std::string id = text_at(made, "id");
    session.json["payment_intent"] = id;
    Intent& intent = book_.intents[id] = {.json = std::move(made)};
    intent.session = text_at(session.json, "id");
    book_.emit("payment_intent.created", intent.json);
    return intent;
  }

  Reply pay_by_card(Session& session, const TestCard& card) {
    Intent& intent = intent_of(session);
    if (text_at(intent.json, "status") == "requires_action") book_.fail_authentication(intent);
    const Presence presence = {.return_url = text_at(session.json, "url")};
    book_.confirm(intent, card, book_.add_method(card), presence);
    if (text_at(intent.json, "status") == "requires_action")
      return see_other(text_at(intent.json, "next_action.redirect_to_url.url"));
    return after_try(session, intent);
  }

  Reply after_try(Session& session, Intent& intent) {
    const std::string status = text_at(intent.json, "status");
    if (text_at(session.json, "status") != "open") return checkout(session, nullptr);
    if (status != "succeeded" && status != "requires_capture")
      return checkout_form(session, text_at(intent.json, "last_payment_error.message"));
    book_.complete(session, status == "succeeded" ? "paid" : "unpaid");
    return see_other(success_url(session));
  }

  Reply pay_by_debit(Session& session, bool succeeds) {
    Intent& intent = intent_of(session);
    intent.card = &test_cards[0];
    intent.json["status"] = "processing";
    intent.json["next_action"] = nullptr;
    Json pending = new_charge(intent.json, *intent.card, book_.now());
    pending["status"] = "pending";
    intent.json["latest_charge"] = pending["id"];
    book_.charges[text_at(pending, "id")] = pending;
    book_.emit("payment_intent.processing", intent.json);
    book_.complete(session, "unpaid");
    book_.finish_debit_later(text_at(session.json, "id"), succeeds);
    return see_other(success_url(session));
  }

  Book& book_;
};

}  // namespace switchyard::sandbox::stripe_simulator
