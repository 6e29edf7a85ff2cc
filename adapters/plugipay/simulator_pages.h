// What a payer sees at Plugipay, and what a shop sees of bank transfers: plain HTML, no script.
#pragma once

#include <string>
#include <vector>

#include "adapters/plugipay/simulator_book.h"
#include "base/crypto.h"
#include "sandbox/page.h"
#include "sandbox/wire.h"
#include "web/message.h"

namespace switchyard::sandbox::plugipay_simulator {

inline Reply page(const std::string& title, const std::string& content) {
  return html_page("Plugipay", title, content);
}

// The address may have a query of its own.
inline std::string success_url(const Session& session) {
  const bool has_query = session.success_url.find('?') != std::string::npos;
  return session.success_url + (has_query ? "&" : "?") + "session_id=" + session.id;
}

inline std::string price_of(const Session& session) {
  std::string digits = std::to_string(session.amount);
  if (session.currency == "USD") {
    if (digits.size() < 3) digits.insert(0, 3 - digits.size(), '0');
    digits.insert(digits.size() - 2, ".");
  }
  return html_escaped(session.currency) + " " + digits;
}

inline std::string link_to(const std::string& url, const std::string& words) {
  return "<p><a href=\"" + html_escaped(url) + "\">" + words + "</a></p>";
}

// A form of one button, with what the payer types above it.
inline std::string form_of(const std::string& action, const std::string& name,
                           const std::string& value, const std::string& words,
                           const std::string& fields = "") {
  return "<form method=\"post\" action=\"" + html_escaped(action) + "\">" + fields +
         "<button name=\"" + name + "\" value=\"" + html_escaped(value) + "\">" + words +
         "</button></form>";
}

inline std::string words_for(const std::string& method) {
  const std::string group = group_of(method);
  const std::string finer = group == method ? "" : " (" + html_escaped(method) + ")";
  if (group == "qr") return "Pay by QRIS";
  if (group == "va") return "Pay by virtual account" + finer;
  if (group == "card") return "Pay by card";
  if (group == "retail") return "Pay at a shop" + finer;
  if (group == "paypal") return "Pay by PayPal";
  if (group == "offline") return "Pay by bank transfer";
  return "Pay by e-wallet" + finer;
}

inline std::string card_form(const std::string& action) {
  std::string cards;
  for (const TestCard& card : test_cards)
    cards += "<li><code>" + std::string(card.number) + "</code> " + std::string(card.sentence);
  return form_of(action, "method", "card", words_for("card"),
                 "<label>Card number <input name=\"number\" inputmode=\"numeric\" "
                 "value=\"4242424242424242\"></label> ") +
         "<ul>" + cards + "</ul>";
}

inline Reply method_page(const Session& session, const std::vector<std::string>& methods) {
  std::string forms;
  for (const std::string& method : methods)
    forms += method == "card" ? card_form(session.page_url)
                              : form_of(session.page_url, "method", method, words_for(method));
  const std::string remark =
      session.remark.empty() ? "" : "<p class=\"bad\">" + html_escaped(session.remark) + "</p>";
  return page("Pay " + price_of(session),
              remark + forms + form_of(session.page_url, "action", "cancel", "Cancel") +
                  link_to(session.cancel_url, "Back to the shop without paying"));
}

inline std::string question_for(const std::string& step) {
  if (step == "3ds") return "Your bank asks: is this you?";
  return step == "paypal" ? "Pay with PayPal?" : "Pay with your e-wallet?";
}

inline Reply question_page(const Session& session, const std::string& step) {
  const std::string action = session.page_url + "/" + step;
  return page(question_for(step), "<p>Pay <b>" + price_of(session) + "</b></p>" +
                                      form_of(action, "decision", "approve", "Approve") +
                                      form_of(action, "decision", "reject", "Reject"));
}

// What a transfer is to be made out to. Not a real account.
inline Json instructions_for(const Session& session, const std::string& base_url) {
  const std::string group = group_of(session.payment_method);
  const std::string hash = sha256_hex(session.id);
  std::string number = "8808";
  for (std::size_t i = 0; i < 10; ++i) number += static_cast<char>('0' + hash[i] % 10);
  Json json = {{"heading", words_for(session.payment_method)},
               {"note", "Pay exactly this amount."},
               {"bankAccounts", Json::array()},
               {"qrImageUrl", nullptr},
               {"amount", session.amount},
               {"currency", session.currency}};
  if (group == "qr") {
    json["qrImageUrl"] = base_url + "/qr/" + session.id;
  } else {
    const Json bank = {
        {"bankName", group == "retail" ? "Payment code at the till" : "Bank Simulasi"},
        {"accountNumber", number},
        {"accountHolder", "Plugipay simulator"}};
    json["bankAccounts"] = Json::array({bank});
  }
  return json;
}

inline Reply instructions_page(const Session& session, const Json& instructions) {
  std::string content =
      "<p>" + text_at(instructions, "note") + " <b>" + price_of(session) + "</b></p>";
  if (const std::string url = text_at(instructions, "qrImageUrl"); !url.empty())
    content += "<p><img alt=\"QRIS code\" width=\"240\" src=\"" + html_escaped(url) + "\"></p>";
  for (const Json& bank : member_at(instructions, "bankAccounts"))
    content += "<p>" + text_at(bank, "bankName") + ": <code id=\"account_number\">" +
               text_at(bank, "accountNumber") + "</code></p>";
  if (session.adapter == "manual" && session.status == "open")
    content += form_of(session.page_url + "/transfer", "action", "claim", "I have paid");
  else
    content += "<p>Plugipay notices the money by itself.</p>";
  return page(text_at(instructions, "heading"),
              content + link_to(success_url(session), "Back to the shop") +
                  form_of(session.page_url, "action", "cancel", "Cancel"));
}

inline Reply state_page(const Session& session) {
  return page("This payment is " + session.status,
              link_to(session.status == "canceled" ? session.cancel_url : success_url(session),
                      "Back to the shop"));
}

// Dots that look like a QR code and say nothing.
inline Reply qr_picture(const std::string& id) {
  const std::string hash = sha256_hex(id) + sha256_hex(id + "2") + sha256_hex(id + "3");
  std::string dots;
  for (int i = 0; i < 13 * 13; ++i)
    if (hash[static_cast<std::size_t>(i)] % 2)
      dots += "<rect x=\"" + std::to_string(i % 13) + "\" y=\"" + std::to_string(i / 13) +
              "\" width=\"1\" height=\"1\"/>";
  return {.status = 200,
          .body = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"-1 -1 15 15\">" + dots +
                  "</svg>",
          .content_type = "image/svg+xml"};
}

}  // namespace switchyard::sandbox::plugipay_simulator
