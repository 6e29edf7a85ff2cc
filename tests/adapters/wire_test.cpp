// What adapters share: written once, so judged once.
#include "adapters/wire.h"

#include <gtest/gtest.h>

namespace switchyard {
namespace {

using namespace std::chrono_literals;

Account with(const std::string& name, const std::string& value) {
  Account account;
  account.settings.emplace(name, Secret(value));
  return account;
}

Money usd(std::int64_t cents) { return {cents, find_currency("USD").value()}; }

TEST(Wire, a_setting_that_is_no_number_is_the_other_one) {
  EXPECT_EQ(number_in(with("least", "50"), "least", 7), 50);
  EXPECT_EQ(number_in(with("least", "-1"), "least", 7), -1);
  for (const char* text : {"", "fifty", "5.5", "99999999999999999999"})
    EXPECT_EQ(number_in(with("least", text), "least", 7), 7) << text;
  EXPECT_EQ(number_in({}, "least"), 0);
}

TEST(Wire, a_body_names_its_kind) {
  const HttpRequest json = with_json({.method = "POST"}, {{"amount", 5}});
  EXPECT_EQ(json.body, R"({"amount":5})");
  EXPECT_EQ(header_of(json.headers, "content-type"), "application/json");
  const HttpRequest form = with_form({.method = "POST"}, Form().add("a b", "1&2"));
  EXPECT_EQ(form.body, "a%20b=1%262");
  EXPECT_EQ(header_of(form.headers, "content-type"), "application/x-www-form-urlencoded");
}

TEST(Wire, only_200_and_201_are_success) {
  for (const int status : {200, 201}) EXPECT_TRUE(is_success({.status = status}));
  for (const int status : {0, 100, 199, 202, 204, 299, 300, 302, 400, 500})
    EXPECT_FALSE(is_success({.status = status})) << status;
}

TEST(Wire, money_is_read_by_its_own_currency) {
  EXPECT_EQ(money_from("49.9", "USD"), usd(4990));
  EXPECT_EQ(money_from("1500.00", "UGX"), (Money{1500, find_currency("UGX").value()}));
  for (const char* text : {"", "49.999", "1e3", "-", "four"})
    EXPECT_FALSE(money_from(text, "USD")) << text;
  EXPECT_FALSE(money_from("49.90", "usd"));
  EXPECT_FALSE(money_from("49.90", ""));
}

TEST(Wire, money_that_cannot_be_read_decides_nothing) {
  for (const Verdict verdict : {Verdict::captured, Verdict::authorized}) {
    Update unreadable = {.verdict = verdict}, readable = {.verdict = verdict, .money = usd(1)};
    believe_only_readable_money(unreadable);
    believe_only_readable_money(readable);
    EXPECT_EQ(unreadable.verdict, Verdict::unknown);
    EXPECT_EQ(readable.verdict, verdict);
  }
  Update refused = {.verdict = Verdict::refused};
  believe_only_readable_money(refused);
  EXPECT_EQ(refused.verdict, Verdict::refused);
}

TEST(Wire, a_refusal_has_their_words_and_our_reason) {
  static constexpr DeclineRow table[] = {{"no_funds", Decline::insufficient_funds}};
  Update update;
  add_refusal(update, table, "NO_FUNDS", "Not enough.");
  EXPECT_EQ(update.decline, Decline::insufficient_funds);
  EXPECT_EQ(update.provider_code, "NO_FUNDS");
  EXPECT_EQ(update.provider_message, "Not enough.");
  EXPECT_EQ(update.verdict, Verdict::unknown);  // that is for the adapter to say
  add_refusal(update, table, "new_word", "");
  EXPECT_EQ(update.decline, Decline::unmapped);
}

TEST(Wire, no_later_look_puts_a_prompts_end_off) {
  Charge charge;
  charge.now = parse_rfc3339("2026-02-01T12:00:00Z").value();
  Update first;
  const std::string end = remember_prompt_end(first, charge, 120s);
  EXPECT_EQ(parse_rfc3339(end), charge.now + 120s);
  charge.memory = first.memory;
  charge.now += 60s;
  Update second;
  EXPECT_EQ(remember_prompt_end(second, charge, 120s), end);
  EXPECT_EQ(second.memory, first.memory);
}

TEST(Wire, the_limits_themselves_are_taken) {
  EXPECT_EQ(amount_objection("Pay", usd(50), 50, 100), "");
  EXPECT_EQ(amount_objection("Pay", usd(100), 50, 100), "");
  EXPECT_EQ(amount_objection("Pay", usd(49), 50, 100), "Pay takes no less than USD 0.50");
  EXPECT_EQ(amount_objection("Pay", usd(101), 50, 100), "Pay takes no more than USD 1.00");
  EXPECT_EQ(amount_objection("Pay", usd(1'000'000), 0, 0), "");
}

TEST(Wire, an_address_alone_proves_nothing_and_none_is_refused) {
  EXPECT_EQ(proof_by_address({}, {.attempt_id = "att_1"}), Proof::unproven);
  EXPECT_EQ(proof_by_address({}, {}), Proof::rejected);
}

}  // namespace
}  // namespace switchyard
