// docs/errors.md promises the list of decline codes; this compares it with the code's.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "domain/decline.h"

namespace switchyard {
namespace {

// The cells of a Markdown row, without spaces and backquotes around them.
std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  for (std::size_t at = line.find('|'); at != std::string::npos;) {
    const std::size_t end = line.find('|', at + 1);
    if (end == std::string::npos) break;
    const std::string cell = line.substr(at + 1, end - at - 1);
    const std::size_t first = cell.find_first_not_of(" `");
    const std::size_t last = cell.find_last_not_of(" `");
    cells.push_back(first == std::string::npos ? "" : cell.substr(first, last - first + 1));
    at = end;
  }
  return cells;
}

// The rows under "## Decline codes" whose first cell is a code.
std::vector<std::vector<std::string>> documented() {
  std::ifstream file(SOURCE_DIR "/docs/errors.md");
  std::vector<std::vector<std::string>> rows;
  bool is_inside = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("## ")) is_inside = line == "## Decline codes";
    if (is_inside && line.starts_with("| `")) rows.push_back(cells_of(line));
  }
  return rows;
}

TEST(DeclinesDoc, lists_every_decline_code_with_its_advice_in_order) {
  const auto rows = documented();
  const auto all = all_declines();
  ASSERT_EQ(rows.size(), all.size()) << "docs/errors.md, section Decline codes";
  for (std::size_t i = 0; i < all.size(); ++i) {
    ASSERT_GE(rows[i].size(), 3u) << all[i].name;
    EXPECT_EQ(rows[i][0], all[i].name);
    EXPECT_EQ(rows[i][1], all[i].advice) << all[i].name;
    EXPECT_EQ(rows[i][2], all[i].sentence) << all[i].name;
  }
}

}  // namespace
}  // namespace switchyard
