// docs/errors.md is where every `doc_url` of an error leads.
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "base/error_code.h"

namespace switchyard {
namespace {

std::vector<std::string> lines_of_the_page() {
  std::ifstream file(SOURCE_DIR "/docs/errors.md");
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

std::string row_of(const ErrorInfo& error) {
  const std::string name(error.name);
  return "| <a id=\"" + name + "\"></a>`" + name + "` | `" + std::string(error.type) + "` | " +
         std::to_string(error.http_status) + " | " + std::string(error.sentence) + " |";
}

// The rows of the table under "## Error codes".
std::vector<std::string> rows_of_error_codes() {
  std::vector<std::string> rows;
  bool is_inside = false;
  for (const std::string& line : lines_of_the_page()) {
    if (line.starts_with("## ")) is_inside = line == "## Error codes";
    if (is_inside && line.starts_with("| <a id=")) rows.push_back(line);
  }
  return rows;
}

TEST(ErrorsPage, has_the_row_of_each_code_and_no_other) {
  std::vector<std::string> expected;
  for (const ErrorInfo& error : all_errors()) expected.push_back(row_of(error));
  EXPECT_EQ(rows_of_error_codes(), expected);
}

TEST(ErrorsPage, gives_each_anchor_once) {
  std::set<std::string> anchors;
  for (const std::string& line : lines_of_the_page()) {
    const std::size_t start = line.find("<a id=\"");
    if (start == line.npos) continue;
    const std::string anchor = line.substr(start + 7, line.find('"', start + 7) - start - 7);
    EXPECT_TRUE(anchors.insert(anchor).second) << anchor;
  }
  EXPECT_GE(anchors.size(), all_errors().size());
}

}  // namespace
}  // namespace switchyard
