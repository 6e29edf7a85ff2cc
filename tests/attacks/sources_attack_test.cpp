// What no running router shows: that nowhere in the sources the door stands open that an attack
// would need. Each finding names file and line.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "app/config_sections.h"
#include "store/query.h"
#include "tests/attacks/target.h"

namespace switchyard::testing {
namespace {

struct File {
  std::string name;
  std::string text;
};

// The text files below these folders of the repository.
std::vector<File> files_of(std::initializer_list<const char*> folders) {
  std::vector<File> files;
  for (const char* folder : folders)
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(std::string(SOURCE_DIR) + "/" + folder)) {
      if (!entry.is_regular_file()) continue;
      std::ifstream in(entry.path());
      std::ostringstream text;
      text << in.rdbuf();
      files.push_back({std::filesystem::relative(entry.path(), SOURCE_DIR).string(), text.str()});
    }
  return files;
}

bool is_code(const File& file) { return file.name.ends_with(".cpp") || file.name.ends_with(".h"); }

// The router's, without what plays its providers.
std::vector<File> files_of_router() {
  std::vector<File> files = files_of({"src", "adapters"});
  std::erase_if(files, [](const File& file) {
    return file.name.starts_with("src/sandbox/") ||
           file.name.find("/simulator") != std::string::npos;
  });
  return files;
}

using Words = std::initializer_list<std::string_view>;

bool holds_any(std::string_view text, Words words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
    return text.find(word) != std::string_view::npos;
  });
}

// Every line of C++ in src and adapters, without its comment, that holds one of the words and then,
// where there is one, the pattern.
std::vector<std::string> lines_with(Words words, const std::string& pattern = {}) {
  static const std::vector<File> files = files_of_router();
  const std::regex wanted(pattern);
  std::vector<std::string> found;
  for (const File& file : files) {
    if (!is_code(file) || !holds_any(file.text, words)) continue;
    std::istringstream lines(file.text);
    int number = 0;
    for (std::string line; std::getline(lines, line);) {
      ++number;
      line = line.substr(0, line.find("//"));
      if (holds_any(line, words) && (pattern.empty() || std::regex_search(line, wanted)))
        found.push_back(file.name + ":" + std::to_string(number) + ": " + line);
    }
  }
  return found;
}

void expect_none(const std::string& why, Words words, const std::string& pattern = {}) {
  for (const std::string& line : lines_with(words, pattern)) ADD_FAILURE() << line << "\n" << why;
}

TEST(SourcesAttack, D12_no_statement_is_put_together_from_what_came_in) {
  ASSERT_FALSE(lines_with({"exec_prepared("}).empty()) << "it looks at the wrong files";
  std::vector<std::string> found = lines_with({"exec"}, R"(\bexec\w*\([^)]*\+)");
  // The text before COMMIT is made of constants and of what PostgreSQL itself has quoted.
  std::erase_if(found, [](const std::string& line) {
    return line.find("session.exec(last + \"COMMIT\")") != std::string::npos;
  });
  for (const std::string& line : found) ADD_FAILURE() << line << "\npass it as a parameter";
}

TEST(SourcesAttack, D18_nothing_that_backtracks_reads_what_came_in) {
  expect_none("a crafted text can take it for ever", {"<regex>", "std::regex", "regcomp", "pcre"});
}

TEST(SourcesAttack, K6_P15_nothing_turns_the_check_of_certificates_off) {
  EXPECT_EQ(lines_with({"CURLOPT_SSL_VERIFYPEER, 1L", "CURLOPT_SSL_VERIFYHOST, 2L"}).size(), 2u);
  EXPECT_EQ(lines_with({"CURLOPT_SSL_VERIFY"}).size(), 2u);
  expect_none("certificates are always checked",
              {"CURLOPT_SSL_OPTIONS", "CURLSSLOPT_", "SSL_VERIFY_NONE"});
  for (const auto& key : section_keys())
    EXPECT_FALSE(holds_any(key.key.name, {"verify", "insecure", "certificate", "tls", "ssl"}))
        << key.key.name;
}

TEST(SourcesAttack, K7_chance_comes_from_the_systems_generator) {
  EXPECT_EQ(lines_with({"RAND_bytes("}).size(), 1u);
  expect_none("what can be foretold is no secret and no id",
              {"rand", "mt19937", "default_random_engine"},
              R"(\b(s?rand|rand_r|random|drand48)\s*\(|mt19937|random_device|random_engine)");
}

TEST(SourcesAttack, K8_what_proves_something_is_compared_in_constant_time) {
  for (const File& file : files_of_router()) {
    const bool signs = is_code(file) && file.text.find("hmac_sha256(") != std::string::npos;
    if (signs && file.text.find("Proof verify") != std::string::npos) {
      EXPECT_NE(file.text.find("equal_in_constant_time"), std::string::npos) << file.name;
    }
  }
  expect_none("compare with equal_in_constant_time", {"==", "!="},
              R"((hmac_sha256\([^;]*|signature|digest|\bmac)\s*(==|!=)\s*\w)");
  EXPECT_GE(lines_with({"equal_in_constant_time("}).size(), 6u);
}

TEST(SourcesAttack, K1_no_file_holds_what_looks_like_a_real_secret) {
  const std::regex secret(
      R"((sk|rk)_live_[0-9A-Za-z]{24,}|AKIA[0-9A-Z]{16}|ghp_[0-9A-Za-z]{36}|xox[bp]-[0-9]{10,}|)"
      R"(BEGIN [A-Z ]*PRIVATE KEY-|AIza[0-9A-Za-z_-]{35})");
  for (const File& file :
       files_of({"src", "adapters", "tests", "config", "docs", "migrations", "scripts"})) {
    if (file.name == "tests/attacks/sources_attack_test.cpp") continue;
    std::istringstream lines(file.text);
    for (std::string line; std::getline(lines, line);)
      if (holds_any(line, {"_live_", "AKIA", "ghp_", "xox", "PRIVATE KEY", "AIza"})) {
        EXPECT_FALSE(std::regex_search(line.substr(0, 4096), secret)) << file.name << ": " << line;
      }
  }
}

// A text, and after it the constants of the file that it names, and those that they name.
std::string with_parts(const File& file, std::string text) {
  for (int depth = 0; depth < 3; ++depth)
    for (std::size_t at = file.text.find("\nconst"); at != std::string::npos;
         at = file.text.find("\nconst", at + 1)) {
      const std::size_t equals = file.text.find(" =", at), end = file.text.find(';', at);
      if (equals > end || end == std::string::npos) continue;
      const std::size_t space = file.text.rfind(' ', equals - 1);
      const std::string name = file.text.substr(space + 1, equals - space - 1);
      const std::string definition = file.text.substr(equals, end - equals);
      if (text.find(name) != std::string::npos && text.find(definition) == std::string::npos)
        text += definition;
    }
  return text;
}

// Statements about merchants' rows that name no merchant, each with what binds it instead.
const std::map<std::string, std::string> bound_otherwise = {
    {"update_attempts", "ids that the writer has just locked"},
    {"update_payments", "ids that the writer has just locked"},
    {"update_refunds", "ids that the writer has just locked"},
    {"update_steps", "ids that the writer has just locked"},
    {"insert_steps", "rows of a payment that the writer holds"},
    {"existing_payments", "ids of this very batch"},
    {"extend_delivery_leases", "the token of a lease of ours"},
    {"release_delivery_leases", "the token of a lease of ours"},
    {"mark_deliveries", "the token of a lease of ours"},
    {"hold_delivery_line", "deliveries that were just marked"},
    {"free_delivery_line", "deliveries that were just marked"},
    {"rest_endpoints", "endpoints whose deliveries we hold"},
    {"endpoint_took_any", "an endpoint whose delivery we hold"},
    {"count_undelivered", "a number for operators"},
    {"waiting_attempts", "a number for operators"},
    {"list_delivery_tries", "deliveries read for their merchant just before"},
    {"payment_timeline", "a payment read for its merchant just before"},
    {"due_for_expiry", "the clock asks for all merchants"},
    {"hurry_attempts", "the clock asks for all merchants"},
    {"unmapped_codes", "codes by account, and whose they were is not kept"},
    {"bank_reference", "an account's own reference, which counts once for all merchants"},
    {"claim_due_attempts", "the clock asks for all merchants"},
    {"claim_deliveries", "deliveries go out for all merchants"},
    {"attempt_place", "a webhook, held against its account afterwards"},
    {"attempt_place_by_reference", "a webhook's own account"},
};

TEST(SourcesAttack, C9_statements_about_merchants_rows_name_the_merchant) {
  const Words tables = {"payments",  "attempts",       "steps",         "refunds",
                        "customers", "endpoints",      "events",        "deliveries",
                        "anomalies", "delivery_tries", "journal_lines", "idempotency_keys"};
  std::set<std::string> seen;
  int count = 0;
  for (const File& file : files_of({"src/store"}))
    // Query name{"called", R"(text)"};
    for (std::size_t at = file.text.find("Query "); at != std::string::npos;
         at = file.text.find("Query ", at + 1)) {
      const std::size_t brace = file.text.find('{', at), end = file.text.find("};", at);
      if (brace == std::string::npos || end == std::string::npos || brace > end) continue;
      const std::string all = file.text.substr(brace, end - brace);
      const std::size_t quote = all.find('"');
      if (quote == std::string::npos) continue;
      const std::string name = all.substr(quote + 1, all.find('"', quote + 1) - quote - 1);
      ++count;
      const std::string whole = with_parts(file, all);
      if (!holds_any(whole, tables) || whole.find("merchant_id") != std::string::npos) continue;
      seen.insert(name);
      EXPECT_TRUE(bound_otherwise.contains(name))
          << file.name << ": " << name << " reads or changes any merchant's rows";
    }
  EXPECT_GT(count, 40) << "it looks at the wrong files";
  EXPECT_GT(seen.size(), 10u);
}

// The journal can be added to and nothing else, whoever asks.
TEST(SourcesAttack, K14_the_journal_cannot_be_rewritten) {
  const JsonAnswer paid = target().pay(stripe_card());
  ASSERT_EQ(status_of(paid), "succeeded") << paid.text;
  ASSERT_NE(count_of("journal_lines"), "0");
  Database database(target().database_url(), 1);
  for (const std::string sql : {"UPDATE journal_lines SET amount = 1", "DELETE FROM journal_lines",
                                "TRUNCATE journal_lines"})
    EXPECT_FALSE(database.write([&](Transaction& transaction) -> Result<void> {
      transaction.exec(sql);
      return {};
    })) << sql;
}

}  // namespace
}  // namespace switchyard::testing
