// The example, the documentation and the loader name the same keys with the same defaults.
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include "app/config_keys.h"
#include "app/config_sections.h"
#include "app/config_text.h"
#include "config_fixture.h"

namespace switchyard {
namespace {

using ConfigDocs = ConfigTest;

std::string file_text(const std::string& path) {
  std::ifstream file(std::string(SOURCE_DIR) + "/" + path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

struct ExampleLine {
  std::string section;  // "server", "account"
  std::string key;      // "port", "when.method"
  std::string value;
  bool is_commented_out = false;
};

// A sentence begins with "# ", a key that is commented out with "#" alone.
std::vector<ExampleLine> example_lines() {
  static const std::regex header(R"(\[+([a-z_]+)\]+)");
  static const std::regex pair(R"((#?)([a-zA-Z_.]+) = (.*))");
  std::vector<ExampleLine> lines;
  std::istringstream text(file_text("config/switchyard.toml"));
  std::string section;
  for (std::string line; std::getline(text, line);) {
    std::smatch match;
    if (std::regex_match(line, match, header))
      section = match[1];
    else if (std::regex_match(line, match, pair))
      lines.push_back({section, match[2], match[3], match[1] == "#"});
  }
  return lines;
}

// "limits.USD" is the key "limits"; "when.metadata.tier" the key "when.metadata".
bool is_key(const ExampleLine& line, std::string_view name) {
  const std::string full = line.section + "." + line.key;
  return full == name || full.starts_with(std::string(name) + ".");
}

TEST_F(ConfigDocs, the_example_loads_without_problem_or_warning) {
  const ConfigOutcome outcome = load_config(std::string(SOURCE_DIR) + "/config/switchyard.toml");
  EXPECT_EQ(sentences_of(outcome.problems), Texts{});
  EXPECT_EQ(sentences_of(outcome.warnings), Texts{});
  EXPECT_EQ(outcome.config.accounts.size(), 2u);
  EXPECT_EQ(outcome.config.rules.rules.size(), 2u);
}

TEST_F(ConfigDocs, the_example_shows_every_key) {
  const std::vector<ExampleLine> lines = example_lines();
  for (const ConfigKey& key : all_config_keys())
    EXPECT_TRUE(std::any_of(lines.begin(), lines.end(), [&](const ExampleLine& line) {
      return is_key(line, key.name);
    })) << key.name;
}

TEST_F(ConfigDocs, the_example_shows_true_defaults) {
  const std::vector<ConfigKey> keys = all_config_keys();
  for (const ExampleLine& line : example_lines()) {
    if (!line.is_commented_out) continue;
    const auto key = std::find_if(keys.begin(), keys.end(),
                                  [&](const ConfigKey& each) { return is_key(line, each.name); });
    ASSERT_NE(key, keys.end()) << line.section << "." << line.key;
    if (key->otherwise.empty()) continue;
    EXPECT_EQ(line.value, key->otherwise) << key->name;
  }
}

TEST_F(ConfigDocs, what_the_example_comments_out_would_load) {
  std::string text = file_text("config/switchyard.toml");
  // The conditions of a rule exclude one another, so each is tried alone below.
  text = std::regex_replace(text, std::regex("\n#(?!when)([a-zA-Z_.]+ = )"), "\n$1");
  EXPECT_EQ(refusals_of(text), Texts{});
  for (const ExampleLine& line : example_lines()) {
    if (!line.key.starts_with("when.")) continue;
    EXPECT_EQ(refusals_of(account_text("a") + rule_text("r", line.key + " = " + line.value) +
                          "use = \"a\"\n"),
              Texts{})
        << line.key;
  }
}

void expect_same_settings(const Config& one, const Config& other) {
  EXPECT_EQ(one.server.address, other.server.address);
  EXPECT_EQ(one.server.port, other.server.port);
  EXPECT_EQ(one.server.public_url, other.server.public_url);
  EXPECT_EQ(one.server.io_threads, other.server.io_threads);
  EXPECT_EQ(one.server.workers, other.server.workers);
  EXPECT_EQ(one.server.connections, other.server.connections);
  EXPECT_EQ(one.server.trusted_proxies, other.server.trusted_proxies);
  EXPECT_EQ(one.server.operations_address, other.server.operations_address);
  EXPECT_EQ(one.server.operations_port, other.server.operations_port);
  EXPECT_EQ(one.server.answer_within, other.server.answer_within);
  EXPECT_EQ(one.server.drain_within, other.server.drain_within);
  EXPECT_EQ(one.database.connections, other.database.connections);
  EXPECT_EQ(one.database.batch, other.database.batch);
  EXPECT_EQ(one.api.require_idempotency_key, other.api.require_idempotency_key);
  EXPECT_EQ(one.api.reads_per_second, other.api.reads_per_second);
  EXPECT_EQ(one.api.writes_per_second, other.api.writes_per_second);
  EXPECT_EQ(one.api.requests_per_second_per_address, other.api.requests_per_second_per_address);
  EXPECT_EQ(one.api.attempts_per_payment, other.api.attempts_per_payment);
  EXPECT_EQ(one.api.largest_amount, other.api.largest_amount);
  EXPECT_EQ(one.late_money.after_cancel, other.late_money.after_cancel);
  EXPECT_EQ(one.late_money.after_other_success, other.late_money.after_other_success);
  EXPECT_EQ(one.late_money.after_expiry, other.late_money.after_expiry);
  EXPECT_EQ(one.late_money.after_failure, other.late_money.after_failure);
  EXPECT_EQ(one.payments.expire_after, other.payments.expire_after);
  EXPECT_EQ(one.payments.transfers_expire_after, other.payments.transfers_expire_after);
  EXPECT_EQ(one.payments.review_after, other.payments.review_after);
  EXPECT_EQ(one.payments.look_up_speed, other.payments.look_up_speed);
  EXPECT_EQ(one.delivery.allowed_networks, other.delivery.allowed_networks);
  EXPECT_EQ(one.delivery.plain_http_allowed, other.delivery.plain_http_allowed);
  EXPECT_EQ(one.delivery.schedule, other.delivery.schedule);
  EXPECT_EQ(one.delivery.timeout, other.delivery.timeout);
  EXPECT_EQ(one.delivery.workers, other.delivery.workers);
  EXPECT_EQ(one.log.level, other.log.level);
}

TEST_F(ConfigDocs, the_defaults_that_are_documented_are_those_of_the_struct) {
  const Config defaults = read_config("", "t").config;
  for (const ReadKey<Config>& each : section_keys()) {
    if (each.key.otherwise.empty()) continue;
    SCOPED_TRACE(each.key.name);
    const ConfigOutcome outcome =
        read_config(std::string(each.key.name) + " = " + std::string(each.key.otherwise), "t");
    EXPECT_EQ(sentences_of(outcome.problems), Texts{});
    expect_same_settings(outcome.config, defaults);
  }
  EXPECT_EQ(Account{}.merchants, Texts{"*"});
  EXPECT_FALSE(Account{}.forward_metadata);
}

// To make it true: print describe_keys() between the two marks.
TEST_F(ConfigDocs, the_table_in_the_documentation_is_that_of_the_loader) {
  const std::string page = file_text("docs/configuration.md");
  const std::string begin = "<!-- keys: begin -->\n";
  const std::size_t from = page.find(begin);
  const std::size_t to = page.find("<!-- keys: end -->");
  ASSERT_NE(from, std::string::npos);
  ASSERT_NE(to, std::string::npos);
  EXPECT_EQ(page.substr(from + begin.size(), to - from - begin.size()), describe_keys());
}

// Each TOML block of the page on routing, with the accounts it speaks of.
TEST_F(ConfigDocs, every_example_in_the_page_on_routing_is_accepted) {
  const std::string page = file_text("docs/routing.md");
  const std::regex block("```toml\n([^`]*)```");
  int blocks = 0;
  for (std::sregex_iterator each(page.begin(), page.end(), block), end; each != end; ++each) {
    ++blocks;
    const std::string accounts = account_text("mtn_lr") + account_text("orange_lr") +
                                 account_text("cards_main") + account_text("cards_backup") +
                                 account_text("cards_new");
    EXPECT_EQ(refusals_of(accounts + (*each)[1].str()), Texts{}) << (*each)[1].str();
  }
  EXPECT_GE(blocks, 4);
}

}  // namespace
}  // namespace switchyard
