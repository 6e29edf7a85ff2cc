#include "api/phone_number.h"

#include <gtest/gtest.h>

namespace switchyard {
namespace {

TEST(PhoneNumber, is_e164_and_nothing_else) {
  for (const char* text : {"+231770000000", "+12025550123", "+1234567", "+123456789012345"})
    EXPECT_TRUE(is_phone_number(text)) << text;
  for (const char* text : {"", "+", "231770000000", "+0231770000", "+231 770 000", "+123456",
                           "+1234567890123456", "+23177000000a"})
    EXPECT_FALSE(is_phone_number(text)) << text;
}

TEST(PhoneNumber, says_its_country_where_one_country_has_the_code) {
  EXPECT_EQ(country_of_phone("+231770000000"), "LR");
  EXPECT_EQ(country_of_phone("+254700000000"), "KE");
  EXPECT_EQ(country_of_phone("+62811111111"), "ID");
  EXPECT_EQ(country_of_phone("+12025550123"), "");
  EXPECT_EQ(country_of_phone("231770000000"), "");
}

}  // namespace
}  // namespace switchyard
