// What a payer sees of Xendit and the wallets behind it: plain pages with a button for each thing
// that can happen. No script.
#pragma once

#include <string>

#include "adapters/xendit/simulator_book.h"
#include "sandbox/page.h"
#include "sandbox/wire.h"
#include "web/message.h"

namespace switchyard::sandbox::xendit_simulator {

inline Reply page(const std::string& title, const std::string& content) {
  return html_page("Xendit", title, content);
}

inline std::string price_of(const Payable& payable) {
  return payable.currency + " " + decimal_text(payable.amount, payable.currency);
}

inline std::string button(const std::string& name, const std::string& value,
                          const std::string& words) {
  return "<button name=\"" + name + "\" value=\"" + value + "\">" + words + "</button>";
}

inline std::string link_to(const std::string& url, const std::string& words) {
  if (url.empty()) return {};
  return "<p><a href=\"" + html_escaped(url) + "\">" + words + "</a></p>";
}

// With a field for those who pay another amount than was asked for.
inline std::string form_of(const Payable& payable, const std::string& buttons,
                           bool has_amount = false) {
  const std::string field =
      has_amount ? "<label>Amount <input name=\"paid_amount\" inputmode=\"decimal\" value=\"" +
                       decimal_text(payable.amount, payable.currency) + "\"></label>"
                 : "";
  return "<form method=\"post\">" + field + buttons + "</form>";
}

inline Reply over_page(const Payable& payable, const std::string& back) {
  return page("This payment is " + payable.status, link_to(back, "Back to the shop"));
}

inline Reply invoice_page(const Payable& invoice, const std::string& problem) {
  std::string buttons;
  for (const PageChannel& channel : page_channels) {
    const std::string name(channel.name);
    if (offers(invoice, channel)) buttons += button("pay", name, "Pay with " + name);
  }
  return page("Pay " + price_of(invoice),
              "<p>" + html_escaped(invoice.description) + "</p><p><strong>" +
                  html_escaped(problem) + "</strong></p>" + form_of(invoice, buttons, true) +
                  form_of(invoice, button("act", "fail", "Try to pay and be declined") +
                                       button("act", "expire", "Let this page expire")) +
                  link_to(text_at(invoice.asked, "failure_redirect_url"), "Back without paying"));
}

inline Reply wallet_page(const Payable& request) {
  const std::string back = text_at(request.asked, "channel_properties.failure_return_url");
  return page(std::string(request.channel->code) + ": pay " + price_of(request),
              form_of(request, button("act", "pay", "Pay") + button("act", "decline", "Decline") +
                                   button("act", "poor", "Pay without enough money") +
                                   button("act", "expire", "Let this page expire")) +
                  link_to(back, "Back without paying"));
}

inline Reply prompt_page(const Payable& request, const std::string& phone) {
  return page(
      "OVO on " + phone,
      "<p>Pay " + price_of(request) + "?</p>" +
          form_of(request, button("act", "pay", "Approve") + button("act", "decline", "Decline") +
                               button("act", "expire", "Let the prompt end")));
}

inline Reply account_page(const Payable& request) {
  return page("Transfer to " + request.account_number,
              "<p>" + std::string(request.channel->code) + ", " + price_of(request) + ", for " +
                  html_escaped(text_at(request.asked, "channel_properties.display_name")) + "</p>" +
                  form_of(request, button("act", "pay", "Transfer") +
                                       button("act", "expire", "Let the account close")));
}

}  // namespace switchyard::sandbox::xendit_simulator
