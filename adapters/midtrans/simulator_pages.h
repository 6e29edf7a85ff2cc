// What a payer sees of Snap: the choice of methods, the bank's question, and what there is to pay.
#pragma once

#include <string>

#include "adapters/midtrans/simulator_book.h"
#include "sandbox/page.h"
#include "sandbox/wire.h"
#include "web/message.h"

namespace switchyard::sandbox::midtrans_simulator {

inline Reply page(const std::string& title, const std::string& content) {
  return html_page("Midtrans", title, content);
}

inline std::string price_of(const Order& order) { return "IDR " + std::to_string(order.gross); }

// What the browser brings along is for information only.
inline std::string finish_url(const Order& order) {
  const std::string& url = order.finish_url;
  if (url.empty() || order.transaction.id.empty()) return url;
  return url + (url.find('?') == std::string::npos ? "?" : "&") + "order_id=" + order.id +
         "&status_code=" + code_of(order.transaction) +
         "&transaction_status=" + order.transaction.status;
}

inline std::string way_back(const Order& order) {
  if (order.finish_url.empty()) return {};
  return "<p><a href=\"" + html_escaped(finish_url(order)) + "\">Back to the shop</a></p>";
}

inline std::string form(const std::string& action, const std::string& content) {
  return "<form method=\"post\" action=\"" + action + "\">" + content + "</form>";
}

inline std::string button(std::string_view name, std::string_view value, std::string_view text) {
  return "<button name=\"" + std::string(name) + "\" value=\"" + std::string(value) + "\">" +
         std::string(text) + "</button>";
}

inline std::string card_form(const std::string& action) {
  std::string cards;
  for (const TestCard& card : test_cards)
    cards += "<li><code>" + std::string(card.number) + "</code> " + std::string(card.sentence);
  return "<h2>Card</h2>" +
         form(action,
              "<input type=\"hidden\" name=\"method\" value=\"credit_card\">"
              "<label>Number <input name=\"number\" value=\"4811111111111114\"></label>"
              "<label>Expiry <input name=\"expiry\" value=\"12/31\"></label>"
              "<label>CVV <input name=\"cvv\" value=\"123\"></label><button>Pay by card</button>") +
         "<ul>" + cards + "</ul>";
}

inline std::string ovo_form(const std::string& action) {
  return "<h2>OVO</h2>" + form(action,
                               "<input type=\"hidden\" name=\"method\" value=\"ovo\">"
                               "<label>Phone <input name=\"phone\" value=\"08123456789\"></label>"
                               "<button>Ask my phone</button>");
}

inline Reply method_page(const Order& order, const std::string& action,
                         const std::string& problem) {
  std::string content;
  if (!problem.empty()) content += "<p><strong>" + html_escaped(problem) + "</strong></p>";
  if (order.takes("credit_card")) content += card_form(action);
  std::string buttons;
  for (const Method& method : page_methods) {
    const bool is_gopay = method.name == "gopay_qr";  // the same button, on a desktop
    if (method.name != "ovo" && order.takes(is_gopay ? "gopay" : method.name))
      buttons += button("method", method.name, method.title);
  }
  if (!buttons.empty()) content += "<h2>Other ways</h2>" + form(action, buttons);
  if (order.takes("ovo")) content += ovo_form(action);
  return page("Pay " + price_of(order), content + way_back(order));
}

inline Reply otp_page(const Order& order, const std::string& action) {
  return page("Is this you?",
              "<p>Your bank asks about " + price_of(order) + ". The password is 112233.</p>" +
                  form(action,
                       "<label>One-time password <input name=\"otp\" value=\"112233\"></label>"
                       "<button>Confirm</button>") +
                  form(action, button("otp", "", "Cancel")));
}

inline Reply pending_page(const Order& order, const std::string& action) {
  const Transaction& transaction = order.transaction;
  std::string what = "<p>Method: " + transaction.payment_type + " " + transaction.enabled_name +
                     "</p><p>Until: " + jakarta_time(transaction.expires_at) + " (Jakarta)</p>";
  if (!transaction.number.empty()) what += "<p>Number: <code>" + transaction.number + "</code></p>";
  return page("Pay " + price_of(order),
              what +
                  form(action, button("decision", "pay", "I pay, in my app or at the counter") +
                                   button("decision", "deny", "My bank or wallet refuses") +
                                   button("decision", "cancel", "I cancel") +
                                   button("decision", "expire", "I let the time run out")) +
                  way_back(order));
}

inline Reply over_page(const Order& order, const std::string& what) {
  return page("This payment is " + what, way_back(order));
}

}  // namespace switchyard::sandbox::midtrans_simulator
