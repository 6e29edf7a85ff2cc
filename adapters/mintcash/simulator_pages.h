// The pages that a payer sees at MintCash: plain HTML, no script.
#pragma once

#include <string>

#include "adapters/mintcash/simulator_book.h"
#include "sandbox/page.h"
#include "sandbox/wire.h"
#include "web/message.h"

namespace switchyard::sandbox::mintcash_simulator {

inline Reply page(const std::string& title, const std::string& content) {
  return html_page("MintCash", title, content);
}

inline std::string price_of(const Payment& payment) {
  return html_escaped(payment.currency) + " " + write_json(major(payment.amount, payment.currency));
}

// A form that sends one test card at a click.
inline std::string card_row(const std::string& action, const Card& card) {
  return "<tr><td><code>" + card.number + "</code></td><td>" +
         (card.asks_3ds ? "3-D Secure" : "no 3-D Secure") + "</td><td>" +
         (card.succeeds ? "succeeds" : "fails: the month says why") +
         "</td><td><form method=\"post\" action=\"" + action +
         "\"><input type=\"hidden\" name=\"card\" value=\"" + card.number +
         "\"><input type=\"hidden\" name=\"expiry\" value=\"01/31\">"
         "<input type=\"hidden\" name=\"cvv\" value=\"123\"><button>use</button></form></td></tr>";
}

inline Reply card_page(const Payment& payment, const std::string& action) {
  std::string cards;
  for (const Card& card : test_cards) cards += card_row(action, card);
  return page("Pay " + price_of(payment),
              "<form method=\"post\" action=\"" + action +
                  "\"><label>Card number <input name=\"card\" inputmode=\"numeric\" "
                  "autocomplete=\"off\" required></label>"
                  "<label>Expiry <input name=\"expiry\" placeholder=\"MM/YY\" required></label>"
                  "<label>CVV <input name=\"cvv\" inputmode=\"numeric\" required></label>"
                  "<button>Pay</button></form><h2>Test cards</h2><table>" +
                  cards + "</table><form method=\"post\" action=\"" + action +
                  "\"><input type=\"hidden\" name=\"action\" value=\"expire\">"
                  "<p><button>Let this page expire</button></p></form><p><a href=\"" +
                  html_escaped(payment.return_url) + "\">Back without paying</a></p>");
}

inline Reply three_ds_page(const Payment& payment, const std::string& action) {
  return page("Is this you?",
              "<p>Your bank asks: pay " + price_of(payment) +
                  "?</p><form method=\"post\" action=\"" + action +
                  "\"><button name=\"decision\" value=\"approve\">Approve</button> "
                  "<button name=\"decision\" value=\"reject\">Reject</button></form>");
}

inline Reply over_page(const Payment& payment) {
  return page("This payment is " + payment.status,
              "<p><a href=\"" + html_escaped(payment.return_url) + "\">Back to the shop</a></p>");
}

}  // namespace switchyard::sandbox::mintcash_simulator
