#include "app/config_text.h"

#include "config_fixture.h"

namespace switchyard {
namespace {

using ConfigText = ConfigTest;

TEST_F(ConfigText, describes_rules_and_accounts) {
  const ConfigOutcome outcome = read_config(
      account_text("mtn_lr", "currencies = \"LRD\"\nlimits.LRD = { minimum = 5, maximum = 900 }") +
          account_text("stripe_us", "merchants = \"mer_1\"\ncountries = [\"LR\", \"US\"]") +
          rule_text("phones", "when.method = \"mobile_money\"\nuse = [\"mtn_lr\", \"stripe_us\"]") +
          rule_text("rest", "split = { stripe_us = 3, mtn_lr = 1 }"),
      "test.toml");
  ASSERT_EQ(sentences_of(outcome.problems), Texts{});
  const std::string host(outcome.config.accounts.at("mtn_lr").base_url);
  EXPECT_EQ(describe_rules(outcome.config),
            "2 rules, version " + outcome.config.rules.version +
                "; the first that fits wins\n"
                "  1. phones\n"
                "     when method is mobile_money\n"
                "     use mtn_lr, then stripe_us\n"
                "  2. rest\n"
                "     when any payment\n"
                "     split 3 of 4 to stripe_us, 1 of 4 to mtn_lr\n"
                "2 accounts\n"
                "  mtn_lr: example, test mode, " +
                host +
                "; only LRD; LRD from 5 up to 900\n"
                "     webhooks come in at http://127.0.0.1:8080/webhooks/mtn_lr\n"
                "  stripe_us: example, test mode, " +
                host +
                "; only for mer_1; only payers from LR, US\n"
                "     webhooks come in at http://127.0.0.1:8080/webhooks/stripe_us\n");
}

TEST_F(ConfigText, shows_no_secret) {
  set("EXAMPLE_API_KEY", "do_not_print_me");
  const ConfigOutcome outcome = read_config(account_text("a") + rule_text("r", "use = \"a\""), "t");
  EXPECT_EQ(outcome.config.accounts.at("a").setting("api_key"), "do_not_print_me");
  EXPECT_EQ(describe_rules(outcome.config).find("do_not_print_me"), std::string::npos);
}

TEST_F(ConfigText, lists_problems_and_then_warnings) {
  const ConfigOutcome outcome = read_config("server.port = 0\n" + account_text("a"), "test.toml");
  EXPECT_EQ(describe_problems(outcome),
            "test.toml:1:15: server.port must be a whole number from 1 to 65535, not 0\n"
            "test.toml:2:1: warning: no rule uses the account \"a\"\n");
  EXPECT_EQ(describe_problems(read_config("", "t")), "");
}

}  // namespace
}  // namespace switchyard
