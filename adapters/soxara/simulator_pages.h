// What a payer sees of Soxara: a page with all methods, the bank's challenge, and the script that a
// shop's own page loads.
#pragma once

#include <string>

#include "adapters/soxara/simulator_book.h"
#include "sandbox/page.h"
#include "sandbox/wire.h"
#include "web/message.h"

namespace switchyard::sandbox::soxara_simulator {

inline Reply page(const std::string& title, const std::string& content) {
  return html_page("Soxara", title, content);
}

inline std::string price_of(const Intent& intent) {
  std::string cents = std::to_string(intent.amount % 100);
  if (cents.size() < 2) cents.insert(0, "0");
  return intent.currency + " " + std::to_string(intent.amount / 100) + "." + cents;
}

inline std::string form_of(const std::string& action, const std::string& type,
                           const std::string& return_url, const std::string& fields) {
  return "<form method=\"post\" action=\"" + action +
         "\"><input type=\"hidden\" name=\"type\" value=\"" + type +
         "\"><input type=\"hidden\" name=\"return_url\" value=\"" + html_escaped(return_url) +
         "\">" + fields + "</form>";
}

inline Reply method_page(const Intent& intent, const std::string& action,
                         const std::string& return_url) {
  std::string cards;
  for (const TestCard& card : test_cards)
    cards += "<li><code>" + std::string(card.number) + "</code> " + std::string(card.sentence);
  return page(
      "Pay " + price_of(intent),
      "<h2>Card</h2>" +
          form_of(action, "card", return_url,
                  "<label>Number <input name=\"number\" value=\"4242424242424242\"></label>"
                  "<button>Pay by card</button>") +
          "<ul>" + cards + "</ul><h2>Mobile money</h2>" +
          form_of(action, "momo", return_url,
                  "<label>Network <select name=\"provider\"><option>mtn<option>orange</select>"
                  "</label><label>Phone <input name=\"phone_number\" value=\"+231881111000\">"
                  "</label><button>Ask my phone</button>") +
          "<p class=\"note\">Ending …001 refuses, …002 times out, …003 has no money.</p>"
          "<h2>Soxara wallet</h2>" +
          form_of(action, "soxara_wallet", return_url,
                  "<label>Phone <input name=\"phone_number\" value=\"+231880000001\"></label>"
                  "<button>Pay by wallet</button>"));
}

inline Reply challenge_page(const Intent& intent, const std::string& action) {
  return page("Is this you?",
              "<p>Your bank asks: pay " + price_of(intent) +
                  "?</p><form method=\"post\" action=\"" + action +
                  "\"><button name=\"decision\" value=\"approve\">Approve</button> "
                  "<button name=\"decision\" value=\"reject\">Reject</button></form>");
}

inline Reply state_page(const Intent& intent, const std::string& problem) {
  return page("This payment is " + intent.status,
              problem.empty() ? "" : "<p>" + html_escaped(problem) + "</p>");
}

// The entry points that a shop's page uses: Soxara(key), elements(), confirmPayment().
inline Reply script(const std::string& base_url) {
  return {.status = 200,
          .body = "window.Soxara=function(key){const base=" + write_json(Json(base_url)) + R"JS(;
return {
  elements({clientSecret}){
    const input=document.createElement('input');
    input.placeholder='Card number'; input.value='4242424242424242';
    return {clientSecret, input, create(){return this;},
            mount(place){const to=typeof place==='string'?document.querySelector(place):place;
                         to.appendChild(input);}};
  },
  async confirmPayment({elements, clientSecret, paymentMethod, confirmParams}){
    const secret=clientSecret||elements.clientSecret, id=secret.split('_secret_')[0];
    const method=paymentMethod||{type:'card',card:{number:elements.input.value.replace(/\D/g,'')}};
    const return_url=confirmParams&&confirmParams.return_url;
    const answer=await fetch(base+'/v1/payments/'+id+'/confirm',{method:'POST',
      headers:{'Authorization':'Bearer '+key,'Content-Type':'application/json'},
      body:JSON.stringify({client_secret:secret,payment_method:method,return_url})});
    const said=await answer.json();
    if(!said.success) return {error:said.error};
    const next=said.data.next_action;
    if(next&&next.redirect_to_url) location.href=next.redirect_to_url.url;
    return {payment:said.data};
  }};
};)JS",
          .content_type = "text/javascript; charset=utf-8",
          .headers = {{"Access-Control-Allow-Origin", "*"}}};
}

}  // namespace switchyard::sandbox::soxara_simulator
