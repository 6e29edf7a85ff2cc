// docs/guides/add_a_provider.md quotes the reference. A block of code below the line
// <!-- quote: FILE NAME --> must be what stands in FILE between "// [guide: NAME]" and "// [end]";
// without a NAME, the whole file.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace switchyard {
namespace {

std::string read_text(const std::string& path) {
  std::ifstream file(std::string(SOURCE_DIR "/") + path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string marked_lines(const std::string& file, const std::string& name) {
  const std::string text = read_text(file);
  if (name.empty()) return text;
  const std::string mark = "// [guide: " + name + "]\n";
  const std::size_t start = text.find(mark);
  if (start == std::string::npos) return "(" + file + " has no mark " + name + ")";
  const std::size_t first = start + mark.size();
  return text.substr(first, text.find("// [end]", first) - first);
}

struct Quote {
  std::string file, name, code;
};

std::vector<Quote> quotes_in(const std::string& guide) {
  std::istringstream lines(read_text(guide));
  std::vector<Quote> quotes;
  bool is_inside = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("<!-- quote: ")) {
      std::istringstream words(line.substr(12, line.size() - 12 - 4));
      Quote& quote = quotes.emplace_back();
      words >> quote.file >> quote.name;
      std::getline(lines, line);
      is_inside = line.starts_with("```");
    } else if (line == "```") {
      is_inside = false;
    } else if (is_inside) {
      quotes.back().code += line + "\n";
    }
  }
  return quotes;
}

TEST(Guide, quotes_the_reference_as_it_is) {
  const auto quotes = quotes_in("docs/guides/add_a_provider.md");
  EXPECT_GE(quotes.size(), 8u);
  for (const Quote& quote : quotes)
    EXPECT_EQ(quote.code, marked_lines(quote.file, quote.name)) << quote.file << " " << quote.name;
}

}  // namespace
}  // namespace switchyard
