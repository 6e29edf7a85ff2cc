// The payer's phone, as a page: its open prompts, each with a button for yes and one for no.
#pragma once

#include <string>
#include <vector>

#include "adapters/mtn_momo/simulator_book.h"
#include "sandbox/wire.h"
#include "web/message.h"

namespace switchyard::sandbox::mtn_momo_simulator {

inline std::string prompt_of(const Transaction& it) {
  return "<form method=\"post\"><p>Pay <b>" + html_escaped(it.currency + " " + it.amount) +
         "</b>?<br>" + html_escaped(it.message) + "<br><small>" + html_escaped(it.external_id) +
         "</small></p><input type=\"hidden\" name=\"id\" value=\"" + html_escaped(it.id) +
         "\"><button name=\"decision\" value=\"approve\">Enter PIN</button>"
         "<button name=\"decision\" value=\"decline\">Decline</button></form>";
}

inline Reply phone_page(const std::string& phone, const std::vector<const Transaction*>& prompts) {
  std::string content;
  for (const Transaction* each : prompts) content += prompt_of(*each);
  if (content.empty()) content = "<p>Nobody asks for anything.</p>";
  return {.status = 200,
          .body =
              "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">"
              "<meta name=\"viewport\" content=\"width=device-width\"><title>Phone " +
              html_escaped(phone) +
              "</title><style>body{font:16px/1.5 sans-serif;max-width:24rem;margin:2rem auto;"
              "padding:0 1rem}form{border:1px solid #ccc;padding:0 1rem 1rem;margin:1rem 0}"
              "button{font:inherit;padding:.8rem;width:100%;margin:.2rem 0}</style></head>"
              "<body><h1>+" +
              html_escaped(phone) + "</h1>" + content +
              "<p><small>MTN MoMo simulator: no money moves here.</small></p></body></html>",
          .content_type = "text/html; charset=utf-8"};
}

inline Reply see_other(const std::string& url) {
  return {.status = 303, .content_type = "text/plain", .headers = {{"Location", url}}};
}

}  // namespace switchyard::sandbox::mtn_momo_simulator
