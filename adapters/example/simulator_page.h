// The page at which a payer pays, declines or leaves.
#pragma once

#include <string>

#include "adapters/example/simulator_parts.h"
#include "sandbox/wire.h"

namespace switchyard::sandbox::example_pay {

inline Reply page(int status, const std::string& content) {
  return {status,
          "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">"
          "<meta name=\"viewport\" content=\"width=device-width\"><title>Example Pay</title>"
          "<style>body{font:16px sans-serif;max-width:26em;margin:3em auto;padding:0 1em}"
          "button{font:inherit;padding:.6em 1.2em;margin-right:.5em}</style>" +
              content,
          "text/html; charset=utf-8"};
}

inline std::string payment_page(const SimCharge& charge) {
  std::string html = "<h1>Example Pay</h1><p>" + html_escaped(charge.account) + " asks for <b>" +
                     html_escaped(charge.currency + " " + decimal(charge.amount, charge.currency)) +
                     "</b></p><p>" + html_escaped(charge.description) + "</p>";
  // Only to web addresses: never to javascript: and the like.
  const std::string back =
      charge.return_url.starts_with("http")
          ? "<p><a href=\"" + html_escaped(charge.return_url) + "\">Back to the shop</a></p>"
          : "";
  if (charge.is_payable())
    return html +
           "<form method=\"post\"><button name=\"action\" value=\"pay\">Pay</button>"
           "<button name=\"action\" value=\"decline\">Decline</button>"
           "<button name=\"action\" value=\"cancel\">Cancel</button></form>"
           "<p><small>A simulator: no money moves.</small></p>" +
           back;
  return html + "<p>This payment is <b id=\"status\">" + html_escaped(charge.status) + "</b>.</p>" +
         back;
}

}  // namespace switchyard::sandbox::example_pay
