// What a payer sees of Pudgy: the fields in which a card becomes a token. Plain HTML, no script.
#pragma once

#include <string>

#include "adapters/pudgy/simulator_book.h"
#include "sandbox/page.h"
#include "sandbox/wire.h"
#include "web/message.h"

namespace switchyard::sandbox::pudgy_simulator {

inline Reply page(const std::string& title, const std::string& content) {
  return html_page("Pudgy", title, content);
}

// A form that hands in one ready-made token at a click.
inline std::string token_row(const std::string& action, const std::string& return_url,
                             const TestToken& token) {
  return "<tr><td><code>" + std::string(token.token) + "</code></td><td>" +
         std::string(token.sentence) + "</td><td><form method=\"post\" action=\"" + action +
         "\"><input type=\"hidden\" name=\"return_url\" value=\"" + html_escaped(return_url) +
         "\"><input type=\"hidden\" name=\"token\" value=\"" + std::string(token.token) +
         "\"><button>Use</button></form></td></tr>";
}

inline Reply card_page(const std::string& action, const std::string& return_url) {
  std::string cards, tokens;
  for (const TestCard& card : test_cards)
    cards += "<li><code>" + std::string(card.number) + "</code> " + std::string(card.sentence);
  for (const TestToken& token : test_tokens) tokens += token_row(action, return_url, token);
  std::string back;
  if (!return_url.empty())
    back = "<p><a href=\"" + html_escaped(return_url) + "\">Back without a card</a></p>";
  return page("Your card", "<form method=\"post\" action=\"" + action +
                               "\"><input type=\"hidden\" name=\"return_url\" value=\"" +
                               html_escaped(return_url) +
                               "\"><label>Number <input name=\"number\" inputmode=\"numeric\" "
                               "autocomplete=\"off\" value=\"4242424242424242\" required></label>"
                               "<button>Use this card</button></form><ul>" +
                               cards + "</ul><h2>Ready-made tokens</h2><table>" + tokens +
                               "</table>" + back);
}

inline Reply token_page(const std::string& token) {
  return page("Your token", "<p><code>" + html_escaped(token) + "</code></p>");
}

}  // namespace switchyard::sandbox::pudgy_simulator
