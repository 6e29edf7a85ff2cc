#include "flow/checked_update.h"

#include <gtest/gtest.h>

namespace switchyard {
namespace {

Update checked(Update update) { return checked_against(Account{.id = "it"}, std::move(update)); }

Json redirect(const std::string& url) {
  return {{"type", "redirect"}, {"redirect", {{"url", url}}}};
}
Json in_app(const std::string& url) {
  return {{"type", "approve_in_app"}, {"approve_in_app", {{"kind", "wallet"}, {"url", url}}}};
}
Update action(Json next) {
  return checked({.verdict = Verdict::requires_action, .next_action = std::move(next)});
}

TEST(CheckedUpdate, P16_keeps_codes_that_are_codes) {
  for (const std::string code : {"", "card_declined", "51", "E-4.2", "Insufficient funds (51)"})
    EXPECT_EQ(checked({.provider_code = code}).provider_code, code);
}

TEST(CheckedUpdate, P16_keeps_no_code_that_could_be_a_page_a_line_or_a_card) {
  for (const std::string& code :
       {std::string("<script>"), std::string("a\nb"), std::string("\x1b[31m"), std::string("a\"b"),
        std::string("4242 4242 4242 4242"), std::string(101, 'x'), std::string("caf\xc3\xa9")})
    EXPECT_EQ(checked({.provider_code = code}).provider_code, "unreadable");
}

TEST(CheckedUpdate, D11_P16_keeps_no_message_that_repeats_a_card_number) {
  EXPECT_EQ(checked({.provider_message = "No."}).provider_message, "No.");
  EXPECT_EQ(
      checked({.provider_message = "Card 4242424242424242 is bad."}).provider_message.find("4242"),
      std::string::npos);
}

TEST(CheckedUpdate, P16_sends_payers_to_web_addresses) {
  for (const std::string url : {"https://bank.example/3ds?a=b#c", "http://127.0.0.1:80/pay"})
    EXPECT_EQ(action(redirect(url)).next_action, redirect(url));
  EXPECT_EQ(action(in_app("examplepay://approve/1")).next_action, in_app("examplepay://approve/1"));
  const Json without = {{"type", "approve_on_phone"}, {"approve_on_phone", {{"network", "mtn"}}}};
  EXPECT_EQ(action(without).next_action, without);
}

TEST(CheckedUpdate, P16_closes_what_would_send_a_payer_anywhere_else) {
  for (const std::string url :
       {"javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x", "file:///etc/passwd",
        "//evil.example", "/pay", "https:evil", "https://a b", "https://a\r\nX: y", " https://a",
        "https://a\"onclick=", "https://a\\@b", "ftp://a", "://a"}) {
    const Update update = action(redirect(url));
    EXPECT_TRUE(update.next_action.is_null()) << url;
    EXPECT_EQ(update.verdict, Verdict::refused) << url;
    EXPECT_TRUE(update.is_still_payable) << url;
  }
  for (const std::string url : {"javascript:alert(1)", "DATA:text/html,x", "blob:x", "nothing"})
    EXPECT_TRUE(action(in_app(url)).next_action.is_null()) << url;
  EXPECT_TRUE(action({{"type", "redirect"}, {"redirect", {{"url", 7}}}}).next_action.is_null());
}

TEST(CheckedUpdate, P9_marks_what_names_another_account) {
  Account account{.id = "it", .settings = {{"account_name", Secret("shop")}}};
  EXPECT_TRUE(checked_against(account, {.account_echo = "other"}).is_foreign_account);
  EXPECT_FALSE(checked_against(account, {.account_echo = "shop"}).is_foreign_account);
  EXPECT_FALSE(checked_against(account, {}).is_foreign_account);
}

}  // namespace
}  // namespace switchyard
