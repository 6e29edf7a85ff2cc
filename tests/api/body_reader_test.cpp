#include "api/body_reader.h"

#include <gtest/gtest.h>

namespace switchyard {
namespace {

Json body(std::string_view text) { return parse_strict_json(text).value(); }

ErrorCode code_of_amount(std::string_view amount) {
  const auto json = parse_strict_json("{\"amount\":" + std::string(amount) + "}");
  if (!json) return json.error().code;
  BodyReader reader(*json);
  reader.amount("amount", true);
  const auto done = reader.finish();
  return done ? ErrorCode::internal : done.error().code;  // internal: nothing to object to
}

TEST(BodyReader, D3_takes_every_whole_amount_up_to_2_to_the_53rd) {
  for (const char* amount : {"1", "4999", "9007199254740991"})
    EXPECT_EQ(code_of_amount(amount), ErrorCode::internal) << amount;
}

TEST(BodyReader, D3_refuses_amounts_that_are_not_whole_and_above_zero) {
  for (const char* amount : {"-1", "0", "-0", "1.5", "1.0", "\"100\"", "1e2", "9007199254740992",
                             "9223372036854775808", "18446744073709551616", "true", "[]", "{}"})
    EXPECT_EQ(code_of_amount(amount), ErrorCode::amount_invalid) << amount;
  for (const char* amount : {"00100", "NaN", "+5", "1E400"})
    EXPECT_EQ(code_of_amount(amount), ErrorCode::invalid_json) << amount;
  EXPECT_EQ(code_of_amount("null"), ErrorCode::missing_field);
}

TEST(BodyReader, finds_all_problems_in_one_pass_and_names_the_first) {
  const Json json = body(R"({"amount":0,"currency":"usd","status":"captured","name":7})");
  BodyReader reader(json);
  reader.amount("amount", true);
  reader.currency("currency", true);
  reader.text("name", 10);
  reader.text("absent", 10, true);
  const auto done = reader.finish();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::amount_invalid);
  EXPECT_EQ(done.error().param, "amount");
  std::vector<std::string> params;
  for (const Problem& problem : done.error().details) params.push_back(problem.param);
  EXPECT_EQ(params, (std::vector<std::string>{"amount", "currency", "name", "absent", "status"}));
}

TEST(BodyReader, D1_refuses_a_field_it_was_not_asked_for) {
  const Json json = body(R"({"amount":1,"merchant_id":"mer_x"})");
  BodyReader reader(json);
  reader.amount("amount");
  const auto done = reader.finish();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::unknown_field);
  EXPECT_EQ(done.error().param, "merchant_id");
}

TEST(BodyReader, takes_over_the_problems_of_inner_objects_with_their_place) {
  const Json json = body(R"({"customer":{"email":7,"vip":true}})");
  BodyReader reader(json);
  BodyReader inner(*reader.object("customer"), "customer.");
  inner.text("email", 254);
  reader.absorb(inner);
  const auto done = reader.finish();
  ASSERT_FALSE(done);
  ASSERT_EQ(done.error().details.size(), 2u);
  EXPECT_EQ(done.error().details[0].param, "customer.email");
  EXPECT_EQ(done.error().details[1].param, "customer.vip");
}

TEST(BodyReader, D4_knows_currencies_in_upper_case_only) {
  for (const char* text : {"\"usd\"", "\"US\"", "\"USDX\"", "\"XXX\"", "\"UЅD\"", "7"}) {
    const Json json = body("{\"currency\":" + std::string(text) + "}");
    BodyReader reader(json);
    EXPECT_FALSE(reader.currency("currency", true)) << text;
    EXPECT_EQ(reader.finish().error().code, ErrorCode::currency_invalid) << text;
  }
}

std::optional<std::size_t> pairs_taken(const Json& metadata) {
  const Json json = {{"metadata", metadata}};
  BodyReader reader(json);
  const Metadata taken = reader.metadata("metadata");
  if (!reader.finish()) return std::nullopt;
  return taken.size();
}

TEST(BodyReader, D19_limits_metadata_exactly) {
  Json metadata = Json::object();
  for (int i = 0; i < 50; ++i) metadata["key" + std::to_string(i)] = "v";
  EXPECT_EQ(pairs_taken(metadata), 50u);
  metadata["one more"] = "v";
  EXPECT_EQ(pairs_taken(metadata), std::nullopt);
  EXPECT_EQ(pairs_taken({{std::string(40, 'k'), std::string(500, 'v')}}), 1u);
  EXPECT_EQ(pairs_taken({{std::string(41, 'k'), "v"}}), std::nullopt);
  EXPECT_EQ(pairs_taken({{"k", std::string(501, 'v')}}), std::nullopt);
  EXPECT_EQ(pairs_taken({{"", "v"}}), std::nullopt);
  EXPECT_EQ(pairs_taken({{"switchyard_x", "v"}}), std::nullopt);
  EXPECT_EQ(pairs_taken({{"k", 7}}), std::nullopt);
}

TEST(BodyReader, D19_counts_characters_and_not_bytes) {
  std::string text;
  for (int i = 0; i < 10; ++i) text += "é";
  const Json json = {{"name", text}};
  BodyReader reader(json);
  EXPECT_EQ(reader.text("name", 10), text);
  EXPECT_TRUE(reader.finish());
  BodyReader shorter(json);
  shorter.text("name", 9);
  EXPECT_FALSE(shorter.finish());
}

TEST(BodyReader, D13_refuses_control_characters_in_texts) {
  for (const char* text : {"a\rb", "a\x1b[31m", "a\x7f"}) {
    const Json json = {{"name", text}};
    BodyReader reader(json);
    reader.text("name", 100);
    EXPECT_FALSE(reader.finish()) << text;
  }
}

TEST(BodyReader, reads_null_as_absent) {
  const Json json = body(R"({"name":null})");
  BodyReader reader(json);
  EXPECT_EQ(reader.text("name", 10), "");
  EXPECT_FALSE(reader.has("name"));
  EXPECT_TRUE(reader.finish());
}

}  // namespace
}  // namespace switchyard
