// What the payer sees at PayPal: one page with a button for each choice, plain HTML, no script.
#pragma once

#include <string>

#include "adapters/paypal/simulator_book.h"
#include "sandbox/page.h"
#include "sandbox/wire.h"
#include "web/message.h"

namespace switchyard::sandbox::paypal_simulator {

inline Reply page(const std::string& title, const std::string& content) {
  return html_page("PayPal", title, content);
}

inline std::string price_of(const Order& order) {
  const Json money = money_json(order.amount, order.currency);
  return html_escaped(text_at(money, "currency_code") + " " + text_at(money, "value"));
}

inline Reply approval_page(const Order& order, const std::string& action) {
  static constexpr std::pair<const char*, const char*> choices[] = {
      {"approve", "Agree and pay"},
      {"leave", "Agree, and close the window instead of going back"},
      {"review", "Agree, and let PayPal review the payment: pending, then paid"},
      {"bounce", "Agree, and fail the review: pending, then denied"},
      {"decline", "Agree, and be declined at the capture"},
      {"cancel", "Cancel and go back to the shop"},
  };
  std::string buttons;
  for (const auto& [value, text] : choices)
    buttons +=
        "<button name=\"decision\" value=\"" + std::string(value) + "\">" + text + "</button>";
  const std::string shop = order.brand_name.empty() ? "Shop" : html_escaped(order.brand_name);
  return page("Pay " + price_of(order), "<p>" + shop + "</p><form method=\"post\" action=\"" +
                                            html_escaped(action) + "\">" + buttons + "</form>");
}

inline Reply state_page(const std::string& title, const std::string& back) {
  const std::string link =
      back.empty() ? "" : "<p><a href=\"" + html_escaped(back) + "\">Back to the shop</a></p>";
  return page(title, link);
}

}  // namespace switchyard::sandbox::paypal_simulator
