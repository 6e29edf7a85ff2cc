#include "web/gate.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "tests/web/malformed_requests.h"

namespace switchyard {
namespace {

using namespace malformed;

Gate fed(const std::string& bytes, GateLimits limits = small) {
  Gate gate(limits);
  gate.feed(bytes);
  return gate;
}

Gate fed_one_by_one(const std::string& bytes, GateLimits limits = small) {
  Gate gate(limits);
  for (const char c : bytes)
    if (gate.feed({&c, 1}) == 0) break;
  return gate;
}

class MalformedRequest : public testing::TestWithParam<Malformed> {};

TEST_P(MalformedRequest, is_refused_however_it_is_split) {
  const Malformed& malformed = GetParam();
  for (const Gate& gate : {fed(malformed.bytes), fed_one_by_one(malformed.bytes)}) {
    ASSERT_EQ(gate.state(), Gate::State::refused) << malformed.bytes;
    EXPECT_EQ(gate.refusal().code, malformed.code) << gate.refusal().reason;
    EXPECT_EQ(gate.refusal().reason, malformed.reason);
    EXPECT_FALSE(gate.refusal().message.empty());
  }
}

INSTANTIATE_TEST_SUITE_P(Gate, MalformedRequest, testing::ValuesIn(cases),
                         [](const auto& info) { return info.param.name; });

TEST(Gate, reads_a_request_however_it_is_split) {
  const std::string bytes =
      "POST /v1/payments/pay_1%20a?limit=5&metadata[key]=a+b%26c HTTP/1.1\r\n"
      "Host: shop.example:8080\r\nContent-Length: 5\r\nAccept: a/b\r\naccept:  c/d  \r\n\r\nhello";
  for (Gate gate : {fed(bytes), fed_one_by_one(bytes)}) {
    ASSERT_EQ(gate.state(), Gate::State::complete) << gate.refusal().reason;
    EXPECT_TRUE(gate.is_kept_alive());
    const Request request = gate.take();
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.path, "/v1/payments/pay_1 a");
    EXPECT_EQ(request.raw_target, "/v1/payments/pay_1%20a?limit=5&metadata[key]=a+b%26c");
    EXPECT_EQ(request.query, (Fields{{"limit", "5"}, {"metadata[key]", "a b&c"}}));
    EXPECT_EQ(request.header("host"), "shop.example:8080");
    EXPECT_EQ(request.header("accept"), "a/b, c/d");
    EXPECT_EQ(request.body, "hello");
    EXPECT_EQ(gate.state(), Gate::State::head);
    EXPECT_FALSE(gate.has_begun());
  }
}

TEST(Gate, splits_anywhere_with_the_same_outcome) {
  const std::string bytes = chunked + "5\r\nhello\r\n01\r\n!\r\n0\r\n\r\n";
  for (std::size_t at = 1; at < bytes.size(); ++at) {
    Gate gate(small);
    EXPECT_EQ(gate.feed(bytes.substr(0, at)), at);
    EXPECT_NE(gate.state(), Gate::State::complete);
    EXPECT_EQ(gate.feed(bytes.substr(at)), bytes.size() - at);
    ASSERT_EQ(gate.state(), Gate::State::complete) << at;
    EXPECT_EQ(gate.take().body, "hello!");
  }
}

TEST(Gate, takes_no_byte_of_the_next_request) {
  const std::string one = head(post, "Content-Length: 2\r\n") + "hi";
  Gate gate(small);
  EXPECT_EQ(gate.feed(one + one), one.size());
  EXPECT_EQ(gate.take().body, "hi");
  EXPECT_EQ(gate.feed(one), one.size());
  EXPECT_EQ(gate.take().body, "hi");
}

TEST(Gate, H5_takes_nothing_after_a_refusal) {
  Gate gate = fed(head(post, "Content-Length: 101\r\n"));
  EXPECT_EQ(gate.feed(head(get)), 0u);
  EXPECT_EQ(gate.state(), Gate::State::refused);
  EXPECT_EQ(gate.held(), 0u);
}

TEST(Gate, H5_refuses_a_large_body_before_it_comes) {
  Gate gate(small);
  gate.feed(head(post, "Content-Length: 101\r\n"));
  EXPECT_EQ(gate.refusal().code, ErrorCode::body_too_large);
}

TEST(Gate, reads_bodies_up_to_the_limit_exactly) {
  const std::string body(100, 'a');
  EXPECT_EQ(fed(head(post, "Content-Length: 100\r\n") + body).take().body, body);
  EXPECT_EQ(fed(chunked + "64\r\n" + body + "\r\n0\r\n\r\n").take().body, body);
}

TEST(Gate, H6_reads_lines_up_to_the_limit_exactly) {
  const std::string frame = "GET / HTTP/1.1\r\n";
  const std::string path(small.target_bytes - frame.size(), 'a');
  EXPECT_EQ(fed(target("/" + path)).state(), Gate::State::complete);
  EXPECT_EQ(fed(target("/" + path + "a")).refusal().code, ErrorCode::url_too_long);
}

TEST(Gate, H4_holds_one_byte_chunks_without_growing) {
  const GateLimits wide{.body_bytes = 100'000};
  Gate gate(wide);
  gate.feed(chunked);
  for (int i = 0; i < 100'000; ++i) gate.feed("1\r\na\r\n");
  EXPECT_EQ(gate.held(), 100'000u);
  gate.feed("1\r\na\r\n");
  EXPECT_EQ(gate.refusal().code, ErrorCode::body_too_large);
}

TEST(Gate, keeps_any_byte_of_a_body) {
  const std::string body("a\0\r\n\xff", 5);
  EXPECT_EQ(fed(head(post, "Content-Length: 5\r\n") + body).take().body, body);
}

TEST(Gate, asks_for_a_body_that_waits_once) {
  Gate gate = fed(head(post, "Expect: 100-Continue\r\nContent-Length: 5\r\n"));
  EXPECT_TRUE(gate.takes_up_expectation());
  EXPECT_FALSE(gate.takes_up_expectation());
  EXPECT_FALSE(fed(head(post, "Expect: 100-continue\r\nContent-Length: 5\r\n") + "h")
                   .takes_up_expectation());
  EXPECT_FALSE(fed(head(post, "Content-Length: 5\r\n")).takes_up_expectation());
}

TEST(Gate, keeps_connections_as_the_version_and_the_client_say) {
  EXPECT_TRUE(fed(head(get)).is_kept_alive());
  EXPECT_TRUE(fed(head(get, "Connection: keep-alive\r\n")).is_kept_alive());
  EXPECT_FALSE(fed(head(get, "Connection: Close\r\n")).is_kept_alive());
  EXPECT_FALSE(fed(head(get, "Connection: foo, close\r\n")).is_kept_alive());
  EXPECT_FALSE(fed("GET / HTTP/1.0\r\n\r\n").is_kept_alive());
}

TEST(Gate, reads_headers_that_pistache_stumbles_over) {
  Gate gate = fed(head(get, "Accept: ;;\r\nContent-Type: foo\r\nCookie: foo\r\nCookie: bar\r\n"));
  ASSERT_EQ(gate.state(), Gate::State::complete);
  EXPECT_EQ(gate.take().header("cookie"), "foo; bar");
}

TEST(Gate, lets_browsers_queries_in) {
  Gate gate = fed(target("/return/a?x={1|2}^`\\[]'&flag&&e=%C3%A9"));
  ASSERT_EQ(gate.state(), Gate::State::complete) << gate.refusal().reason;
  EXPECT_EQ(gate.take().query, (Fields{{"x", "{1|2}^`\\[]'"}, {"flag", ""}, {"e", "\xc3\xa9"}}));
}

TEST(Gate, forgets_one_request_before_the_next) {
  Gate gate(small);
  gate.feed(head("GET /?a=1 HTTP/1.1", "Connection: close\r\nX-A: b\r\n"));
  gate.take();
  gate.feed(head(get));
  EXPECT_TRUE(gate.is_kept_alive());
  const Request request = gate.take();
  EXPECT_EQ(request.headers.size(), 1u);
  EXPECT_TRUE(request.query.empty());
}

// What was made of the bytes, as text: the same text means the same outcome.
std::string outcome(Gate& gate) {
  if (gate.state() == Gate::State::refused) return "refused " + std::string(gate.refusal().reason);
  if (gate.state() != Gate::State::complete) return "wants more";
  const Request request = gate.take();
  std::string text = request.method + " " + request.raw_target + "\n";
  for (const auto& [name, value] : request.headers) text += name + ": " + value + "\n";
  return text + request.body;
}

// The same seed each time: what fails, fails again.
TEST(Gate, reads_damaged_requests_the_same_however_they_are_split) {
  std::mt19937 random(20261120);
  const auto any = [&](std::size_t below) { return std::size_t(random() % below); };
  const std::vector<std::string> whole = {
      head(post, "Content-Length: 5\r\nExpect: 100-continue\r\n") + "hello",
      chunked + "5\r\nhello\r\na\r\n0123456789\r\n0\r\n\r\n",
      target("/v1/payments/%41?a=b&c=%C3%A9")};
  constexpr char odd[] = "\r\n\0 :;%/.,\t\xff?#&=0aG";
  const std::string bytes(odd, sizeof odd - 1);
  for (int round = 0; round < 20'000; ++round) {
    std::string damaged = whole[any(whole.size())];
    for (std::size_t i = any(3) + 1; i > 0; --i) {
      const std::size_t at = any(damaged.size());
      if (any(2) == 0)
        damaged[at] = bytes[any(bytes.size())];
      else if (any(2) == 0)
        damaged.erase(at, any(4) + 1);
      else
        damaged.insert(at, damaged.substr(any(damaged.size()), any(20)));
    }
    Gate at_once = fed(damaged);
    Gate in_pieces(small);
    for (std::size_t at = 0; at < damaged.size();) {
      const std::size_t size = std::min(any(9) + 1, damaged.size() - at);
      const std::size_t taken = in_pieces.feed(damaged.substr(at, size));
      at += taken;
      if (taken < size) break;
    }
    ASSERT_EQ(outcome(at_once), outcome(in_pieces)) << testing::PrintToString(damaged);
  }
}

}  // namespace
}  // namespace switchyard
