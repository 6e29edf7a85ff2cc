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

TEST(PhoneNumber, says_its_country_where_it_tells) {
  EXPECT_EQ(country_of_phone("+231770000000"), "LR");
  EXPECT_EQ(country_of_phone("+254700000000"), "KE");
  EXPECT_EQ(country_of_phone("+62811111111"), "ID");
  EXPECT_EQ(country_of_phone("+12025550123"), "US");
  EXPECT_EQ(country_of_phone("+14165550123"), "CA");
  EXPECT_EQ(country_of_phone("+231990000000"), "LR") << "in no range that we know of";
  EXPECT_EQ(country_of_phone("+19990000000"), "") << "of one of twenty-five countries";
  EXPECT_EQ(country_of_phone("+80012345678"), "") << "of no country";
  EXPECT_EQ(country_of_phone("231770000000"), "");
}

TEST(PhoneNumber, is_as_long_as_its_country_has_them) {
  for (const char* fine : {"+231770000000", "+46733123450", "+254708374149", "+2250701100100",
                           "+62811111111", "+12025550123"})
    EXPECT_EQ(phone_problem(fine), "") << fine;
  EXPECT_EQ(phone_problem("+25470837"), "is too short for a phone number of KE, +254");
  EXPECT_EQ(phone_problem("+23177000000000"), "is too long for a phone number of LR, +231");
  EXPECT_EQ(phone_problem("+9991234567"), "has a country code that does not exist");
}

TEST(PhoneNumber, is_written_without_what_is_dialled_at_home) {
  EXPECT_EQ(phone_problem("+2310770000000"),
            "must be +231770000000, without the digits that are dialled within the country only");
}

TEST(PhoneNumber, tells_its_network_where_numbers_stay_with_theirs) {
  EXPECT_EQ(network_of_phone("+231770000000"), "orange");
  EXPECT_EQ(network_of_phone("+231881111000"), "mtn");
  EXPECT_EQ(network_of_phone("+256772123456"), "mtn");
  EXPECT_EQ(network_of_phone("+254708374149"), "mpesa");
  EXPECT_EQ(network_of_phone("+2250701100100"), "orange");
  EXPECT_EQ(network_of_phone("+233241234567"), "") << "numbers move in Ghana";
  EXPECT_EQ(network_of_phone("231770000000"), "");
}

}  // namespace
}  // namespace switchyard
