// What a merchant may send. The documents below are the kinds of cases that are known to divide
// JSON parsers; for us there is one answer to each.
#include <gtest/gtest.h>

#include <string>

#include "base/json.h"

namespace switchyard {
namespace {

using namespace std::string_literals;

class Accepted : public ::testing::TestWithParam<std::string> {};
class Refused : public ::testing::TestWithParam<std::string> {};

TEST_P(Accepted, D9_is_read) {
  const auto read = parse_strict_json(GetParam());
  EXPECT_TRUE(read.has_value()) << GetParam();
}

TEST_P(Refused, D9_is_invalid_json) {
  const auto read = parse_strict_json(GetParam());
  ASSERT_FALSE(read.has_value()) << GetParam();
  EXPECT_EQ(read.error().code, ErrorCode::invalid_json);
  EXPECT_FALSE(read.error().message.empty());
}

// clang-format off
INSTANTIATE_TEST_SUITE_P(StrictJson, Accepted, ::testing::Values(
    // Any value may be the document, with white space around it.
    "{}"s, "[]"s, "null"s, "true"s, "false"s, "0"s, "\"\""s, "-1"s, " \t\r\n{} \t\r\n"s, "[\n]"s,
    "[[] ]"s, "[null, 1, \"1\", {}]"s, "[1\n,1\n,2]"s, "[[],[[]]]"s, "[\"a\"]"s, "[2] "s,
    // Numbers.
    "[123]"s, "[-123]"s, "[20e1]"s, "[1E22]"s, "[1E-2]"s, "[1E+2]"s, "[0e1]"s, "[0e+1]"s,
    "[123.456]"s, "[-0]"s, "[-0.0]"s, "[0.00000000000000000000000000000000000000000000000001]"s,
    "[9223372036854775807]"s, "[-9223372036854775808]"s, "[18446744073709551615]"s,
    "[18446744073709551616]"s, "[-9223372036854775809]"s, "[1.5e+300]"s,
    // Strings.
    R"(["\"\\\/\b\f\n\r\t"])"s, R"(["\u0060\u012a\u12AB"])"s, R"(["\uD801\udc37"])"s,
    R"(["\ud83d\ude39\ud83d\udc8d"])"s, R"(["\u0001\u001f"])"s, R"(["\\u0000"])"s, R"(["\uFFFF"])"s,
    R"(["\uDBFF\uDFFF"])"s, "[\"\x7f\"]"s, "[\"\xE2\x80\xA8\xE2\x80\xA9\"]"s, "[\"\xF4\x8F\xBF\xBF\"]"s,
    "[\"\xC3\xA9\xE2\x82\xAC\xF0\x9D\x84\x9E\"]"s, "[\"\xEF\xBB\xBF\"]"s, "[\"a/*b*/c//d\"]"s, "[\"new\xC2\xA0line\"]"s,
    // Objects.
    R"({"":0})"s, R"({"a":[]})"s, R"({"a":"b","c":"d"})"s, R"({"a":{"a":{"a":1}}})"s,
    "{\"min\": -1.0e+28, \"max\": 1.0e+28}"s, R"({"A":1,"a":2})"s, R"([{"a":1},{"a":1}])"s,
    "{\n\"a\": \"b\"\n}"s, R"({"\u00e9":1,"e\u0301":2})"s, R"({"$number":"1"})"s));

INSTANTIATE_TEST_SUITE_P(StrictJson, Refused, ::testing::Values(
    // More or less than one document.
    "{}{}"s, "{} x"s, "{},"s, "1 2"s, "[1]]"s, "{}}"s, "\"\"\"\""s, "{}#"s, "{}//c"s, "{}/**/"s, "/*c*/{}"s,
    "["s, "{"s, "[1"s, "[1,"s, "{\"a\""s, "{\"a\":"s, "{\"a\":1"s, "{\"a\":1,"s, "\""s, "\"a"s, "]"s, "}"s,
    // A byte order mark, NUL and other encodings.
    "\xEF\xBB\xBF{}"s, "\xEF\xBB\xBF"s, "\xEF\xBB{}"s, "{}\0"s, "{}\0{}"s, "\0{}"s, "[1,\0 2]"s, "\0"s,
    "\xFF\xFE{\0}\0"s, "{\0}\0"s, "\0{\0}"s, "\x0c{}"s, "{}\x0b"s, "\xC2\xA0{}"s, "\xE2\x81\xA0[]"s,
    // Punctuation.
    "[,]"s, "[1,]"s, "[,1]"s, "[1,,2]"s, "[1 2]"s, "[1:2]"s, "[1;2]"s, "(1)"s, "[1}"s, "{1]"s, "<a>"s, "[\"a\",\n4\n,1,"s,
    "{,}"s, "{\"a\":1,}"s, "{\"a\":1,,\"b\":2}"s, "{\"a\" 1}"s, "{\"a\":}"s, "{:1}"s, "{\"a\"}"s, "{a:1}"s, "{'a':1}"s,
    "{1:1}"s, "{null:1}"s, "{\"a\"::1}"s, "{\"a\":1 \"b\":2}"s, "{\"a\",\"b\"}"s, "{[]:1}"s, "{\"a\":1:2}"s, "{\"a\"=1}"s,
    // Words.
    "nul"s, "nulll"s, "True"s, "TRUE"s, "tru"s, "fals"s, "None"s, "undefined"s, "NaN"s, "[NaN]"s, "Infinity"s, "[-Infinity]"s,
    "[-NaN]"s, "nan"s, "inf"s, "[truth]"s, "'a'"s, "a"s, "{\"a\":yes}"s,
    // Numbers.
    "[+1]"s, "[+5]"s, "[01]"s, "[00100]"s, "[-01]"s, "[-]"s, "[--1]"s, "[1.]"s, "[.5]"s, "[-.5]"s, "[1.e1]"s, "[1e]"s, "[1e+]"s,
    "[1eE2]"s, "[1.5.5]"s, "[0x1F]"s, "[1_000]"s, "[1 000]"s, "[1,000.5e]"s, "[1a]"s, "[0.3e]"s, "[0E+]"s, "[9.e+]"s, "[-2.]"s,
    "[1+2]"s, "[++1]"s, "[- 1]"s, "[\xEF\xBC\x91]"s, "[0b1]"s, "[1f]"s, "[1E400]"s,
    // Escapes and control characters.
    R"(["\x41"])"s, R"(["\a"])"s, R"(["\'"])"s, R"(["\u"])"s, R"(["\u12"])"s, R"(["\u12G4"])"s, R"(["\U0041"])"s, R"(["\"])"s, R"(["\ "])"s,
    "[\"\n\"]"s, "[\"\t\"]"s, "[\"\x1f\"]"s, "[\"\0\"]"s, "[\"a\0b\"]"s, "[\"\\\0\"]"s, R"(["\u0000"])"s, R"({"\u0000":1})"s, R"(["a\u0000b"])"s,
    // Surrogates.
    R"(["\uD800"])"s, R"(["\uDFFF"])"s, R"(["\uD800\uD800"])"s, R"(["\uD800x"])"s, R"(["\uD800\n"])"s, R"(["\uD800\u0041"])"s,
    R"(["\uDC00\uD800"])"s, R"(["\ud83d\ude"])"s, R"({"\uD800":1})"s,
    // What is not UTF-8: stray and missing bytes, overlong forms, surrogates, above U+10FFFF.
    "[\"\xff\"]"s, "[\"\x80\"]"s, "[\"\xC3\"]"s, "[\"\xC3(\"]"s, "[\"\xE2\x82\"]"s, "[\"\xF0\x9D\x84\"]"s, "[\"\xC0\x80\"]"s, "[\"\xC0\xAF\"]"s,
    "[\"\xC1\xBF\"]"s, "[\"\xE0\x80\xAF\"]"s, "[\"\xE0\x9F\xBF\"]"s, "[\"\xF0\x80\x80\xAF\"]"s, "[\"\xF0\x8F\xBF\xBF\"]"s, "[\"\xED\xA0\x80\"]"s,
    "[\"\xED\xBF\xBF\"]"s, "[\"\xF4\x90\x80\x80\"]"s, "[\"\xF5\x80\x80\x80\"]"s, "[\"\xF8\x88\x80\x80\x80\"]"s, "[\"\xE9t\xE9\"]"s, "\xff"s, "{\"\xff\":1}"s,
    // A key twice, however it is spelt and wherever.
    R"({"a":1,"a":1})"s, R"({"a":1,"b":2,"a":3})"s, R"({"a":{"b":1,"b":2}})"s, R"([{"a":1,"a":2}])"s, R"({"a":1,"\u0061":2})"s,
    R"({"":1,"":2})"s, R"({"x":[[{"y":{"z":null,"z":null}}]]})"s));
// clang-format on

Error refusal_of(std::string_view text) {
  const auto read = parse_strict_json(text);
  return read ? Error{.message = "was read"} : read.error();
}

TEST(StrictJson, says_when_there_is_no_body) {
  EXPECT_EQ(refusal_of("").code, ErrorCode::body_required);
  EXPECT_EQ(refusal_of(" \r\n\t").code, ErrorCode::body_required);
}

TEST(StrictJson, D7_may_be_32_deep) {
  EXPECT_TRUE(parse_strict_json(std::string(32, '[') + std::string(32, ']')));
  EXPECT_EQ(refusal_of(std::string(33, '[') + std::string(33, ']')).code, ErrorCode::invalid_json);
  std::string objects;
  for (int i = 0; i < 33; ++i) objects += "{\"a\":";
  EXPECT_NE(refusal_of(objects).message.find("32"), std::string::npos);
  EXPECT_EQ(refusal_of(std::string(1'000'000, '[')).code, ErrorCode::invalid_json);
}

TEST(StrictJson, names_the_place_of_a_syntax_error) {
  EXPECT_NE(refusal_of("{\n \"a\": x}").message.find("line 2, byte 7"), std::string::npos)
      << refusal_of("{\n \"a\": x}").message;
  EXPECT_NE(refusal_of("\xEF\xBB\xBF{}").message.find("line 1, byte 1"), std::string::npos);
  EXPECT_NE(refusal_of("{}\0"s).message.find("line 1, byte 3"), std::string::npos);
}

TEST(StrictJson, D2_names_the_key_that_stands_twice) {
  EXPECT_EQ(refusal_of(R"({"amount":100,"amount":1})").param, "amount");
  EXPECT_EQ(refusal_of(R"({"customer":{"email":"a","name":"b","email":"c"}})").param,
            "customer.email");
  EXPECT_EQ(refusal_of(R"({"items":[{},{"id":1,"id":2}]})").param, "items.1.id");
}

TEST(StrictJson, D8_names_the_string_that_holds_nul) {
  EXPECT_EQ(refusal_of(R"({"metadata":{"note":"a\u0000b"}})").param, "metadata.note");
}

TEST(StrictJson, D11_never_repeats_a_key_that_may_be_a_card_number) {
  const Error error = refusal_of(R"({"metadata":{"4242424242424242":1,"4242424242424242":2}})");
  EXPECT_EQ(error.code, ErrorCode::invalid_json);
  EXPECT_EQ(error.param, "metadata.?");
  EXPECT_EQ(error.message.find("4242"), std::string::npos);
  EXPECT_EQ(refusal_of("4242424242424242x").message.find("4242"), std::string::npos);
}

TEST(StrictJson, D3_keeps_whole_numbers_exactly) {
  const Json json = parse_strict_json(
                        R"([0,-1,9007199254740993,9223372036854775807,-9223372036854775808,
                            18446744073709551615])")
                        .value();
  EXPECT_EQ(write_json(json),
            "[0,-1,9007199254740993,9223372036854775807,-9223372036854775808,"
            "18446744073709551615]");
}

TEST(StrictJson, D3_marks_numbers_that_no_field_accepts) {
  for (const char* number : {"1.5", "1.0", "1e2", "100E0", "-0", "-0.0", "18446744073709551616",
                             "-9223372036854775809", "123456789012345678901234567890"}) {
    const Json json = parse_strict_json("{\"amount\":"s + number + "}").value();
    EXPECT_EQ(json, Json({{"amount", {{"$number", number}}}})) << number;
  }
}

TEST(StrictJson, D8_returns_exotic_text_byte_for_byte) {
  const std::string text =
      "{\"\xF0\x9F\x92\xB3\":\"\xE2\x80\xAE\xEF\xBF\xBF \xC2\x85 \xED\x9F\xBF\"}";
  EXPECT_EQ(write_json(parse_strict_json(text).value()), text);
}

}  // namespace
}  // namespace switchyard
