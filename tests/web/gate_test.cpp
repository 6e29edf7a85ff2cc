#include "web/gate.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace switchyard {
namespace {

constexpr GateLimits small{
    .target_bytes = 200, .header_bytes = 400, .header_count = 10, .body_bytes = 100};

std::string head(const std::string& request_line, const std::string& more = "") {
  return request_line + "\r\nHost: shop.example\r\n" + more + "\r\n";
}

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

struct Malformed {
  const char* name;
  std::string bytes;
  ErrorCode code;
  std::string_view reason;
};

void PrintTo(const Malformed& malformed, std::ostream* out) { *out << malformed.name; }

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

// clang-format off
const ErrorCode bad = ErrorCode::malformed_request;
const std::string get = "GET / HTTP/1.1";
const std::string post = "POST / HTTP/1.1";
const std::string chunked = head(post, "Transfer-Encoding: chunked\r\n");

std::string target(const std::string& raw) { return head("GET " + raw + " HTTP/1.1"); }

const std::vector<Malformed> cases = {
    {"H2_length_negative", head(post, "Content-Length: -1\r\n"), bad, "content_length"},
    {"H2_length_word", head(post, "Content-Length: abc\r\n"), bad, "content_length"},
    {"H2_length_trailing", head(post, "Content-Length: 5x\r\n"), bad, "content_length"},
    {"H2_length_plus", head(post, "Content-Length: +5\r\n"), bad, "content_length"},
    {"H2_length_empty", head(post, "Content-Length: \r\n"), bad, "content_length"},
    {"H2_length_hex", head(post, "Content-Length: 0x5\r\n"), bad, "content_length"},
    {"H2_length_list", head(post, "Content-Length: 5, 5\r\n"), bad, "content_length"},
    {"H2_length_2_to_64", head(post, "Content-Length: 18446744073709551616\r\n"), bad, "content_length"},
    {"H2_length_2_to_64_less_1", head(post, "Content-Length: 18446744073709551615\r\n"), ErrorCode::body_too_large, "body_size"},
    {"H2_length_over_limit", head(post, "Content-Length: 101\r\n"), ErrorCode::body_too_large, "body_size"},
    {"H2_length_twice", head(post, "Content-Length: 5\r\nContent-Length: 6\r\n"), bad, "header_duplicate"},
    {"H2_length_twice_same", head(post, "Content-Length: 5\r\nContent-Length: 5\r\n"), bad, "header_duplicate"},
    {"H2_length_and_chunked", head(post, "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), bad, "framing"},
    {"H2_chunked_and_length", head(post, "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), bad, "framing"},
    {"H2_coding_twice", head(post, "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"), bad, "header_duplicate"},
    {"H2_coding_gzip", head(post, "Transfer-Encoding: gzip, chunked\r\n"), bad, "framing"},
    {"H2_coding_x", head(post, "Transfer-Encoding: xchunked\r\n"), bad, "framing"},
    {"H2_coding_empty", head(post, "Transfer-Encoding:\r\n"), bad, "framing"},
    {"H2_coding_in_1_0", head("POST / HTTP/1.0", "Transfer-Encoding: chunked\r\n"), bad, "framing"},

    {"H3_space_before_colon", head(post, "Content-Length : 5\r\n"), bad, "header_name"},
    {"H3_tab_before_colon", head(post, "Content-Length\t: 5\r\n"), bad, "header_name"},
    {"H3_cr_in_name", head(get, "X-A\rB: 5\r\n"), bad, "header_name"},
    {"H3_crlf_in_name", head(get, "X-A\r\nB: 5\r\n"), bad, "header_name"},
    {"H3_empty_name", head(get, ": 5\r\n"), bad, "header_name"},
    {"H3_no_colon", head(get, "X-A\r\n"), bad, "header_name"},
    {"H3_tab_after_colon", head(get, "X-A:\tb\r\n"), bad, "header_control"},
    {"D13_cr_in_value", head(get, "X-A: b\rc\r\n"), bad, "header_control"},
    {"D13_two_crs", head(get, "X-A: b\r\r\n"), bad, "header_control"},
    {"D13_nul_in_value", head(get, std::string("X-A: b\0c\r\n", 10)), bad, "header_control"},
    {"D13_delete_in_value", head(get, "X-A: b\x7f\r\n"), bad, "header_control"},
    {"H3_fold_space", head(get, "X-A: b\r\n c\r\n"), bad, "header_fold"},
    {"H3_fold_tab", head(get, "X-A: b\r\n\tc\r\n"), bad, "header_fold"},
    {"H3_fold_first", get + "\r\n Host: a\r\n\r\n", bad, "header_fold"},
    {"H3_bare_lf_request_line", "GET / HTTP/1.1\nHost: a\r\n\r\n", bad, "bare_lf"},
    {"H3_bare_lf_header", get + "\r\nHost: a\nX-A: b\r\n\r\n", bad, "bare_lf"},
    {"H3_bare_lf_end", get + "\r\nHost: a\r\n\n", bad, "bare_lf"},

    {"H3_version_empty", "GET / \r\n\r\n", bad, "version"},
    {"H3_version_partial", head("GET / HTTP/1"), bad, "version"},
    {"H3_version_dot", head("GET / HTTP/1."), bad, "version"},
    {"H9_version_2", head("GET / HTTP/2.0"), bad, "version"},
    {"H3_version_1_2", head("GET / HTTP/1.2"), bad, "version"},
    {"H3_version_lower_case", head("GET / http/1.1"), bad, "version"},
    {"H9_version_0_9", "GET /\r\n", bad, "request_line"},
    {"H9_http_2_preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", bad, "version"},
    {"H3_one_word", "GET\r\n", bad, "request_line"},
    {"H3_empty_line_first", "\r\n" + head(get), bad, "request_line"},
    {"H3_space_first", " " + head(get), bad, "request_line"},
    {"tls_hello", std::string("\x16\x03\x01\x02\x00\x01", 6), bad, "request_line"},
    {"nul_first", std::string("\0", 1), bad, "request_line"},
    {"H3_two_spaces", head("GET  / HTTP/1.1"), bad, "target_form"},
    {"H3_tab_for_space", head("GET\t/ HTTP/1.1"), bad, "request_line"},
    {"H9_method_not_a_word", head("G(T / HTTP/1.1"), bad, "method"},
    {"H9_trace", head("TRACE / HTTP/1.1"), ErrorCode::method_not_allowed, "method"},
    {"H9_connect", head("CONNECT shop.example:443 HTTP/1.1"), ErrorCode::method_not_allowed, "method"},
    {"H9_unknown_method", head("BREW / HTTP/1.1"), ErrorCode::method_not_allowed, "method"},
    {"H9_lower_case_method", head("get / HTTP/1.1"), ErrorCode::method_not_allowed, "method"},

    {"H9_h2c", head(get, "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\n"), bad, "upgrade"},
    {"H9_websocket", head(get, "Upgrade: websocket\r\n"), bad, "upgrade"},
    {"expectation", head(post, "Expect: 200-ok\r\nContent-Length: 5\r\n"), bad, "expect"},
    {"H8_gzip", head(post, "Content-Encoding: gzip\r\nContent-Length: 5\r\n"), ErrorCode::unsupported_media_type, "content_encoding"},
    {"H8_encoding_empty", head(post, "Content-Encoding:\r\n"), ErrorCode::unsupported_media_type, "content_encoding"},
    {"H3_no_host", "GET / HTTP/1.1\r\n\r\n", bad, "host"},
    {"H3_host_with_path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", bad, "host"},
    {"H3_host_list", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", bad, "host"},
    {"H3_host_user", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", bad, "host"},
    {"D15_host_twice", head(get, "host: shop.example\r\n"), bad, "header_duplicate"},
    {"A10_authorization_twice", head(get, "Authorization: Bearer a\r\nAUTHORIZATION: Bearer b\r\n"), bad, "header_duplicate"},
    {"D15_key_twice", head(post, "Idempotency-Key: a\r\nIdempotency-Key: a\r\n"), bad, "header_duplicate"},
    {"D15_type_twice", head(post, "Content-Type: a/b\r\nContent-Type: a/c\r\n"), bad, "header_duplicate"},
    {"D15_unknown_twice", head(get, "X-Signature: a\r\nX-Signature: b\r\n"), bad, "header_duplicate"},

    {"H6_line_too_long", "GET /" + std::string(300, 'a'), ErrorCode::url_too_long, "request_line_size"},
    {"H6_line_too_long_whole", target("/" + std::string(300, 'a')), ErrorCode::url_too_long, "request_line_size"},
    {"H6_header_too_long", head(get, "X-A: " + std::string(500, 'a') + "\r\n"), ErrorCode::headers_too_large, "header_size"},
    {"H6_headers_too_long", head(get, "X-A: " + std::string(190, 'a') + "\r\nX-B: " + std::string(190, 'a') + "\r\n"), ErrorCode::headers_too_large, "header_size"},
    {"H6_headers_too_many", head(get, "A:\r\nB:\r\nC:\r\nD:\r\nE:\r\nF:\r\nG:\r\nH:\r\nI:\r\nJ:\r\n"), ErrorCode::headers_too_large, "header_count"},

    {"H4_chunk_2_to_64_less_1", chunked + "ffffffffffffffff\r\n", ErrorCode::body_too_large, "body_size"},
    {"H4_chunk_2_to_64", chunked + "10000000000000000\r\n", bad, "chunk"},
    {"H4_chunk_negative", chunked + "-1\r\n", bad, "chunk"},
    {"H4_chunk_hex_prefix", chunked + "0x5\r\n", bad, "chunk"},
    {"H4_chunk_plus", chunked + "+5\r\n", bad, "chunk"},
    {"H4_chunk_empty", chunked + "\r\n", bad, "chunk"},
    {"H4_chunk_space", chunked + "5 \r\n", bad, "chunk"},
    {"H4_chunk_extension", chunked + "5;a=b\r\nhello\r\n", bad, "chunk"},
    {"H4_chunk_bare_lf", chunked + "5\nhello\r\n", bad, "bare_lf"},
    {"H4_chunk_no_end", chunked + "5\r\nhelloworld\r\n", bad, "chunk"},
    {"H4_chunk_end_lf", chunked + "5\r\nhello\n", bad, "bare_lf"},
    {"H4_chunks_over_limit", chunked + "3c\r\n" + std::string(60, 'a') + "\r\n3c\r\n", ErrorCode::body_too_large, "body_size"},
    {"H4_trailer", chunked + "0\r\nX-A: b\r\n\r\n", bad, "trailer"},

    {"D14_absolute_form", target("http://shop.example/v1"), bad, "target_form"},
    {"asterisk", head("OPTIONS * HTTP/1.1"), bad, "target_form"},
    {"no_slash", target("v1/payments"), bad, "target_form"},
    {"fragment", target("/v1#a"), bad, "path_character"},
    {"fragment_in_query", target("/v1?a=b#c"), bad, "query_character"},
    {"space_in_target", target("/a b"), bad, "path_character"},
    {"D14_backslash", target("/a\\b"), bad, "path_character"},
    {"non_ascii", target("/\xc3\xa9"), bad, "path_character"},
    {"nul_in_target", head(std::string("GET /a\0b HTTP/1.1", 17)), bad, "path_character"},
    {"D14_empty_segment", target("//v1"), bad, "path_empty_segment"},
    {"D14_empty_segment_later", target("/v1//payments"), bad, "path_empty_segment"},
    {"D14_dot_dot", target("/v1/../admin"), bad, "path_traversal"},
    {"D14_dot_dot_last", target("/v1/.."), bad, "path_traversal"},
    {"D14_dot", target("/v1/./payments"), bad, "path_traversal"},
    {"D14_dot_dot_encoded", target("/%2e%2E/etc/passwd"), bad, "path_traversal"},
    {"D14_dot_dot_semicolon", target("/v1/..;/admin"), bad, "path_traversal"},
    {"D14_encoded_slash", target("/v1%2fpayments"), bad, "path_encoded_slash"},
    {"D14_encoded_backslash", target("/v1%5Cpayments"), bad, "path_encoded_slash"},
    {"D13_encoded_nul", target("/v1/%00"), bad, "path_control"},
    {"D13_encoded_newline", target("/v1/%0d%0aX"), bad, "path_control"},
    {"D8_encoded_not_utf8", target("/v1/%ff"), bad, "path_control"},
    {"D14_encoded_overlong_slash", target("/v1/%c0%af"), bad, "path_control"},
    {"D8_encoded_surrogate", target("/v1/%ed%a0%80"), bad, "path_control"},
    {"D14_double_encoding", target("/%252e%252e/etc"), bad, "path_double_encoding"},
    {"encoding_cut", target("/v1/%2"), bad, "path_encoding"},
    {"encoding_not_hex", target("/v1/%zz"), bad, "path_encoding"},
    {"D15_query_twice", target("/v1?limit=1&limit=9999"), bad, "query_duplicate"},
    {"D15_query_twice_encoded", target("/v1?limit=1&%6cimit=9999"), bad, "query_duplicate"},
    {"D13_query_nul", target("/v1?a=%00"), bad, "query_encoding"},
    {"D13_query_newline", target("/v1?a=%0d%0a"), bad, "query_encoding"},
    {"D8_query_not_utf8", target("/v1?a=%ff"), bad, "query_encoding"},
    {"query_cut", target("/v1?a=%f"), bad, "query_encoding"},
    {"query_no_name", target("/v1?=b"), bad, "query_key"},
    {"query_quote", target("/v1?a=\"b\""), bad, "query_character"},
};
// clang-format on

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
