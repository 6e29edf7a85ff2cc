// Messages as Example Pay sends them, true and false ones, and its page.
#pragma once

#include "base/clock.h"
#include "base/crypto.h"
#include "tests/journeys/story.h"

namespace switchyard::testing {

// Hosted pages are paid at Example Pay.
constexpr const char* pages_at_example = R"(
[[rule]]
name = "pages"
when = { method = "hosted_page" }
use = ["example"]
)";

// The same, and a second account there, which takes euro.
constexpr const char* second_account = R"(
[[account]]
id = "example_two"
adapter = "example"
mode = "test"
base_url = "SANDBOX/example"
api_key = "sk_test_two"
webhook_key = "whk_two"

[[rule]]
name = "euro-pages"
when = { method = "hosted_page", currency = "EUR" }
use = ["example_two"]

[[rule]]
name = "pages"
when = { method = "hosted_page" }
use = ["example"]
)";

// A message to that account's address, signed with that key.
inline JsonAnswer send_webhook(Stack& stack, const std::string& account, const Json& body,
                               const std::string& key) {
  const std::string text = write_json(body);
  const std::string time = std::to_string(unix_seconds(SystemClock().now()));
  const SendOutcome sent = stack.http().send(
      {.method = "POST",
       .url = stack.url() + "/webhooks/" + account,
       .headers = {{"Content-Type", "application/json"},
                   {"Example-Signature",
                    "t=" + time + ",v1=" + to_hex(hmac_sha256(key, time + "." + text))}},
       .body = text},
      {.fresh_connection = true});
  return {.status = sent.response.status, .text = sent.response.body};
}

inline Json says_paid(const Json& payment, const std::string& account, const std::string& amount) {
  return {{"id", "evt_of_the_test"},
          {"type", "charge.updated"},
          {"live", false},
          {"account", account},
          {"charge",
           {{"id", text_at(payment, "provider_reference")},
            {"reference", text_at(payment, "attempts.0.id")},
            {"account", account},
            {"status", "paid"},
            {"amount", amount},
            {"currency", text_at(payment, "currency")}}}};
}

inline void pay_page(Stack& stack, const std::string& url) {
  Browser browser = stack.browser();
  ASSERT_TRUE(browser.open(url));
  const auto paid = browser.press("pay");
  ASSERT_TRUE(paid) << paid.error().message;
}

// Pays and closes the tab: whoever comes back makes the router look.
inline void pay_and_leave(Stack& stack, const std::string& url) {
  const SendOutcome sent = stack.http().send({.method = "POST", .url = url, .body = "action=pay"},
                                             {.fresh_connection = true});
  ASSERT_EQ(sent.response.status, 303) << sent.problem;
}

}  // namespace switchyard::testing
