#include "base/text.h"

#include <gtest/gtest.h>

namespace switchyard {
namespace {

using Words = std::vector<std::string>;

TEST(Text, letters_change_their_case_and_nothing_else_does) {
  EXPECT_EQ(in_lower_case("IDR_09-Zz"), "idr_09-zz");
  EXPECT_EQ(in_capitals("usd_09-Aa"), "USD_09-AA");
  EXPECT_EQ(in_lower_case("É"), "É");
  EXPECT_EQ(in_capitals("ß@[`{"), "ß@[`{");
}

TEST(Text, is_cut_where_a_character_begins) {
  EXPECT_EQ(shortened("Kopi", 4), "Kopi");
  EXPECT_EQ(shortened("Kopi", 3), "Kop");
  EXPECT_EQ(shortened("né", 2), "n");  // the second byte is inside é
  EXPECT_EQ(shortened("né", 3), "né");
  EXPECT_EQ(shortened("€5", 2), "");
  EXPECT_EQ(shortened("", 0), "");
}

// Somebody else's bytes need not be UTF-8.
TEST(Text, that_is_all_inside_of_characters_is_cut_to_nothing) {
  EXPECT_EQ(shortened("\x80\x80\x80\x80", 2), "");
}

TEST(Text, a_list_has_its_words_without_the_space_around_them) {
  EXPECT_EQ(words_of("qris, va ,e wallet"), (Words{"qris", "va", "e wallet"}));
  EXPECT_EQ(words_of(" ,,a, "), Words{"a"});
  EXPECT_EQ(words_of(""), Words{});
}

TEST(Text, a_word_is_listed_whole) {
  EXPECT_TRUE(is_listed("gopay, dana", "dana"));
  EXPECT_FALSE(is_listed("gopay, danamon", "dana"));
  EXPECT_FALSE(is_listed("", ""));
}

}  // namespace
}  // namespace switchyard
