#include "kit/exchange.h"

#include <gtest/gtest.h>

#include <fstream>

namespace switchyard {
namespace {

Exchange read_text(const std::string& text) {
  const std::string path = testing::TempDir() + "exchange_file_test.json";
  std::ofstream(path) << text;
  return read_exchange({.adapter = "example", .path = path, .index = 0, .name = "test"});
}

TEST(ExchangeFile, names_every_mistake) {
  const Exchange exchange = read_text(R"({
    "call": "lookup",
    "given": {"charge": {"money": {"amount": "1", "currency": "USD"}, "attempt": "a", "now": "noon"}},
    "answers": {"status": 200, "jsn": {}},
    "means": {"verdict": "payed", "decline": "purple"}
  })");
  EXPECT_EQ(exchange.mistakes.size(), 7u) << testing::PrintToString(exchange.mistakes);
}

TEST(ExchangeFile, fills_in_what_the_format_promises) {
  const Exchange exchange =
      read_text(R"({"call": "lookup", "given": {"account": {"mode": "live"}}})");
  EXPECT_EQ(exchange.mistakes, std::vector<std::string>{});
  EXPECT_EQ(exchange.account.id, "example_test");
  EXPECT_EQ(exchange.account.base_url, "https://api.example-pay.invalid");
  EXPECT_EQ(exchange.account.webhook_url, "https://pay.example.com/webhooks/example_test");
  EXPECT_EQ(to_rfc3339(exchange.charge.now), "2026-11-20T07:00:00.000Z");
  EXPECT_FALSE(exchange.sends || exchange.answers || exchange.means || exchange.news);
}

TEST(ExchangeFile, keeps_bodies_byte_for_byte) {
  const Exchange json = read_text(
      R"({"call": "webhook", "given": {"incoming": {"json": {"b": 1, "a": [2.5, "é"]}}}})");
  EXPECT_EQ(json.incoming.body, R"({"b":1,"a":[2.5,"é"]})");
  const Exchange form =
      read_text(R"({"call": "webhook", "given": {"incoming": {"form": [["a b", "c&d"]]}}})");
  EXPECT_EQ(form.incoming.body, "a%20b=c%26d");
}

TEST(ExchangeFile, of_an_unknown_adapter_is_a_mistake) {
  const std::string path = testing::TempDir() + "exchange_file_test.json";
  std::ofstream(path) << "{}";
  EXPECT_EQ(read_exchange({"nobody", path, 0, "test"}).mistakes.size(), 1u);
}

}  // namespace
}  // namespace switchyard
