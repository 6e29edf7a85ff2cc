#include "domain/states_text.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace switchyard {
namespace {

TEST(StatesText, is_what_the_documentation_shows) {
  std::ifstream file(SOURCE_DIR "/docs/states.md", std::ios::binary);
  ASSERT_TRUE(file) << "docs/states.md is missing";
  const std::string shown{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(shown, states_markdown()) << "write it anew: switchyard states > docs/states.md";
}

TEST(StatesText, holds_every_kind_of_row) {
  const std::string text = states_markdown();
  for (const auto part : {
           "| `requires_capture` | `voided` | `canceled` |\n",
           "    requires_capture --> canceled: voided\n",
           "| `refused` | the provider said no and its object is closed | `refused` | no | 5 |\n",
           "| `closing` | `captured` |\n",
           "    closing --> captured\n",
           "| `succeeded` | `failed` |\n",
           "    [*] --> pending\n",
       })
    EXPECT_NE(text.find(part), std::string::npos) << part;
}

}  // namespace
}  // namespace switchyard
