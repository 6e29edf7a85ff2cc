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

// Exchanges with a `source` have the structure of the provider's own page. Where no page shows a
// call, one of its exchanges says why.
TEST(Kit, compares_every_call_with_an_example_of_the_provider) {
  for (const AdapterReport& report : check_all()) {
    const Adapter& adapter = *report.adapter;
    if (adapter.name == "example" || !adapter.variant_of.empty()) continue;
    for (const CallReport& call : report.calls)
      EXPECT_TRUE((call.documented > 0) != !call.undocumented.empty())
          << adapter.name << " " << call.call.name << ": give `source` in one of its exchanges";
  }
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
