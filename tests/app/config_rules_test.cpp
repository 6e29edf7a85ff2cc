#include "app/config_rules.h"

#include "config_fixture.h"

namespace switchyard {
namespace {

using ConfigRules = ConfigTest;

std::vector<Rule> rules_of(const std::string& rules) {
  const ConfigOutcome outcome = read_config(two_accounts() + rules, "test.toml");
  EXPECT_EQ(sentences_of(outcome.problems), Texts{});
  return outcome.config.rules.rules;
}

Texts refusals(const std::string& rules) { return refusals_of(two_accounts() + rules); }
Texts refusals_when(const std::string& when) {
  return refusals(rule_text("r", "when = " + when + "\nuse = \"stripe_us\""));
}
Texts warnings_when(const std::string& when) {
  return warnings_of(two_accounts() +
                     rule_text("r", "when = " + when + "\nuse = [\"stripe_us\", \"mtn_lr\"]"));
}

TEST_F(ConfigRules, reads_every_condition) {
  const std::vector<Rule> rules = rules_of(R"(
[[rule]]
name = "everything"
when = { merchant = "mer_1", method = ["mobile_money", "card"], network = "mtn", currency = ["LRD", "USD"], country = "LR", mode = "test", amount = { from = 100, below = 500000 }, metadata.tier = ["pro", "gold"] }
use = ["mtn_lr", "stripe_us"]
[[rule]]
name = "wallets"
when.kind = "example_wallet"
use = "stripe_us"
)");
  ASSERT_EQ(rules.size(), 2u);
  const When& when = rules[0].when;
  EXPECT_EQ(rules[0].name, "everything");
  EXPECT_EQ(when.merchant, Texts{"mer_1"});
  EXPECT_EQ(when.method, (std::vector<Rail>{Rail::mobile_money, Rail::card}));
  EXPECT_EQ(when.network, Texts{"mtn"});
  EXPECT_EQ(when.currency, (Texts{"LRD", "USD"}));
  EXPECT_EQ(when.country, Texts{"LR"});
  EXPECT_EQ(when.mode, std::vector<Mode>{Mode::test});
  EXPECT_EQ(when.amount_from, 100);
  EXPECT_EQ(when.amount_below, 500000);
  EXPECT_EQ(when.metadata.at("tier"), (Texts{"pro", "gold"}));
  EXPECT_EQ(rules[0].use, (Texts{"mtn_lr", "stripe_us"}));
  EXPECT_EQ(rules[1].when.kind, Texts{"example_wallet"});
}

TEST_F(ConfigRules, reads_a_split_in_the_order_of_the_file) {
  const std::vector<Rule> rules =
      rules_of(rule_text("r", "split = { stripe_us = 70, mtn_lr = 30 }\nthen = [\"mtn_lr\"]"));
  ASSERT_EQ(rules.at(0).split.size(), 2u);
  EXPECT_EQ(rules[0].split[0].account, "stripe_us");
  EXPECT_EQ(rules[0].split[0].weight, 70);
  EXPECT_EQ(rules[0].split[1].account, "mtn_lr");
  EXPECT_EQ(rules[0].then, Texts{"mtn_lr"});
}

TEST_F(ConfigRules, the_version_follows_the_rules_and_not_the_rest) {
  const auto version = [](const std::string& toml) {
    return read_config(toml, "t").config.rules.version;
  };
  const std::string rules = rule_text("r", "use = \"stripe_us\"");
  EXPECT_EQ(version(two_accounts() + rules).size(), 12u);
  EXPECT_EQ(version(two_accounts() + rules),
            version("log.level = \"error\"\n" + two_accounts() + rules));
  EXPECT_NE(version(two_accounts() + rules),
            version(two_accounts() + rule_text("r", "use = \"mtn_lr\"")));
}

TEST_F(ConfigRules, an_unknown_account_is_refused_where_it_stands) {
  const std::string accounts = two_accounts();
  const auto line = std::to_string(std::count(accounts.begin(), accounts.end(), '\n') + 3);
  EXPECT_EQ(problems_of(accounts + rule_text("r", "use = [\"stripe\"]")),
            Texts{"test.toml:" + line +
                  ":8: rule \"r\": use: no account is called \"stripe\"; did you mean "
                  "\"stripe_us\"?"});
  EXPECT_EQ(refusals(rule_text("r", "split = { stripe = 1 }")).size(), 1u);
  EXPECT_EQ(refusals(rule_text("r", "split = { stripe_us = 1 }\nthen = \"x\"")).size(), 1u);
}

TEST_F(ConfigRules, unknown_keys_are_refused_with_what_was_meant) {
  EXPECT_EQ(refusals(rule_text("r", "use = \"stripe_us\"\nwehn = {}")),
            Texts{"there is no key \"wehn\" in rule \"r\"; did you mean \"when\"?"});
  EXPECT_EQ(refusals_when("{ curency = \"USD\" }"),
            Texts{"there is no key \"curency\" in rule \"r\": when; did you mean \"currency\"?"});
  EXPECT_EQ(refusals_when("{ amount = { form = 1 } }"),
            Texts{"there is no key \"form\" in rule \"r\": when.amount; did you mean \"from\"?"});
}

TEST_F(ConfigRules, values_are_those_that_exist) {
  EXPECT_EQ(refusals_when("{ currency = [\"USD\", \"USB\"] }"),
            Texts{"rule \"r\": when.currency must be a currency of ISO 4217, such as \"USD\", not "
                  "\"USB\""});
  EXPECT_EQ(refusals_when("{ currency = \"usd\" }").size(), 1u);
  EXPECT_EQ(refusals_when("{ country = \"ZZ\" }").size(), 1u);
  EXPECT_EQ(refusals_when("{ method = \"crad\" }"),
            Texts{"rule \"r\": when.method must be \"card\", \"hosted_page\", \"mobile_money\", "
                  "\"wallet\" or \"manual_transfer\", not \"crad\"; did you mean \"card\"?"});
  EXPECT_EQ(refusals_when("{ mode = \"prod\" }").size(), 1u);
  EXPECT_EQ(refusals_when("{ merchant = \"acme\" }").size(), 1u);
  EXPECT_EQ(refusals_when("{ metadata = { tier = 1 } }").size(), 1u);
}

TEST_F(ConfigRules, empty_conditions_are_refused_as_they_fit_nothing) {
  for (const char* when :
       {"{ currency = [] }", "{ method = [] }", "{ mode = [] }", "{ metadata.tier = [] }",
        "{ amount = {} }", "{ amount = { from = 5, below = 5 } }", "{ amount = { below = 0 } }",
        "{ method = \"card\", network = \"mtn\" }", "{ method = \"card\", kind = \"paypal\" }",
        "{ network = \"mtn\", kind = \"example_wallet\" }"})
    EXPECT_EQ(refusals_when(when).size(), 1u) << when;
}

TEST_F(ConfigRules, a_rule_has_either_use_or_split) {
  EXPECT_EQ(refusals(rule_text("r", "")).size(), 1u);
  EXPECT_EQ(refusals(rule_text("r", "use = \"mtn_lr\"\nsplit = { mtn_lr = 1 }")).size(), 1u);
  EXPECT_EQ(refusals(rule_text("r", "use = \"mtn_lr\"\nthen = \"stripe_us\"")).size(), 1u);
  EXPECT_EQ(refusals(rule_text("r", "use = []")).size(), 1u);
  EXPECT_EQ(refusals(rule_text("r", "split = {}")).size(), 1u);
}

TEST_F(ConfigRules, weights_are_whole_and_above_zero) {
  EXPECT_EQ(refusals(rule_text("r", "split = { mtn_lr = 0 }")),
            Texts{"rule \"r\": split.mtn_lr must be a whole number from 1 to 1000000, not 0"});
  EXPECT_EQ(refusals(rule_text("r", "split = { mtn_lr = -1 }")).size(), 1u);
  EXPECT_EQ(refusals(rule_text("r", "split = { mtn_lr = 0.5 }")).size(), 1u);
}

TEST_F(ConfigRules, names_are_given_and_unique) {
  const std::string use = "use = \"mtn_lr\"";
  EXPECT_EQ(refusals("[[rule]]\n" + use).size(), 1u);
  EXPECT_EQ(refusals(rule_text("two words", use)).size(), 1u);
  EXPECT_EQ(refusals(rule_text("r", "when.mode = \"test\"\n" + use) + rule_text("r", use)),
            Texts{"there is already a rule called \"r\""});
}

TEST_F(ConfigRules, a_rule_nobody_can_reach_is_refused) {
  const std::string use = "use = \"mtn_lr\"\n";
  EXPECT_EQ(
      refusals(rule_text("wide", "when.currency = [\"USD\", \"LRD\"]\n" + use) +
               rule_text("narrow", "when = { currency = \"USD\", country = \"LR\" }\n" + use)),
      Texts{"rule \"narrow\" can never be reached: rule \"wide\" above takes all it would"});
  EXPECT_EQ(refusals(rule_text("test", "when.mode = \"test\"\n" + use) +
                     rule_text("live", "when.mode = \"live\"\n" + use) + rule_text("rest", use)),
            Texts{"rule \"rest\" can never be reached: rules \"test\", \"live\" above take all it "
                  "would"});
}

TEST_F(ConfigRules, a_rule_with_a_mistake_is_not_said_to_hide_others) {
  const std::string use = "use = \"mtn_lr\"\n";
  EXPECT_EQ(
      refusals(rule_text("typo", "when = { curency = \"USD\" }\n" + use) + rule_text("rest", use))
          .size(),
      1u);
}

TEST_F(ConfigRules, warns_of_what_is_probably_not_meant) {
  EXPECT_EQ(warnings_when("{ network = \"mtm\" }"),
            Texts{"rule \"r\": when.network names \"mtm\", which no adapter offers; did you mean "
                  "\"mtn\"?"});
  EXPECT_EQ(warnings_when("{ amount = { from = 5 } }").size(), 1u);
  EXPECT_EQ(warnings_when("{ currency = [\"USD\", \"JPY\"], amount = { from = 5 } }").size(), 1u);
  EXPECT_EQ(warnings_when("{ currency = [\"USD\", \"EUR\"], amount = { from = 5 } }"), Texts{});
  EXPECT_EQ(
      warnings_of(two_accounts() + rule_text("r", "use = [\"mtn_lr\", \"stripe_us\", \"mtn_lr\"]")),
      Texts{"rule \"r\": use names \"mtn_lr\" twice; the second has no effect"});
}

}  // namespace
}  // namespace switchyard
