#include "app/dev_config.h"

#include <vector>

namespace switchyard {
namespace {

struct Section {
  std::string name;
  std::string keys;
};

// The credentials that adapters/*/README.md name for the sandbox.
constexpr const char* mintcash_signing_secret = "demo-signing-secret-91ab";
constexpr const char* soxara_webhook_secret = "whsec_test_soxara_77d0";
constexpr const char* stripe_webhook_secret = "whsec_sandbox";
constexpr const char* example_webhook_key = "whk_example";

constexpr const char* rules = R"(
# A card's token is known only to the provider that made it, and both make tok_…: the payment says.
[[rule]]
name = "cards-at-example"
when = { method = "card", metadata.provider = "example" }
use = ["example"]

[[rule]]
name = "cards"
when = { method = "card" }
use = ["stripe"]

[[rule]]
name = "pages-in-euro"
when = { method = "hosted_page", currency = "EUR" }
use = ["stripe", "mintcash"]

[[rule]]
name = "pages"
when = { method = "hosted_page" }
use = ["mintcash", "stripe", "example"]

[[rule]]
name = "liberian-phones"
when = { method = "mobile_money", network = ["mtn", "orange"], currency = ["USD", "LRD"] }
use = ["soxara", "example"]

[[rule]]
name = "other-phones"
when = { method = "mobile_money" }
use = ["example"]

[[rule]]
name = "wallets"
when = { method = "wallet" }
use = ["soxara", "example"]

[[rule]]
name = "transfers"
when = { method = "manual_transfer" }
use = ["bank"]
)";

std::string quoted(const std::string& text) { return "\"" + text + "\""; }

std::vector<Section> sections(const DevPlaces& places) {
  return {
      {"server", "port = " + std::to_string(places.port) +
                     "\noperations_port = " + std::to_string(places.operations_port) +
                     "\ndrain_within = \"3s\"\n" + places.server_keys},
      {"database", "url = " + quoted(places.database_url)},
      {"secrets", "master_key = " + quoted(places.master_key)},
      {"api", "reads_per_second = 100000\nwrites_per_second = 100000"},
      {"delivery", "allowed_networks = [\"127.0.0.0/8\"]\nplain_http_allowed = true"},
      {"log", "level = \"warning\""},
  };
}

std::string account(const DevPlaces& places, const std::string& adapter, const std::string& keys) {
  return "\n[[account]]\nid = " + quoted(adapter) + "\nadapter = " + quoted(adapter) +
         "\nmode = \"test\"\nbase_url = " + quoted(places.sandbox_url + "/" + adapter) + "\n" +
         keys + "\n";
}

std::string accounts(const DevPlaces& places) {
  const std::string soxara_key(40, 'd');
  return account(places, "example",
                 "api_key = \"sk_test_shop\"\nwebhook_key = " + quoted(example_webhook_key)) +
         account(
             places, "stripe",
             "secret_key = \"sk_test_shop\"\nwebhook_secret = " + quoted(stripe_webhook_secret)) +
         account(places, "mintcash",
                 "public_key = \"pk_test_shop\"\nsecret_key = \"sk_test_shop\"\nsigning_secret = " +
                     quoted(mintcash_signing_secret)) +
         account(places, "soxara",
                 "secret_key = \"sxm_test_" + soxara_key + "\"\npublishable_key = \"sxm_pub_test_" +
                     soxara_key.substr(0, 36) +
                     "\"\nserver_side_confirm = \"true\"\nscript_url = " +
                     quoted(places.sandbox_url + "/soxara/js/v1") +
                     "\nwebhook_secret = " + quoted(soxara_webhook_secret)) +
         "\n[[account]]\nid = \"bank\"\nadapter = \"manual\"\nmode = \"test\"\n"
         "bank_name = \"First Example Bank\"\naccount_name = \"Demo Shop Ltd\"\n"
         "account_number = \"000123456789\"\n";
}

}  // namespace

std::string with_section(const std::string& toml, const std::string& name,
                         const std::string& keys) {
  const bool has_it = ("\n" + toml).find("\n[" + name + "]") != std::string::npos;
  return has_it ? toml : toml + "\n[" + name + "]\n" + keys + "\n";
}

std::string dev_config(const DevPlaces& places, const std::string& extra) {
  std::string text = extra;
  for (const Section& section : sections(places))
    text = with_section(text, section.name, section.keys);
  text += accounts(places);
  // A rule that stands behind one that takes all it would is a mistake: ours cannot follow others.
  return extra.find("[[rule]]") == std::string::npos ? text + rules : text;
}

Json simulator_settings(const std::string& public_url) {
  const std::string webhooks = public_url + "/webhooks/";
  return {
      {"example.webhook_key", example_webhook_key},
      {"stripe.webhook_url", webhooks + "stripe"},
      {"stripe.webhook_secret", stripe_webhook_secret},
      {"mintcash.webhook_url", webhooks + "mintcash"},
      {"mintcash.secret_key", mintcash_signing_secret},
      {"soxara.webhook_url", webhooks + "soxara"},
      {"soxara.webhook_secret", soxara_webhook_secret},
  };
}

}  // namespace switchyard
