// The payer's phone, as a page: its open prompts, each with a button for yes and one for no.
#pragma once

#include <string>
#include <vector>

#include "adapters/mtn_momo/simulator_book.h"
#include "sandbox/page.h"
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
  return html_page("MTN MoMo", "Phone +" + phone, content);
}

}  // namespace switchyard::sandbox::mtn_momo_simulator
