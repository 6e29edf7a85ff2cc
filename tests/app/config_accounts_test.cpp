#include "app/config_accounts.h"

#include "config_fixture.h"

namespace switchyard {
namespace {

using ConfigAccounts = ConfigTest;

std::string used(const std::string& toml) { return toml + rule_text("all", "use = \"a\""); }

Account account_of(const std::string& more) {
  const ConfigOutcome outcome = read_config(used(account_text("a", more)), "test.toml");
  EXPECT_EQ(sentences_of(outcome.problems), Texts{});
  return outcome.config.accounts.at("a");
}

std::string live_account(const std::string& more = "") {
  return "[[account]]\nid = \"a\"\nadapter = \"example\"\nmode = \"live\"\n"
         "api_key = \"env:LIVE_API_KEY\"\nwebhook_key = \"env:EXAMPLE_WEBHOOK_KEY\"\n" +
         more + "\n";
}

TEST_F(ConfigAccounts, has_the_defaults_of_its_adapter) {
  const Account account = account_of("");
  const Adapter& adapter = *find_adapter("example");
  EXPECT_EQ(account.id, "a");
  EXPECT_EQ(account.adapter, "example");
  EXPECT_EQ(account.mode, Mode::test);
  EXPECT_EQ(account.merchants, Texts{"*"});
  EXPECT_EQ(account.base_url, adapter.base_url_test);
  EXPECT_EQ(account.webhook_url, "http://127.0.0.1:8080/webhooks/a");
  EXPECT_EQ(account.setting("api_key"), "sk_test_1");
  EXPECT_EQ(account.settings.size(), adapter.settings.size());
  EXPECT_FALSE(account.forward_metadata);
}

TEST_F(ConfigAccounts, every_value_reaches_its_place) {
  const Account account = account_of(R"(
merchants = ["mer_1", "mer_2"]
base_url = "http://127.0.0.1:9000/example/"
currencies = ["USD", "LRD"]
countries = "LR"
limits.USD = { minimum = 100, maximum = 500000 }
limits.LRD = { minimum = 5 }
forward_metadata = true
account_name = "Acme"
)");
  EXPECT_EQ(account.merchants, (Texts{"mer_1", "mer_2"}));
  EXPECT_EQ(account.base_url, "http://127.0.0.1:9000/example");
  EXPECT_EQ(account.currencies, (Texts{"USD", "LRD"}));
  EXPECT_EQ(account.countries, Texts{"LR"});
  EXPECT_EQ(account.limits.at("USD").minimum, 100);
  EXPECT_EQ(account.limits.at("USD").maximum, 500000);
  EXPECT_EQ(account.limits.at("LRD").maximum, 0);
  EXPECT_TRUE(account.forward_metadata);
  EXPECT_EQ(account.setting("account_name"), "Acme");
}

TEST_F(ConfigAccounts, webhooks_come_in_at_the_public_url) {
  const ConfigOutcome outcome = read_config(
      "server.public_url = \"https://pay.example.com/\"\n" + used(account_text("a")), "t");
  EXPECT_EQ(outcome.config.accounts.at("a").webhook_url, "https://pay.example.com/webhooks/a");
}

TEST_F(ConfigAccounts, settings_may_stand_apart) {
  EXPECT_EQ(account_of("settings.account_name = \"Acme\"").setting("account_name"), "Acme");
  EXPECT_EQ(refusals_of(used(account_text("a", "settings.api_key = \"x\""))),
            Texts{"account \"a\": settings.api_key is given twice: in the account and in its "
                  "settings"});
  EXPECT_EQ(refusals_of(used(account_text("a", "settings.api_kee = \"x\""))),
            Texts{"there is no key \"api_kee\" in account \"a\": settings; did you mean "
                  "\"api_key\"?"});
}

TEST_F(ConfigAccounts, settings_of_yes_and_no_and_numbers_become_text) {
  EXPECT_EQ(account_of("account_name = true").setting("account_name"), "true");
  EXPECT_EQ(account_of("account_name = 42").setting("account_name"), "42");
  EXPECT_EQ(refusals_of(used(account_text("a", "account_name = 4.2"))).size(), 1u);
}

// Such a setting could never be given: the account's own key goes before it.
TEST_F(ConfigAccounts, no_adapter_has_a_setting_called_like_a_key_of_every_account) {
  for (const Adapter* adapter : all_adapters())
    for (const Setting& setting : adapter->settings)
      for (const ReadKey<AccountDraft>& key : account_keys())
        EXPECT_NE(setting.name, key.last_name()) << adapter->name;
}

TEST_F(ConfigAccounts, needs_id_adapter_and_mode) {
  EXPECT_EQ(problems_of("\n[[account]]\n").size(), 3u);
  EXPECT_TRUE(
      problems_of("\n[[account]]\n")[0].starts_with("test.toml:2:1: account: id is missing"))
      << problems_of("\n[[account]]\n")[0];
}

TEST_F(ConfigAccounts, needs_what_its_adapter_needs_and_says_what_it_is) {
  const Texts found =
      refusals_of(used("[[account]]\nid = \"a\"\nadapter = \"example\"\nmode = \"test\"\n"
                       "webhook_key = \"env:EXAMPLE_WEBHOOK_KEY\"\n"));
  const std::string sentence(find_adapter("example")->settings[0].sentence);
  EXPECT_EQ(found,
            Texts{"account \"a\": api_key is missing; the adapter example needs it: " + sentence});
}

TEST_F(ConfigAccounts, an_unknown_setting_is_refused) {
  EXPECT_EQ(refusals_of(used(account_text("a", "webhook_kye = \"x\""))),
            Texts{"there is no key \"webhook_kye\" in account \"a\"; did you mean "
                  "\"webhook_key\"?"});
}

TEST_F(ConfigAccounts, an_unknown_adapter_is_the_only_complaint) {
  EXPECT_EQ(refusals_of(used("[[account]]\nid = \"a\"\nadapter = \"exampel\"\nmode = \"test\"\n"
                             "whatever = 1\n")),
            Texts{"account \"a\": adapter names no adapter: \"exampel\"; did you mean "
                  "\"example\"?"});
}

TEST_F(ConfigAccounts, ids_are_short_plain_and_unique) {
  EXPECT_EQ(refusals_of(account_text("Stripe")).size(), 1u);
  EXPECT_EQ(refusals_of(account_text("a/b")).size(), 1u);
  EXPECT_EQ(refusals_of(account_text(std::string(41, 'a'))).size(), 1u);
  EXPECT_EQ(refusals_of(account_text("a") + account_text("a")),
            Texts{"there is already an account called \"a\""});
}

TEST_F(ConfigAccounts, lists_hold_what_exists) {
  EXPECT_EQ(refusals_of(used(account_text("a", "currencies = [\"USD\", \"XXX\"]"))),
            Texts{"account \"a\": currencies must be a currency of ISO 4217, such as \"USD\", not "
                  "\"XXX\""});
  EXPECT_EQ(refusals_of(used(account_text("a", "countries = [\"Liberia\"]"))).size(), 1u);
  EXPECT_EQ(refusals_of(used(account_text("a", "currencies = []"))).size(), 1u);
  EXPECT_EQ(refusals_of(used(account_text("a", "merchants = [\"acme\"]"))).size(), 1u);
  EXPECT_EQ(refusals_of(used(account_text("a", "merchants = [\"*\", \"mer_1\"]"))).size(), 1u);
}

TEST_F(ConfigAccounts, limits_are_by_currency_and_in_order) {
  EXPECT_EQ(refusals_of(used(account_text("a", "limits.USB = { minimum = 1 }"))),
            Texts{"account \"a\": limits is by currency, and there is none called \"USB\""});
  EXPECT_EQ(refusals_of(used(account_text("a", "limits.USD = { minimum = 5, maximum = 4 }"))),
            Texts{"account \"a\": limits.USD has a maximum below its minimum"});
  EXPECT_EQ(refusals_of(used(account_text("a", "limits.USD = { minimum = -1 }"))).size(), 1u);
  EXPECT_EQ(refusals_of(used(account_text("a", "limits.USD = { min = 1 }"))).size(), 1u);
}

TEST_F(ConfigAccounts, a_currency_its_adapter_does_not_take_is_a_warning) {
  EXPECT_EQ(warnings_of(used(account_text("a", "currencies = [\"USD\", \"CHF\"]"))),
            Texts{"account \"a\": the adapter example does not take CHF"});
}

TEST_F(ConfigAccounts, a_secret_in_plain_text_is_a_warning_in_test_and_a_problem_in_live) {
  const std::string plain =
      "[[account]]\nid = \"a\"\nadapter = \"example\"\n"
      "webhook_key = \"env:EXAMPLE_WEBHOOK_KEY\"\n";
  const std::string sentence =
      "account \"a\": api_key is a secret in plain text: write \"env:NAME\" or \"file:PATH\"";
  EXPECT_EQ(warnings_of(used(plain + "mode = \"test\"\napi_key = \"sk_test_1\"\n")),
            Texts{sentence});
  EXPECT_EQ(refusals_of(used(plain + "mode = \"live\"\napi_key = \"sk_live_1\"\n")),
            Texts{sentence});
}

TEST_F(ConfigAccounts, live_accounts_use_the_live_host) {
  const ConfigOutcome outcome = read_config(used(live_account()), "t");
  EXPECT_EQ(sentences_of(outcome.problems), Texts{});
  EXPECT_EQ(outcome.config.accounts.at("a").base_url, find_adapter("example")->base_url_live);
}

TEST_F(ConfigAccounts, no_test_host_in_live_mode_nor_live_host_in_test_mode) {
  const auto refusals = [](const std::string& account, const std::string& url) {
    return refusals_of(used(account + "base_url = \"" + url + "\"\n"));
  };
  EXPECT_EQ(refusals(live_account(), "https://api.test.example-pay.invalid"),
            Texts{"account \"a\": is in live mode, but api.test.example-pay.invalid is a host for "
                  "test mode"});
  EXPECT_EQ(refusals(live_account(), "https://api.sandbox.other.example").size(), 1u);
  EXPECT_EQ(refusals(live_account(), "http://pay.example.com"),
            Texts{"account \"a\": base_url must begin with https:// in live mode"});
  EXPECT_EQ(refusals(live_account(), "http://127.0.0.1:9000"), Texts{});
  EXPECT_EQ(refusals(live_account(), "https://proxy.example.com"), Texts{});
  EXPECT_EQ(refusals(account_text("a"), "https://api.example-pay.invalid").size(), 1u);
  EXPECT_EQ(refusals(account_text("a"), "http://sandbox:9000"), Texts{});
}

TEST_F(ConfigAccounts, no_live_credential_in_test_mode_nor_test_credential_in_live_mode) {
  set("EXAMPLE_API_KEY", "sk_live_2");
  EXPECT_EQ(refusals_of(used(account_text("a"))),
            Texts{"account \"a\": is in test mode, but its api_key is a credential for live mode"});
  set("LIVE_API_KEY", "SB-test-server-1");
  EXPECT_EQ(refusals_of(used(live_account())),
            Texts{"account \"a\": is in live mode, but its api_key is a credential for test mode"});
}

TEST_F(ConfigAccounts, chance_in_a_credential_says_nothing_of_its_mode) {
  set("EXAMPLE_API_KEY", "k_v2_abc_live_x");
  set("EXAMPLE_WEBHOOK_KEY", "live");
  EXPECT_EQ(refusals_of(used(account_text("a"))), Texts{});
}

TEST_F(ConfigAccounts, an_account_no_rule_uses_is_a_warning) {
  EXPECT_EQ(warnings_of(used(account_text("a") + account_text("b"))),
            Texts{"no rule uses the account \"b\""});
}

}  // namespace
}  // namespace switchyard
