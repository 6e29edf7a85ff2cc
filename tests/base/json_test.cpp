#include "base/json.h"

#include <gtest/gtest.h>

#include <string>

namespace switchyard {
namespace {

using namespace std::string_literals;

TEST(Json, keeps_members_in_the_order_they_were_written) {
  const std::string text = R"({"z":1,"a":{"y":[true,false,null],"b":""},"m":-3})";
  EXPECT_EQ(write_json(parse_json(text)), text);
  EXPECT_EQ(write_json(parse_strict_json(text).value()), text);
}

TEST(Json, keeps_fractions_as_their_text) {
  const Json json =
      parse_json(R"({"a":4.35,"b":49.90,"c":1e2,"d":123456789012345678901234567890})");
  EXPECT_EQ(text_at(json, "a"), "4.35");
  EXPECT_EQ(text_at(json, "b"), "49.90");
  EXPECT_EQ(text_at(json, "c"), "1e2");
  EXPECT_EQ(text_at(json, "d"), "123456789012345678901234567890");
}

TEST(Json, is_null_when_it_cannot_be_read) {
  for (const std::string& text : {""s, "{"s, "<html>"s, "{}x"s, "{\"a\":\"\xff\"}"s, "{}\0{}"s,
                                  "{\"a\":1}\0"s, "1e999999"s}) {
    EXPECT_TRUE(parse_json(text).is_null()) << text;
  }
}

TEST(Json, takes_the_last_of_a_repeated_key_from_a_provider) {
  EXPECT_EQ(write_json(parse_json(R"({"a":1,"b":2,"a":3,"c":{"d":1,"d":2}})")),
            R"({"b":2,"a":3,"c":{"d":2}})");
}

TEST(Json, replaces_nul_in_strings_from_a_provider) {
  EXPECT_EQ(text_at(parse_json("{\"a\":\"x\\u0000y\"}"), "a"), "x\xEF\xBF\xBDy");
  EXPECT_EQ(text_at(parse_json("{\"a\\u0000b\":\"x\"}"),
                    "a\xEF\xBF\xBD"
                    "b"),
            "x");
}

TEST(Json, P14_from_a_provider_may_be_64_deep) {
  EXPECT_FALSE(parse_json(std::string(64, '[') + std::string(64, ']')).is_null());
  EXPECT_TRUE(parse_json(std::string(65, '[') + std::string(65, ']')).is_null());
}

TEST(Json, writes_compactly_and_replaces_what_is_not_utf_8) {
  const Json json = {{"a", "\xff"}, {"b", "é\n\"\\"}};
  EXPECT_EQ(write_json(json), "{\"a\":\"\xEF\xBF\xBD\",\"b\":\"é\\n\\\"\\\\\"}");
}

const Json sample = parse_json(R"({"error":{"payment_intent":{"id":"pi_1"}},"items":[{"id":"a"},
    {"id":"b"}],"n":25,"neg":-3,"yes":true,"no":false,"null":null,"text":"49.99","0":"zero",
    "top":9223372036854775807,"above":9223372036854775808})");

TEST(Json, finds_members_by_path) {
  EXPECT_EQ(text_at(sample, "error.payment_intent.id"), "pi_1");
  EXPECT_EQ(text_at(sample, "items.0.id"), "a");
  EXPECT_EQ(text_at(sample, "items.1.id"), "b");
  EXPECT_EQ(text_at(sample, "0"), "zero");
  EXPECT_EQ(member_at(sample, "error.payment_intent"), Json({{"id", "pi_1"}}));
  EXPECT_EQ(&member_at(sample, ""), &sample);
}

TEST(Json, finds_nothing_where_the_path_does_not_lead) {
  for (const char* path :
       {"x", "error.x.id", "items.2.id", "items.-1.id", "items.x", "items.0x", "items.", "n.0",
        "text.0", "null.x", "error..id", ".", "items.99999999999999999999"}) {
    EXPECT_TRUE(member_at(sample, path).is_null()) << path;
    EXPECT_EQ(text_at(sample, path), "") << path;
  }
  EXPECT_TRUE(member_at(Json(), "a.b").is_null());
}

TEST(Json, gives_nothing_for_a_member_of_another_type) {
  EXPECT_EQ(text_at(sample, "n"), "");
  EXPECT_EQ(text_at(sample, "yes"), "");
  EXPECT_EQ(text_at(sample, "null"), "");
  EXPECT_EQ(text_at(sample, "items"), "");
  EXPECT_EQ(integer_at(sample, "text"), std::nullopt);
  EXPECT_EQ(integer_at(sample, "yes"), std::nullopt);
  EXPECT_EQ(integer_at(sample, "null"), std::nullopt);
  EXPECT_EQ(bool_at(sample, "n"), std::nullopt);
  EXPECT_EQ(bool_at(sample, "null"), std::nullopt);
}

TEST(Json, gives_integers_and_bools) {
  EXPECT_EQ(integer_at(sample, "n"), 25);
  EXPECT_EQ(integer_at(sample, "neg"), -3);
  EXPECT_EQ(integer_at(sample, "top"), INT64_MAX);
  EXPECT_EQ(integer_at(sample, "above"), std::nullopt);
  EXPECT_EQ(bool_at(sample, "yes"), true);
  EXPECT_EQ(bool_at(sample, "no"), false);
}

std::string decimal_of(const std::string& json) {
  return decimal_at(parse_json("{\"a\":" + json + "}"), "a");
}

TEST(Json, gives_decimals_digit_for_digit) {
  for (const char* text : {"0", "25", "-3", "49.99", "49.90", "0.05", "-0.5", "1000000",
                           "123456789012345678901234567890.123456789"}) {
    EXPECT_EQ(decimal_of(text), text);
    EXPECT_EQ(decimal_of("\""s + text + "\""), text);
  }
}

TEST(Json, writes_exponents_out) {
  EXPECT_EQ(decimal_of("1e2"), "100");
  EXPECT_EQ(decimal_of("1.0E7"), "10000000");
  EXPECT_EQ(decimal_of("1.2345E+2"), "123.45");
  EXPECT_EQ(decimal_of("1.5e3"), "1500");
  EXPECT_EQ(decimal_of("-125e-2"), "-1.25");
  EXPECT_EQ(decimal_of("5e-3"), "0.005");
  EXPECT_EQ(decimal_of("0.05e1"), "0.5");
  EXPECT_EQ(decimal_of("\"1e999\""), "");
}

TEST(Json, gives_no_decimal_for_what_is_not_a_number) {
  for (const char* json :
       {"\"\"",      "\"-\"",  "\"+5\"", "\"05\"",   "\".5\"",  "\"5.\"", "\"5,00\"",
        "\"1 000\"", "\" 5\"", "\"5 \"", "\"0x10\"", "\"NaN\"", "\"1e\"", "\"1e+\"",
        "\"--5\"",   "\"5-\"", "true",   "null",     "[]",      "{}"}) {
    EXPECT_EQ(decimal_of(json), "") << json;
  }
}

TEST(Json, H11_D7_reads_a_hundred_thousand_keys_without_comparing_each_with_each) {
  // A body of this kind must not occupy a worker; compared pair by pair, this test takes minutes.
  std::string text = "{";
  for (int i = 0; i < 100'000; ++i) text += "\"" + std::to_string(i) + "\":1,";
  text.back() = '}';
  EXPECT_EQ(parse_strict_json(text).value().size(), 100'000u);
  EXPECT_EQ(parse_json(text).size(), 100'000u);
}

}  // namespace
}  // namespace switchyard
