// The payer's phone: the prompts that are open on it, and its keys.
#pragma once

#include <string>
#include <vector>

#include "adapters/mpesa/simulator_parts.h"
#include "sandbox/page.h"
#include "sandbox/wire.h"
#include "web/message.h"

namespace switchyard::sandbox::mpesa_pay {

inline Reply phone_page(const std::string& number, const std::vector<const Prompt*>& prompts) {
  std::string html;
  if (prompts.empty()) html = "<p id=\"status\">No prompt is open.</p>";
  for (const Prompt* prompt : prompts)
    html += "<form method=\"post\"><p>Do you want to pay <b>KES " +
            std::to_string(prompt->shillings) + "</b> to " + html_escaped(prompt->short_code) +
            ", account " + html_escaped(prompt->reference) + "? (" +
            html_escaped(prompt->description) +
            ")</p><input type=\"hidden\" name=\"prompt\" value=\"" + html_escaped(prompt->id) +
            "\"><button name=\"action\" value=\"pin\">Enter the PIN</button>"
            "<button name=\"action\" value=\"wrong_pin\">Enter a wrong PIN</button>"
            "<button name=\"action\" value=\"decline\">Decline</button></form>";
  return html_page("M-Pesa", "Phone +" + number, html);
}

// The ResultCode that a button stands for; "" for none.
inline std::string code_of_button(std::string_view action) {
  if (action == "pin") return "0";
  if (action == "wrong_pin") return "2001";
  if (action == "decline") return "1032";
  return "";
}

}  // namespace switchyard::sandbox::mpesa_pay
