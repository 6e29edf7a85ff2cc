// docs/providers.md is made of what the adapters declare, and of what the kit found.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "kit/pages.h"

namespace switchyard {
namespace {

std::vector<AdapterReport> check_all() {
  return check_adapters(all_adapters(), SOURCE_DIR "/adapters");
}

TEST(Kit, finds_every_adapter_sound) {
  for (const AdapterReport& report : check_all())
    EXPECT_TRUE(report.is_sound()) << report_text(report);
}

TEST(ProvidersDoc, is_what_the_adapters_declare) {
  std::ifstream file(SOURCE_DIR "/docs/providers.md");
  std::stringstream text;
  text << file.rdbuf();
  const auto reports = check_all();
  EXPECT_EQ(text.str(), providers_page(reports))
      << "make it anew: build/release/switchyard adapters page > docs/providers.md";
}

}  // namespace
}  // namespace switchyard
