#include "openapi.h"

#include <gtest/gtest.h>

#include <set>

#include "base/error_code.h"
#include "domain/decline.h"
#include "domain/describe.h"
#include "domain/event.h"

namespace switchyard {
namespace {

using testing::differences;
using testing::openapi_document;
using testing::Operation;
using testing::operations;
using testing::problems_of;
using testing::resolved;
using Texts = std::vector<std::string>;

const Json& schema(const std::string& name) {
  return openapi_document()["components"]["schemas"][name];
}

Texts words_of(const std::string& schema_name) { return schema(schema_name)["enum"].get<Texts>(); }

template <class E, std::size_t N>
Texts words_of(const Words<E, N>& words) {
  Texts texts;
  for (const auto& [each, word] : words) texts.emplace_back(word);
  return texts;
}

// Calls `see` with every object of the document and the path to it.
template <class See>
void walk(const Json& json, const std::string& place, const See& see) {
  if (json.is_object()) see(json, place);
  if (json.is_structured())
    for (const auto& member : json.items()) walk(member.value(), place + "/" + member.key(), see);
}

const Json& operation(const Operation& each) {
  std::string method = each.method;
  std::ranges::transform(method, method.begin(), [](unsigned char c) { return std::tolower(c); });
  return openapi_document()["paths"][each.path][method];
}

Payment some_payment() {
  Payment payment{.id = "pay_01K00000000000000000000000", .merchant_id = "mer_1"};
  payment.money = {4999, *find_currency("USD")};
  payment.method = PaymentMethod{.rail = Rail::mobile_money, .network = "mtn"};
  payment.last_error = LastError{.decline_code = "payer_rejected",
                                 .message = "The payer said no.",
                                 .advice = "ask_customer",
                                 .account = "mtn_lr"};
  payment.metadata = {{"order_id", "123"}};
  return payment;
}

Attempt some_attempt() {
  return {.id = "att_01K00000000000000000000000",
          .account = "mtn_lr",
          .status = AttemptStatus::refused,
          .decline_code = "payer_rejected"};
}

TEST(Openapi, is_of_version_3_1) { EXPECT_EQ(openapi_document()["openapi"], "3.1.0"); }

TEST(Openapi, every_reference_leads_somewhere) {
  int count = 0;
  walk(openapi_document(), "", [&](const Json& json, const std::string& place) {
    if (!json.contains("$ref")) return;
    ++count;
    EXPECT_FALSE(resolved(json).is_null()) << place << ": " << json["$ref"];
  });
  EXPECT_GT(count, 100);
}

TEST(Openapi, every_component_is_used) {
  std::set<std::string> used;
  walk(openapi_document(), "", [&](const Json& json, const std::string&) {
    if (json.contains("$ref")) used.insert(json["$ref"].get<std::string>());
  });
  for (const char* kind : {"schemas", "responses", "parameters", "headers", "examples"})
    for (const auto& each : openapi_document()["components"][kind].items())
      EXPECT_TRUE(used.contains("#/components/" + std::string(kind) + "/" + each.key()))
          << kind << " " << each.key();
}

TEST(Openapi, every_operation_says_what_it_is) {
  std::set<std::string> ids;
  for (const Operation& each : operations()) {
    const Json& json = operation(each);
    EXPECT_FALSE(text_at(json, "summary").empty()) << each.method << each.path;
    EXPECT_FALSE(member_at(json, "tags").empty()) << each.method << each.path;
    EXPECT_TRUE(ids.insert(text_at(json, "operationId")).second) << each.method << each.path;
  }
}

TEST(Openapi, every_parameter_of_a_path_is_declared) {
  for (const auto& entry : openapi_document()["paths"].items()) {
    Texts declared;
    for (const Json& parameter : member_at(entry.value(), "parameters"))
      declared.push_back("{" + text_at(resolved(parameter), "name") + "}");
    for (const std::string& name : declared)
      EXPECT_NE(entry.key().find(name), std::string::npos) << entry.key() << " " << name;
    EXPECT_EQ(static_cast<std::size_t>(std::ranges::count(entry.key(), '{')), declared.size())
        << entry.key();
  }
}

TEST(Openapi, every_call_that_writes_takes_an_idempotency_key) {
  for (const Operation& each : operations()) {
    // A preview changes nothing, and providers have keys of their own.
    if (each.method == "GET" || each.path == "/v1/routing/preview" || !each.path.starts_with("/v1"))
      continue;
    Texts names;
    for (const Json& parameter : member_at(operation(each), "parameters"))
      names.push_back(text_at(resolved(parameter), "name"));
    EXPECT_NE(std::ranges::find(names, "Idempotency-Key"), names.end())
        << each.method << " " << each.path;
  }
}

TEST(Openapi, every_call_of_the_api_may_be_refused) {
  for (const Operation& each : operations()) {
    if (!each.path.starts_with("/v1")) continue;
    const Json& responses = operation(each)["responses"];
    for (const char* status : {"400", "401", "403", "429", "500", "503", "default"})
      EXPECT_TRUE(responses.contains(status)) << each.method << each.path << " " << status;
    EXPECT_EQ(responses.contains("404"), each.path.find('{') != std::string::npos ||
                                             each.method + each.path == "POST/v1/refunds" ||
                                             each.method + each.path == "POST/v1/payments")
        << each.method << each.path;
  }
}

TEST(Openapi, examples_are_what_their_schemas_say) {
  int count = 0;
  walk(openapi_document(), "", [&](const Json& json, const std::string& place) {
    if (!json.contains("schema") || !json.contains("examples")) return;
    for (const auto& example : json["examples"].items()) {
      ++count;
      const Json& value = resolved(example.value())["value"];
      EXPECT_EQ(problems_of(json["schema"], value), Texts()) << place << " " << example.key();
    }
  });
  EXPECT_GT(count, 15);
}

TEST(Openapi, every_object_of_an_answer_says_whether_it_may_have_other_members) {
  walk(openapi_document()["components"]["schemas"], "",
       [&](const Json& json, const std::string& place) {
         if (!json.contains("type") || json["type"] != "object") return;
         EXPECT_TRUE(json.contains("additionalProperties")) << place;
       });
}

TEST(Openapi, what_is_required_is_described) {
  walk(openapi_document()["components"]["schemas"], "",
       [&](const Json& json, const std::string& place) {
         if (!json.contains("required") || !json["required"].is_array()) return;
         for (const Json& name : json["required"])
           EXPECT_TRUE(member_at(json, "properties").contains(name.get<std::string>()))
               << place << name;
       });
}

TEST(Openapi, words_are_those_of_the_code) {
  EXPECT_EQ(words_of("PaymentStatus"), words_of(payment_status_words));
  EXPECT_EQ(words_of("RefundStatus"), words_of(refund_status_words));
  EXPECT_EQ(words_of("Rail"), words_of(rail_words));
  EXPECT_EQ(schema("Attempt")["properties"]["status"]["enum"].get<Texts>(),
            words_of(attempt_status_words));
  Texts codes, declines, types;
  for (const ErrorInfo& info : all_errors()) codes.emplace_back(info.name);
  for (const DeclineInfo& info : all_declines()) declines.emplace_back(info.name);
  for (const std::string_view type : all_event_types()) types.emplace_back(type);
  EXPECT_EQ(words_of("ErrorCode"), codes);
  EXPECT_EQ(words_of("DeclineCode"), declines);
  EXPECT_EQ(words_of("EventType"), types);
}

TEST(Openapi, advice_and_types_of_errors_are_those_of_the_code) {
  const Texts advice = words_of("Advice");
  for (const DeclineInfo& info : all_declines())
    EXPECT_NE(std::ranges::find(advice, info.advice), advice.end()) << info.name;
  const Texts types =
      schema("Error")["properties"]["error"]["properties"]["type"]["enum"].get<Texts>();
  for (const ErrorInfo& info : all_errors())
    EXPECT_NE(std::ranges::find(types, info.type), types.end()) << info.name;
}

TEST(Openapi, objects_are_described_as_they_are_written) {
  const std::vector<Attempt> attempts = {some_attempt()};
  EXPECT_EQ(problems_of(schema("Payment"), payment_json(some_payment(), attempts)), Texts());
  Payment bare{.id = "pay_01K00000000000000000000000"};
  bare.money = {1, *find_currency("XAF")};
  EXPECT_EQ(problems_of(schema("Payment"), payment_json(bare, {})), Texts());
  Refund refund{.id = "ref_1", .payment_id = "pay_1", .money = {1, *find_currency("USD")}};
  EXPECT_EQ(problems_of(schema("Refund"), refund_json(refund)), Texts());
  EXPECT_EQ(problems_of(schema("Customer"), customer_json({.id = "cus_1"})), Texts());
}

// Each member of a payment is required: were one left out or renamed, the document would be wrong.
TEST(Openapi, no_member_of_a_payment_may_be_left_out_renamed_or_added) {
  const Json payment = payment_json(some_payment(), {});
  for (const auto& member : payment.items()) {
    Json without = payment;
    without.erase(member.key());
    EXPECT_EQ(problems_of(schema("Payment"), without), Texts({member.key() + " is missing"}));
  }
  Json more = payment;
  more["colour"] = "red";
  EXPECT_EQ(problems_of(schema("Payment"), more), Texts({"colour is not documented"}));
}

TEST(Openapi, answers_are_checked_by_path_method_and_status) {
  const std::string customer = write_json(customer_json({.id = "cus_1"}));
  EXPECT_EQ(problems_of("GET", "/v1/customers/cus_1?x=1", 200, customer), Texts());
  EXPECT_EQ(problems_of("GET", "/v1/customers/{id}", 200, customer), Texts());
  EXPECT_EQ(problems_of("GET", "/v1/customers/cus_1", 200, "{}").size(), 11u);
  EXPECT_EQ(problems_of("GET", "/v1/customers/cus_1", 200, "<html>").size(), 1u);
  EXPECT_EQ(problems_of("GET", "/v1/customers/cus_1", 201, customer).size(), 1u);
  EXPECT_EQ(problems_of("PUT", "/v1/customers/cus_1", 200, customer).size(), 1u);
  EXPECT_EQ(problems_of("GET", "/v1/cats/1", 200, customer).size(), 1u);
  EXPECT_EQ(problems_of("POST", "/webhooks/stripe_us/a/b", 200, R"({"received":true})"), Texts());
  EXPECT_EQ(problems_of("POST", "/webhooks/stripe_us/a/b", 200, R"({"received":false})").size(),
            1u);
}

TEST(Openapi, values_are_checked_by_type_word_bound_and_pattern) {
  EXPECT_EQ(problems_of(schema("Amount"), 1), Texts());
  EXPECT_EQ(problems_of(schema("Amount"), 0).size(), 1u);
  EXPECT_EQ(problems_of(schema("Amount"), "1").size(), 1u);
  EXPECT_EQ(problems_of(schema("Currency"), "usd").size(), 1u);
  EXPECT_EQ(problems_of(schema("Rail"), "cheque").size(), 1u);
  EXPECT_EQ(problems_of(schema("Metadata"), {{"a", 1}}).size(), 1u);
  EXPECT_EQ(problems_of({{"type", "object"}, {"colour", "red"}}, Json::object()).size(), 1u);
  EXPECT_EQ(problems_of({{"anyOf", {{{"type", "null"}}, {{"type", "string"}}}}}, nullptr), Texts());
  EXPECT_EQ(problems_of({{"anyOf", {{{"type", "null"}}, {{"type", "string"}}}}}, 1).size(), 1u);
}

TEST(Openapi, differences_from_the_routes_are_told_both_ways) {
  const std::vector<Operation> documented = {{"GET", "/a/{id}"}, {"PUT", "/w/{account}/{rest}"}};
  EXPECT_EQ(differences(documented, {{"GET", "/a/{id}"}, {"PUT", "/w/{account}/{rest...}"}}),
            Texts());
  EXPECT_EQ(differences(documented, {{"GET", "/a/{id}"}}),
            Texts({"PUT /w/{account}/{rest} is documented and not routed"}));
  EXPECT_EQ(differences({}, {{"GET", "/b"}}), Texts({"GET /b is routed and not documented"}));
}

}  // namespace
}  // namespace switchyard
