// Small configurations for the tests of the loader.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <string>
#include <vector>

#include "app/config_load.h"

namespace switchyard {

// The environment variables a test needs, for as long as the test runs.
class ConfigTest : public testing::Test {
 protected:
  void SetUp() override {
    set("DATABASE_URL", "postgresql://localhost/switchyard");
    set("SWITCHYARD_MASTER_KEY", std::string(64, 'a'));
    set("EXAMPLE_API_KEY", "sk_test_1");
    set("EXAMPLE_WEBHOOK_KEY", "whk_1");
    set("LIVE_API_KEY", "sk_live_1");
  }
  void TearDown() override {
    for (const std::string& name : names_) unsetenv(name.c_str());
  }
  void set(const std::string& name, const std::string& value) {
    setenv(name.c_str(), value.c_str(), 1);
    names_.push_back(name);
  }
  void unset(const std::string& name) { unsetenv(name.c_str()); }

 private:
  std::vector<std::string> names_;
};

inline std::string account_text(const std::string& id, const std::string& more = "") {
  return "[[account]]\nid = \"" + id +
         "\"\nadapter = \"example\"\nmode = \"test\"\napi_key = \"env:EXAMPLE_API_KEY\"\n"
         "webhook_key = \"env:EXAMPLE_WEBHOOK_KEY\"\n" +
         more + "\n";
}

inline std::string two_accounts() { return account_text("stripe_us") + account_text("mtn_lr"); }

inline std::string rule_text(const std::string& name, const std::string& more) {
  return "[[rule]]\nname = \"" + name + "\"\n" + more + "\n";
}

using Texts = std::vector<std::string>;

// "test.toml:3:8: sentence"
inline Texts problems_of(const std::string& toml) {
  Texts texts;
  for (const ConfigProblem& problem : read_config(toml, "test.toml").problems)
    texts.push_back(problem.text());
  return texts;
}

// The sentences alone, where the place is not what a test is about.
inline Texts sentences_of(const std::vector<ConfigProblem>& problems) {
  Texts texts;
  for (const ConfigProblem& problem : problems) texts.push_back(problem.message);
  return texts;
}
inline Texts refusals_of(const std::string& toml) {
  return sentences_of(read_config(toml, "test.toml").problems);
}
inline Texts warnings_of(const std::string& toml) {
  return sentences_of(read_config(toml, "test.toml").warnings);
}

}  // namespace switchyard
