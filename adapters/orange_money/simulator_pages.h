// What a payer sees: Orange's page, and the phone that shows the one-time code. Plain HTML, no
// script.
#pragma once

#include <string>
#include <string_view>

#include "adapters/orange_money/simulator_book.h"
#include "sandbox/page.h"
#include "sandbox/wire.h"
#include "web/message.h"

namespace switchyard::sandbox::orange_money_simulator {

inline constexpr std::string_view test_subscriber = "7701100100";

inline Reply page(const std::string& title, const std::string& content, int status = 200) {
  return html_page("Orange Money", title, content, status);
}

inline std::string price_of(const WebPayment& payment) {
  return html_escaped(payment.currency) + " " + std::to_string(payment.amount);
}

inline std::string button(std::string_view name, std::string_view value, const std::string& text) {
  return "<button name=\"" + std::string(name) + "\" value=\"" + std::string(value) + "\">" + text +
         "</button>";
}

inline std::string number_field() {
  return "<label>Phone number <input name=\"msisdn\" inputmode=\"numeric\" value=\"" +
         std::string(test_subscriber) + "\" required></label>";
}

inline Reply pay_page(const WebPayment& payment, const std::string& phone_url,
                      const std::string& problem) {
  return page(
      "Pay " + price_of(payment),
      "<p>to " + html_escaped(payment.shop) + "</p>" +
          (problem.empty() ? "" : "<p><b>" + html_escaped(problem) + "</b></p>") +
          "<form method=\"post\">" + number_field() +
          "<label>One-time code <input name=\"otp\" inputmode=\"numeric\" autocomplete=\"off\" "
          "required></label>" +
          button("decision", "pay", "Confirm") +
          button("decision", "refuse", "Confirm, and the wallet says no") +
          "</form><form method=\"post\">" + button("decision", "cancel", "Cancel") +
          "</form><p><a href=\"" + phone_url +
          "\" target=\"_blank\">The phone, which shows the code</a></p>");
}

// However it ended: who cancels has gone back before. Only to web addresses: never to javascript:
// and the like.
inline Reply over_page(const WebPayment& payment) {
  const std::string& url = payment.return_url;
  return page("This payment is " + payment.status,
              url.starts_with("http")
                  ? "<p><a href=\"" + html_escaped(url) + "\">Back to the shop</a></p>"
                  : "");
}

inline Reply phone_page(const std::string& number, const std::string& code) {
  const std::string form = "<form method=\"post\">" + number_field() +
                           button("dial", "code", "Dial for a one-time code") + "</form>";
  if (number.empty()) return page("A phone", form);
  return page("The phone " + number,
              "<p>Your one-time code:</p><p class=\"code\">" + code + "</p>" + form);
}

}  // namespace switchyard::sandbox::orange_money_simulator
