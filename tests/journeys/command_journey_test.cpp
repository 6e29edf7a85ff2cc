// The command line and the signals of the router.
#include <fstream>
#include <sstream>
#include <thread>

#include "app/dev_postgres.h"
#include "tests/journeys/story.h"
#include "tests/support/postgres.h"

namespace switchyard::testing {
namespace {

using namespace std::chrono_literals;

struct Said {
  int code = 0;
  std::string text;
};

// Its standard output; what it says beside it comes in our own.
Said run(const std::vector<std::string>& words, const std::vector<std::string>& environment = {}) {
  ChildOptions options{.command = {own_folder() + "/../switchyard"}, .environment = environment};
  options.command.insert(options.command.end(), words.begin(), words.end());
  options.is_read = true;
  auto child = ChildProcess::start(options);
  assert(child);
  Said said;
  while (const auto line = child->read_line(30s)) said.text += *line + "\n";
  said.code = child->wait(30s).value_or(-1);
  return said;
}

std::string write_file(const std::string& folder, const std::string& text) {
  const std::string path = folder + "/switchyard.toml";
  std::ofstream(path) << text;
  return path;
}

class CommandJourney : public ::testing::Test {
 protected:
  void SetUp() override { folder_ = *make_temporary_folder("switchyard-command"); }
  void TearDown() override { remove_folder(folder_); }
  std::string folder_;
};

TEST_F(CommandJourney, every_command_explains_itself) {
  for (const char* command : {"serve", "dev", "migrate", "states", "version"}) {
    const Said said = run({command, "--help"});
    EXPECT_EQ(said.code, 0) << command;
    EXPECT_NE(said.text.find(command), std::string::npos) << said.text;
  }
  for (const char* command : {"create", "list", "revoke"})
    EXPECT_NE(run({"keys", command, "--help"}).text.find("Example"), std::string::npos) << command;
  EXPECT_NE(run({}).code, 0);
  EXPECT_NE(run({"no-such-command"}).code, 0);
}

TEST_F(CommandJourney, a_merchant_gets_keys_that_work_until_they_are_revoked) {
  Stack stack;
  const std::vector<std::string> where = {"DATABASE_URL=" + stack.database_url().reveal()};
  const Said made = run({"merchants", "create", "Acme Ltd"}, where);
  ASSERT_EQ(made.code, 0) << made.text;
  const std::string merchant = made.text.substr(0, made.text.find(' '));
  EXPECT_NE(run({"merchants", "list"}, where).text.find("Acme Ltd"), std::string::npos);
  const Said key = run({"keys", "create", "--merchant", merchant, "--mode", "test"}, where);
  ASSERT_EQ(key.code, 0);
  const std::string secret = key.text.substr(0, key.text.find('\n'));
  ASSERT_TRUE(secret.starts_with("sk_test_")) << key.text;
  EXPECT_EQ(stack.call("GET", "/v1/payments", nullptr, {}, secret).status, 200);

  const Said listed = run({"keys", "list", "--merchant", merchant}, where);
  EXPECT_EQ(listed.text.find(secret), std::string::npos) << "a key is shown once";
  const std::string id = listed.text.substr(0, listed.text.find(' '));
  EXPECT_EQ(run({"keys", "revoke", id}, where).code, 0);
  EXPECT_TRUE(wait_until(
      [&] { return stack.call("GET", "/v1/payments", nullptr, {}, secret).status == 401; }, 90));
}

TEST_F(CommandJourney, a_bad_configuration_is_refused_with_its_place) {
  const std::string file = write_file(folder_, "[server]\nport = 70000\n");
  EXPECT_EQ(run({"serve", "--config", file}).code, 2);
  EXPECT_EQ(run({"routing", "check", file}).code, 2);
}

TEST_F(CommandJourney, routing_is_explained_without_a_database) {
  const Said said = run({"routing", "explain", std::string(SOURCE_DIR) + "/config/switchyard.toml",
                         "--amount", "4999", "--currency", "USD", "--method", "manual_transfer"});
  EXPECT_EQ(said.code, 0) << said.text;
  EXPECT_NE(said.text.find("Rule \"transfers\" fits first.\n  1. bank"), std::string::npos)
      << said.text;
  const Said none =
      run({"routing", "explain", std::string(SOURCE_DIR) + "/config/switchyard.toml", "--amount",
           "4999", "--currency", "USD", "--method", "wallet", "--kind", "paypal"});
  EXPECT_EQ(none.code, 1);
  EXPECT_NE(none.text.find("not example_main: Example Pay does not take wallet paypal"),
            std::string::npos)
      << none.text;
}

TEST_F(CommandJourney, the_states_are_those_that_are_documented) {
  std::ifstream file(std::string(SOURCE_DIR) + "/docs/states.md");
  std::ostringstream text;
  text << file.rdbuf();
  EXPECT_EQ(run({"states"}).text, text.str());
}

TEST_F(CommandJourney, sigterm_lets_what_runs_finish) {
  Stack stack;
  stack.order_fault(
      {{"provider", "example"}, {"method", "POST"}, {"path", "/charges"}, {"action", "slow:1000"}});
  JsonAnswer answer;
  std::thread client([&] { answer = stack.pay(example_card(), at_example); });
  EXPECT_TRUE(wait_until([&] { return stack.sandbox().ledger().size() == 1; }));
  EXPECT_EQ(stack.stop_router(), 0);
  client.join();
  EXPECT_EQ(answer.status, 201) << answer.text;
}

TEST_F(CommandJourney, sighup_puts_new_rules_in_force_and_keeps_the_old_ones_when_they_are_wrong) {
  Stack stack;
  const auto rule_of = [&] {
    return text_at(stack.pay(stripe_card()).body, "attempts.0.route.rule");
  };
  EXPECT_EQ(rule_of(), "cards");
  stack.change_config(
      "[[rule]]\nname = \"new-cards\"\nwhen = { method = \"card\" }\nuse = [\"stripe\"]\n");
  stack.hang_up();
  EXPECT_TRUE(wait_until([&] { return rule_of() == "new-cards"; }));
  stack.change_config(
      "[[rule]]\nname = \"wrong\"\nwhen = { method = \"card\" }\nuse = [\"nobody\"]\n");
  stack.hang_up();
  EXPECT_TRUE(
      wait_until([&] { return stack.log().find("router.reload_refused") != std::string::npos; }));
  EXPECT_EQ(rule_of(), "new-cards");
}

}  // namespace
}  // namespace switchyard::testing
