#include "app/config_load.h"

#include <filesystem>
#include <fstream>

#include "config_fixture.h"

namespace switchyard {
namespace {

using ConfigLoad = ConfigTest;

TEST_F(ConfigLoad, an_empty_file_is_all_defaults) {
  const ConfigOutcome outcome = read_config("", "test.toml");
  EXPECT_EQ(sentences_of(outcome.problems), Texts{});
  EXPECT_EQ(outcome.config.server.port, 8080);
  EXPECT_EQ(outcome.config.server.public_url, "http://127.0.0.1:8080");
  EXPECT_EQ(outcome.config.database.url.reveal(), "postgresql://localhost/switchyard");
  EXPECT_TRUE(outcome.config.accounts.empty());
}

TEST_F(ConfigLoad, names_file_line_and_column) {
  EXPECT_EQ(problems_of("[server]\n  port = \"8080\"\n"),
            Texts{"test.toml:2:10: server.port must be a whole number from 1 to 65535, not "
                  "\"8080\""});
}

TEST_F(ConfigLoad, an_unknown_key_is_refused_where_its_name_stands) {
  EXPECT_EQ(problems_of("[server]\nprot = 80\n"),
            Texts{"test.toml:2:1: there is no key \"prot\" in [server]; did you mean \"port\"?"});
  EXPECT_EQ(
      problems_of("[servre]\n"),
      Texts{"test.toml:1:2: there is no key \"servre\" in the file; did you mean \"server\"?"});
}

// Sections are read before accounts and accounts before rules, wherever they stand.
TEST_F(ConfigLoad, finds_all_mistakes_in_one_pass_from_top_to_bottom) {
  const Texts found =
      problems_of(rule_text("r", "use = [\"b\", \"c\"]") + account_text("a", "mdoe = 1") +
                  "[server]\nport = 0\nworkres = 1\n[log]\nlevel = \"loud\"\n");
  ASSERT_EQ(found.size(), 6u);
  EXPECT_TRUE(found[0].starts_with("test.toml:3:8: ")) << found[0];
  EXPECT_TRUE(found[1].starts_with("test.toml:3:13: ")) << found[1];
  EXPECT_TRUE(found[2].starts_with("test.toml:10:1: ")) << found[2];
  EXPECT_TRUE(found[3].starts_with("test.toml:12:8: ")) << found[3];
  EXPECT_TRUE(found[4].starts_with("test.toml:13:1: ")) << found[4];
  EXPECT_TRUE(found[5].starts_with("test.toml:15:9: ")) << found[5];
}

TEST_F(ConfigLoad, what_is_no_toml_is_refused_with_its_place) {
  const auto problems = read_config("[server]\nport = = 1\n", "test.toml").problems;
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].line, 2);
  EXPECT_EQ(problems[0].file, "test.toml");
  EXPECT_EQ(read_config("[server]\nport = 1\nport = 2\n", "t").problems.size(), 1u);
  EXPECT_EQ(read_config("x = \"\xff\"", "t").problems.size(), 1u);
}

TEST_F(ConfigLoad, no_typing_mistake_ends_the_process) {
  for (const char* toml : {"[!x]",       "[\x0bserver]",
                           "[[.]]",      "[",
                           "[[",         "[]",
                           "a",          "a.",
                           "= 1",        "\xef",
                           "a = {",      "a = {,}",
                           "a = [",      "a = \"\\u\"",
                           "a = '''",    "\"\"\"\"\"\" = 1",
                           "\u00e9 = 1", "caf\u00e9 = 1",
                           "a = \u00e9", "\u035e"})
    EXPECT_EQ(read_config(toml, "t").problems.size(), 1u) << toml;
  EXPECT_EQ(read_config("a = " + std::string(100'000, '['), "t").problems.size(), 1u);
}

TEST_F(ConfigLoad, a_file_that_cannot_be_read_is_a_problem) {
  const auto problems = load_config("/nonexistent/switchyard.toml").problems;
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].text(), "/nonexistent/switchyard.toml: cannot be read");
  EXPECT_EQ(load_config(testing::TempDir()).problems.size(), 1u);
}

TEST_F(ConfigLoad, one_bracket_where_two_belong_says_so) {
  EXPECT_EQ(problems_of("[account]\nid = \"a\"\n"),
            Texts{"test.toml:1:2: write [[account]], with two brackets: there may be many"});
  EXPECT_EQ(problems_of("[rule]\nname = \"a\"\n"),
            Texts{"test.toml:1:2: write [[rule]], with two brackets: there may be many"});
}

TEST_F(ConfigLoad, takes_secrets_from_files_beside_it_without_the_line_end) {
  const auto folder = std::filesystem::path(testing::TempDir()) / "switchyard_config_load";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "url") << "postgresql://from_file/db\n";
  std::ofstream(folder / "empty") << "\n";
  std::ofstream(folder / "good.toml") << "[database]\nurl = \"file:url\"\n";
  std::ofstream(folder / "bad.toml") << "[database]\nurl = \"file:empty\"\n";

  const ConfigOutcome good = load_config((folder / "good.toml").string());
  EXPECT_EQ(sentences_of(good.problems), Texts{});
  EXPECT_EQ(good.config.database.url.reveal(), "postgresql://from_file/db");
  const ConfigOutcome bad = load_config((folder / "bad.toml").string());
  EXPECT_EQ(sentences_of(bad.problems),
            Texts{"database.url names the file " + (folder / "empty").string() +
                  ", which is absent, unreadable or empty"});
  std::filesystem::remove_all(folder);
}

TEST_F(ConfigLoad, a_variable_that_is_not_set_is_a_problem) {
  EXPECT_EQ(problems_of("[database]\nurl = \"env:NOT_SET_HERE\"\n"),
            Texts{"test.toml:2:7: database.url names the environment variable NOT_SET_HERE, which "
                  "is not set"});
}

TEST_F(ConfigLoad, whoever_only_checks_need_not_have_the_secrets) {
  unset("DATABASE_URL");
  unset("SWITCHYARD_MASTER_KEY");
  unset("EXAMPLE_API_KEY");
  const std::string toml = account_text("a") + rule_text("r", "use = \"a\"");
  EXPECT_EQ(refusals_of(toml).size(), 3u);
  const ConfigOutcome outcome = read_config(toml, "test.toml", SecretsHere::may_be);
  EXPECT_EQ(sentences_of(outcome.problems), Texts{});
  EXPECT_EQ(outcome.warnings.size(), 3u);
}

TEST_F(ConfigLoad, a_problem_never_shows_what_a_reference_stands_for) {
  set("SECRET_TEXT", "do_not_print_me");
  const std::string toml =
      "[log]\nlevel = \"env:SECRET_TEXT\"\n[server]\naddress = "
      "\"env:SECRET_TEXT\"\ntrusted_proxies = [\"env:SECRET_TEXT\"]\n";
  const Texts found = problems_of(toml);
  EXPECT_EQ(found.size(), 3u);
  for (const std::string& text : found)
    EXPECT_EQ(text.find("do_not_print_me"), std::string::npos) << text;
}

// Found by fuzzing: names are shown, so that one that is fetched would show what it stands for.
TEST_F(ConfigLoad, a_name_is_written_and_never_fetched) {
  set("SECRET_TEXT", "do_not_print_me");
  const std::string fetched = "\"env:SECRET_TEXT\"";
  const std::string whole = account_text("a");
  for (const std::string& toml :
       {"[[account]]\nid = " + fetched + "\nadapter = \"manual\"\nmode = \"test\"\n",
        "[[account]]\nid = \"b\"\nmode = \"test\"\nadapter = " + fetched + "\n",
        whole + "[[rule]]\nname = " + fetched + "\nuse = \"a\"\n",
        whole + rule_text("r", "use = " + fetched),
        whole + rule_text("r", "use = [" + fetched + "]"),
        whole + rule_text("r", "when.kind = " + fetched + "\nuse = \"a\""),
        whole + rule_text("r", "when.network = [" + fetched + "]\nuse = \"a\"")}) {
    const ConfigOutcome outcome = read_config(toml, "test.toml", SecretsHere::may_be);
    Texts found = sentences_of(outcome.problems);
    EXPECT_TRUE(std::ranges::any_of(found, [](const std::string& text) {
      return text.find("must be written here") != std::string::npos;
    })) << toml;
    for (const std::string& text : sentences_of(outcome.warnings)) found.push_back(text);
    for (const std::string& text : found)
      EXPECT_EQ(text.find("do_not_print_me"), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace switchyard
