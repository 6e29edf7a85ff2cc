#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>

namespace switchyard {
namespace {

Result<int> twice(Result<int> number) { return 2 * TRY(number); }

TEST(Result, try_gives_the_value) { EXPECT_EQ(twice(21), 42); }

TEST(Result, try_leaves_with_the_whole_error) {
  const Error error{.code = ErrorCode::invalid_field,
                    .message = "No.",
                    .param = "amount",
                    .details = {{"amount", "No."}},
                    .payment_id = "pay_1",
                    .retry_after_sec = 3};
  const Result<int> left = twice(fail(error));
  ASSERT_FALSE(left.has_value());
  EXPECT_EQ(left.error(), error);
}

TEST(Result, try_evaluates_once) {
  int calls = 0;
  const auto count = [&]() -> Result<int> { return ++calls; };
  const auto use = [&]() -> Result<int> { return TRY(count()); };
  EXPECT_EQ(use(), 1);
  EXPECT_EQ(calls, 1);
}

TEST(Result, try_moves_what_cannot_be_copied) {
  const auto make = []() -> Result<std::unique_ptr<int>> { return std::make_unique<int>(7); };
  const auto use = [&]() -> Result<int> {
    const std::unique_ptr<int> number = TRY(make());
    return *number;
  };
  EXPECT_EQ(use(), 7);
}

TEST(Result, try_works_where_there_is_no_value) {
  bool is_past = false;
  const auto check = [](bool is_good) -> Result<void> {
    if (!is_good) return fail(ErrorCode::conflict, "No.");
    return {};
  };
  const auto use = [&](bool is_good) -> Result<void> {
    TRY(check(is_good));
    is_past = true;
    return {};
  };
  EXPECT_FALSE(use(false).has_value());
  EXPECT_FALSE(is_past);
  EXPECT_TRUE(use(true).has_value());
  EXPECT_TRUE(is_past);
}

TEST(Result, fail_keeps_code_message_and_param) {
  const Result<int> failed = fail(ErrorCode::missing_field, "Send it.", "currency");
  EXPECT_EQ(failed.error().code, ErrorCode::missing_field);
  EXPECT_EQ(failed.error().message, "Send it.");
  EXPECT_EQ(failed.error().param, "currency");
}

}  // namespace
}  // namespace switchyard
