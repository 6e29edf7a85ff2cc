#include <gtest/gtest.h>

#include "kit/pages.h"

namespace switchyard {
namespace {

Exchange answer_with(Verdict verdict) {
  Exchange exchange;
  exchange.adapter = "plain_pay";
  exchange.means = Update{.verdict = verdict, .provider_code = "NO_MONEY"};
  return exchange;
}

TEST(ErrorsTable, says_what_each_code_means_and_how_certain_that_is) {
  Adapter adapter{.name = "plain_pay", .title = "Plain Pay"};
  adapter.declines = {{"no_money", Decline::insufficient_funds}};
  const Adapter* list[] = {&adapter};
  const auto table = [&](const std::vector<Exchange>& exchanges) {
    return errors_table(list, exchanges);
  };
  const Exchange no = answer_with(Verdict::refused), doubt = answer_with(Verdict::unknown);
  EXPECT_TRUE(table({no}).starts_with("Plain Pay\n")) << table({no});
  EXPECT_NE(table({no}).find("insufficient_funds"), std::string::npos);
  EXPECT_TRUE(table({no}).ends_with("  refused\n")) << table({no});
  EXPECT_TRUE(table({doubt}).ends_with("  unknown: looked up\n")) << table({doubt});
  EXPECT_TRUE(table({no, doubt}).ends_with("  refused, or unknown: by call\n"));
  EXPECT_EQ(table({}).find("certainty"), std::string::npos) << "nobody can say without exchanges";
}

}  // namespace
}  // namespace switchyard
