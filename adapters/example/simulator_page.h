// The page at which a payer pays, declines or leaves.
#pragma once

#include <string>

#include "adapters/example/simulator_parts.h"
#include "sandbox/page.h"
#include "sandbox/wire.h"
#include "web/message.h"

namespace switchyard::sandbox::example_pay {

inline Reply payment_page(const SimCharge& charge) {
  std::string html = "<p>" + html_escaped(charge.account) + " asks for <b>" +
                     html_escaped(charge.currency + " " + decimal(charge.amount, charge.currency)) +
                     "</b></p><p>" + html_escaped(charge.description) + "</p>";
  // Only to web addresses: never to javascript: and the like.
  const std::string back =
      charge.return_url.starts_with("http")
          ? "<p><a href=\"" + html_escaped(charge.return_url) + "\">Back to the shop</a></p>"
          : "";
  if (charge.is_payable())
    html +=
        "<form method=\"post\"><button name=\"action\" value=\"pay\">Pay</button>"
        "<button name=\"action\" value=\"decline\">Decline</button>"
        "<button name=\"action\" value=\"cancel\">Cancel</button></form>";
  else
    html += "<p>This payment is <b id=\"status\">" + html_escaped(charge.status) + "</b>.</p>";
  return html_page("Example Pay", "Example Pay", html + back);
}

}  // namespace switchyard::sandbox::example_pay
