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
constexpr const char* pudgy_webhook_secret = "whsec_test_pudgy_5f1c9a";
constexpr const char* plugipay_webhook_secret = "whsec_test_plugi_c0ffee";
constexpr const char* xendit_callback_token = "V8tq2nQ0sYk4wZr7xP1c";
constexpr const char* paypal_webhook_id = "8PT597110X687430L";
constexpr const char* example_webhook_key = "whk_example";

constexpr const char* rules = R"(
[[rule]]
name = "cards"
when = { method = "card" }
use = ["stripe"]

[[rule]]
name = "pages-in-euro"
when = { method = "hosted_page", currency = "EUR" }
use = ["stripe", "mintcash"]

[[rule]]
name = "pages-in-rupiah"
when = { method = "hosted_page", currency = "IDR" }
use = ["midtrans", "plugipay", "xendit"]

[[rule]]
name = "pages-in-african-francs"
when = { method = "hosted_page", currency = ["XOF", "XAF", "GNF"] }
use = ["orange_money"]

[[rule]]
name = "pages"
when = { method = "hosted_page" }
use = ["mintcash", "stripe", "xendit", "example"]

[[rule]]
name = "liberian-phones"
when = { method = "mobile_money", network = ["mtn", "orange"], currency = ["USD", "LRD"] }
use = ["soxara", "example"]

[[rule]]
name = "other-phones"
when = { method = "mobile_money" }
use = ["mtn_momo", "orange_money", "mpesa", "example"]

[[rule]]
name = "wallets"
when = { method = "wallet" }
use = ["soxara", "paypal", "xendit", "example"]

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

struct DevAccount {
  std::string id;  // and its adapter
  std::vector<std::pair<std::string, std::string>> settings;
};

std::vector<DevAccount> accounts_at(const std::string& sandbox_url) {
  const std::string host = sandbox_url.substr(sandbox_url.find("//") + 2);
  const std::string soxara_key(40, 'd');
  const std::string mtn_user = "72a6b1d0-3f3e-4a55-9d4e-8b1f0a2c7e11";
  const std::string mtn_key = "f1db798c98df4bcf83b538175893bbf0";
  return {
      {"example", {{"api_key", "sk_test_shop"}, {"webhook_key", example_webhook_key}}},
      {"stripe", {{"secret_key", "sk_test_shop"}, {"webhook_secret", stripe_webhook_secret}}},
      {"pudgy", {{"secret_key", "sk_test_shop"}, {"webhook_secret", pudgy_webhook_secret}}},
      {"mintcash",
       {{"public_key", "pk_test_shop"},
        {"secret_key", "sk_test_shop"},
        {"signing_secret", mintcash_signing_secret}}},
      {"plugipay", {{"api_key", "pk_test_shop"}, {"webhook_secret", plugipay_webhook_secret}}},
      {"xendit",
       {{"secret_key", "xnd_development_shop"}, {"callback_token", xendit_callback_token}}},
      {"midtrans",
       {{"server_key", "SB-Mid-server-shop"}, {"snap_base_url", sandbox_url + "/midtrans"}}},
      {"paypal",
       {{"client_id", "paypal-sandbox-client"},
        {"client_secret", "paypal-sandbox-secret"},
        {"webhook_id", paypal_webhook_id},
        {"certificate_hosts", host},
        {"webhook_verification", "api"}}},
      {"soxara",
       {{"secret_key", "sxm_test_" + soxara_key},
        {"publishable_key", "sxm_pub_test_" + soxara_key.substr(0, 36)},
        {"server_side_confirm", "true"},
        {"script_url", sandbox_url + "/soxara/js/v1"},
        {"webhook_secret", soxara_webhook_secret}}},
      {"mtn_momo",
       {{"target_environment", "sandbox"},
        {"collection_subscription_key", "5c1e9f0a7b3d4e6288aa01c4d2f7b9e3"},
        {"collection_api_user", mtn_user},
        {"collection_api_key", mtn_key},
        {"disbursement_subscription_key", "d07be4a15f9c4b7ca2360e8f1c5d9b42"},
        {"disbursement_api_user", mtn_user},
        {"disbursement_api_key", mtn_key}}},
      {"orange_money",
       {{"merchant_key", "demo1234"},
        {"client_id", "demo-client"},
        {"client_secret", "demo-secret"},
        {"country", "dev"},
        {"currency", "XOF"},
        {"merchant_name", "Demo Shop"}}},
      {"mpesa",
       {{"consumer_key", "ck_test"},
        {"consumer_secret", "cs_test"},
        {"short_code", "174379"},
        {"passkey", "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919"},
        {"initiator", "apiop37"},
        {"security_credential", "c2VhbGVkIHBhc3N3b3Jk"}}},
  };
}

std::string accounts(const DevPlaces& places) {
  std::string text;
  for (const DevAccount& account : accounts_at(places.sandbox_url)) {
    text += "\n[[account]]\nid = " + quoted(account.id) + "\nadapter = " + quoted(account.id) +
            "\nmode = \"test\"\nbase_url = " + quoted(places.sandbox_url + "/" + account.id) + "\n";
    for (const auto& [name, value] : account.settings) text += name + " = " + quoted(value) + "\n";
  }
  return text +
         "\n[[account]]\nid = \"bank\"\nadapter = \"manual\"\nmode = \"test\"\n"
         "bank_name = \"First Example Bank\"\naccount_name = \"Demo Shop Ltd\"\n"
         "account_number = \"000123456789\"\n";
}

// Who wants to see a certain provider says so in the payment. A card's token, for one, is known
// only to the provider that made it, and several make tok_….
std::string rules_by_name(const DevPlaces& places) {
  std::string text;
  for (const DevAccount& account : accounts_at(places.sandbox_url))
    text += "\n[[rule]]\nname = " + quoted("at-" + account.id) +
            "\nwhen = { metadata.provider = " + quoted(account.id) + " }\nuse = [" +
            quoted(account.id) + "]\n";
  return text;
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
  return extra.find("[[rule]]") == std::string::npos ? text + rules_by_name(places) + rules : text;
}

Json simulator_settings(const std::string& public_url) {
  const std::string webhooks = public_url + "/webhooks/";
  Json settings = {
      {"example.webhook_key", example_webhook_key},
      {"stripe.webhook_secret", stripe_webhook_secret},
      {"mintcash.secret_key", mintcash_signing_secret},
      {"soxara.webhook_secret", soxara_webhook_secret},
      {"pudgy.webhook_secret", pudgy_webhook_secret},
      {"plugipay.webhook_secret", plugipay_webhook_secret},
      {"xendit.callback_token", xendit_callback_token},
      {"paypal.webhook_id", paypal_webhook_id},
      {"orange_money.code", "123456"},
  };
  // The others are told with each payment.
  for (const char* told : {"stripe", "pudgy", "mintcash", "plugipay", "xendit", "paypal", "soxara"})
    settings[std::string(told) + ".webhook_url"] = webhooks + told;
  return settings;
}

}  // namespace switchyard
