// The payer's phone: the prompts that are open on it, and its keys.
#pragma once

#include <string>
#include <vector>

#include "adapters/mpesa/simulator_parts.h"
#include "sandbox/wire.h"

namespace switchyard::sandbox::mpesa_pay {

inline Reply phone_page(const std::string& number, const std::vector<const Prompt*>& prompts) {
  std::string html =
      "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width\"><title>M-Pesa</title>"
      "<style>body{font:16px sans-serif;max-width:26em;margin:3em auto;padding:0 1em}"
      "button{font:inherit;padding:.6em 1.2em;margin:0 .5em .5em 0}</style>"
      "<h1>Phone +" +
      html_escaped(number) + "</h1>";
  if (prompts.empty()) html += "<p id=\"status\">No prompt is open.</p>";
  for (const Prompt* prompt : prompts)
    html += "<form method=\"post\"><p>Do you want to pay <b>KES " +
            std::to_string(prompt->shillings) + "</b> to " + html_escaped(prompt->short_code) +
            ", account " + html_escaped(prompt->reference) + "? (" +
            html_escaped(prompt->description) +
            ")</p><input type=\"hidden\" name=\"prompt\" value=\"" + html_escaped(prompt->id) +
            "\"><button name=\"action\" value=\"pin\">Enter the PIN</button>"
            "<button name=\"action\" value=\"wrong_pin\">Enter a wrong PIN</button>"
            "<button name=\"action\" value=\"decline\">Decline</button></form>";
  return {200, html + "<p><small>A simulator: no money moves.</small></p>",
          "text/html; charset=utf-8"};
}

// The ResultCode that a button stands for; "" for none.
inline std::string code_of_button(std::string_view action) {
  if (action == "pin") return "0";
  if (action == "wrong_pin") return "2001";
  if (action == "decline") return "1032";
  return "";
}

}  // namespace switchyard::sandbox::mpesa_pay
