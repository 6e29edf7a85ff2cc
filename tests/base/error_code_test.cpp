#include "base/error_code.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <vector>

namespace switchyard {
namespace {

std::string text_of_file(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(std::string(SOURCE_DIR "/") + path).rdbuf();
  return text.str();
}

// The words between "enum class ErrorCode {" and "}", without comments.
std::vector<std::string> enumerators() {
  const std::string header = text_of_file("src/base/error_code.h");
  const std::string_view start = "enum class ErrorCode {";
  const std::size_t from = header.find(start) + start.size();
  std::istringstream lines(header.substr(from, header.find("};", from) - from));
  std::vector<std::string> names;
  for (std::string line; std::getline(lines, line);) {
    line.resize(std::min(line.find("//"), line.size()));
    std::istringstream words(line);
    for (std::string word; std::getline(words, word, ',');) {
      std::erase(word, ' ');
      if (!word.empty()) names.push_back(word);
    }
  }
  return names;
}

TEST(ErrorCode, has_the_name_of_its_enumerator) {
  std::vector<std::string> names;
  for (const ErrorInfo& error : all_errors()) names.emplace_back(error.name);
  EXPECT_EQ(names, enumerators());
}

TEST(ErrorCode, is_found_by_its_code) {
  for (const ErrorInfo& error : all_errors()) {
    EXPECT_EQ(info_of(error.code).name, error.name);
    EXPECT_EQ(&info_of(error.code), &error);
  }
}

TEST(ErrorCode, has_a_status_that_fits_its_type) {
  const std::map<std::string_view, std::set<int>> allowed = {
      {"invalid_request", {400, 404, 405, 408, 409, 413, 414, 415, 422, 431}},
      {"authentication", {401}},
      {"permission", {403}},
      {"payment_declined", {402}},
      {"rate_limited", {429}},
      {"unavailable", {503}},
      {"internal", {500}},
  };
  for (const ErrorInfo& error : all_errors()) {
    ASSERT_TRUE(allowed.contains(error.type)) << error.name;
    EXPECT_TRUE(allowed.at(error.type).contains(error.http_status)) << error.name;
  }
}

TEST(ErrorCode, answers_what_the_idempotency_rules_promise) {
  EXPECT_EQ(info_of(ErrorCode::idempotency_key_invalid).http_status, 400);
  EXPECT_EQ(info_of(ErrorCode::idempotency_key_missing).http_status, 400);
  EXPECT_EQ(info_of(ErrorCode::idempotency_key_in_use).http_status, 409);
  EXPECT_EQ(info_of(ErrorCode::idempotency_key_expired).http_status, 409);
  EXPECT_EQ(info_of(ErrorCode::idempotency_key_reused).http_status, 422);
}

TEST(ErrorCode, is_explained_in_a_sentence) {
  for (const ErrorInfo& error : all_errors()) {
    EXPECT_GT(error.sentence.size(), 20u) << error.name;
    EXPECT_TRUE(error.sentence.ends_with('.')) << error.name;
    EXPECT_EQ(error.sentence.find('|'), error.sentence.npos) << error.name << " breaks the table";
  }
}

}  // namespace
}  // namespace switchyard
