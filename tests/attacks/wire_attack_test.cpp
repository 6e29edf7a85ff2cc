// Bytes that are no requests, or more than one, or too much: the H cases on a running router. The
// gate's own tests hold every spelling; these show that it stands before the real one.
#include <gtest/gtest.h>

#include "tests/attacks/target.h"

namespace switchyard::testing {
namespace {

struct Bytes {
  std::string name;
  std::string bytes;
  int status;
};

void PrintTo(const Bytes& bytes, std::ostream* out) { *out << bytes.name; }

const std::string line = "POST /v1/payments HTTP/1.1\r\n";
const std::string host = "Host: shop.example\r\n";

std::string posted(const std::string& headers, const std::string& rest = "{}") {
  return line + host + headers + "\r\n" + rest;
}
std::string got(const std::string& path, const std::string& headers = "") {
  return "GET " + path + " HTTP/1.1\r\n" + host + headers + "\r\n";
}

const std::vector<Bytes> all_bytes = {
    {"H2_length_negative", posted("Content-Length: -1\r\n"), 400},
    {"H2_length_word", posted("Content-Length: abc\r\n"), 400},
    {"H2_length_trailing", posted("Content-Length: 5x\r\n"), 400},
    {"H2_length_plus", posted("Content-Length: +5\r\n"), 400},
    {"H2_length_2_to_64", posted("Content-Length: 18446744073709551616\r\n"), 400},
    {"H2_two_lengths", posted("Content-Length: 2\r\nContent-Length: 5\r\n"), 400},
    {"H2_length_and_chunks", posted("Content-Length: 2\r\nTransfer-Encoding: chunked\r\n"), 400},
    {"H3_space_before_colon", posted("Content-Length : 5\r\n"), 400},
    {"H3_line_end_in_a_name", posted("X-A\rB: 5\r\n"), 400},
    {"H3_tab_after_colon", posted("X-A:\tb\r\n"), 400},
    {"H3_folded", posted("X-A: b\r\n c\r\n"), 400},
    {"H3_bare_lf", "GET /healthz HTTP/1.1\nHost: a\n\n", 400},
    {"H3_no_version", "GET /healthz \r\n" + host + "\r\n", 400},
    {"H3_half_a_version", "GET /healthz HTTP/1.\r\n" + host + "\r\n", 400},
    {"H4_chunk_2_to_64_less_1", posted("Transfer-Encoding: chunked\r\n", "ffffffffffffffff\r\n"),
     413},
    {"H4_chunk_negative", posted("Transfer-Encoding: chunked\r\n", "-1\r\n"), 400},
    {"H4_chunk_without_end", posted("Transfer-Encoding: chunked\r\n", "2\r\n{}0\r\n\r\n"), 400},
    {"H4_trailer", posted("Transfer-Encoding: chunked\r\n", "0\r\nX-A: b\r\n\r\n"), 400},
    {"H6_line_of_64_kib", got("/" + std::string(65'536, 'a')), 414},
    {"H6_header_of_64_kib", got("/healthz", "X-A: " + std::string(65'536, 'a') + "\r\n"), 431},
    {"H8_gzip", posted("Content-Encoding: gzip\r\nContent-Length: 2\r\n", "\x1f\x8b"), 415},
    {"H9_trace", "TRACE /healthz HTTP/1.1\r\n" + host + "\r\n", 405},
    {"H9_connect", "CONNECT shop.example:443 HTTP/1.1\r\n" + host + "\r\n", 405},
    {"H9_unknown_method", "BREW /healthz HTTP/1.1\r\n" + host + "\r\n", 405},
    {"H9_http_0_9", "GET /healthz\r\n", 400},
    {"H9_http_2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400},
    {"H9_h2c", got("/healthz", "Connection: Upgrade\r\nUpgrade: h2c\r\n"), 400},
    {"H13_tls_hello", std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n", 13), 400},
    {"A10_two_authorizations",
     got("/v1/payments", "Authorization: Bearer a\r\nAuthorization: Bearer b\r\n"), 400},
    {"A10_nul_in_a_key", got("/v1/payments", std::string("Authorization: Bearer a\0b\r\n", 27)),
     400},
    {"A10_line_end_in_a_key", got("/v1/payments", "Authorization: Bearer a\rb\r\n"), 400},
    {"D14_dots_encoded", got("/v1/%2e%2e/metrics"), 400},
    {"D14_dots_semicolon", got("/v1/..;/metrics"), 400},
    {"D14_slash_encoded", got("/v1%2fpayments"), 400},
    {"D14_encoded_twice", got("/%252e%252e/etc/passwd"), 400},
    {"D14_absolute_form", got("http://127.0.0.1/metrics"), 400},
    {"D14_file", got("/etc/passwd"), 404},
    {"D14_file_of_ours", got("/docs/openapi.yaml"), 404},
    {"D15_limit_twice", got("/v1/payments?limit=1&limit=9999"), 400},
    {"D15_limit_twice_encoded", got("/v1/payments?limit=1&%6cimit=9999"), 400},
    {"A14_metrics", got("/metrics"), 404},
    {"K9_debug", got("/debug/pprof"), 404},
    {"K9_openapi", got("/openapi.json"), 404},
    {"K9_env", got("/.env"), 404},
    {"K9_admin", got("/admin"), 404},
};

class WireAttack : public ::testing::TestWithParam<Bytes> {};

TEST_P(WireAttack, is_refused_in_our_one_shape_and_closed) {
  RawClient client(target_port());
  ASSERT_TRUE(client.is_connected());
  client.send(GetParam().bytes);
  const std::string answer = client.answer();
  EXPECT_EQ(status_of(answer), GetParam().status) << answer;
  EXPECT_EQ(header_of(answer, "Content-Type"), "application/json");
  EXPECT_NE(text_at(parse_json(body_of(answer)), "error.code"), "") << answer;
  if (GetParam().status == 404) return;  // a request like any other
  EXPECT_EQ(header_of(answer, "Connection"), "close");
  client.send(got("/healthz"));
  EXPECT_TRUE(client.is_closed()) << "the rest was read as another request";
}

INSTANTIATE_TEST_SUITE_P(Bytes, WireAttack, ::testing::ValuesIn(all_bytes),
                         [](const auto& info) { return info.param.name; });

TEST(WireAttacks, H5_what_follows_a_body_that_is_too_large_is_no_request) {
  const std::string before = count_of("payments");
  RawClient client(target_port());
  client.send(line + host + "Content-Length: 2000000\r\n\r\n" +
              request_bytes("POST", "/v1/payments", write_json(small_payment())));
  EXPECT_EQ(status_of(client.answer()), 413);
  EXPECT_TRUE(client.is_closed());
  EXPECT_EQ(count_of("payments"), before);
}

TEST(WireAttacks, H6_a_thousand_headers_are_too_many) {
  std::string headers;
  for (int i = 0; i < 1000; ++i) headers += "X-" + std::to_string(i) + ": a\r\n";
  EXPECT_EQ(send_raw(got("/healthz", headers)).status, 431);
}

TEST(WireAttacks, H4_a_million_chunks_of_one_byte_are_read_to_the_limit_and_no_further) {
  RawClient client(target_port());
  client.send(posted("Transfer-Encoding: chunked\r\n", ""));
  std::string chunks;
  for (int i = 0; i < 10'000; ++i) chunks += "1\r\na\r\n";
  for (int i = 0; i < 120 && client.send(chunks); ++i) continue;
  EXPECT_EQ(status_of(client.answer()), 413);
}

TEST(WireAttacks, A10_a_key_of_eight_kib_is_a_wrong_key_and_one_above_the_limit_no_header) {
  const auto with = [](std::size_t size) {
    return send_raw(got("/v1/payments", "Authorization: Bearer " + std::string(size, 'k') + "\r\n"))
        .status;
  };
  EXPECT_EQ(with(8 << 10), 401);
  EXPECT_EQ(with(40 << 10), 431);
}

// Whoever believed one of these would take it from any client.
TEST(WireAttacks, A11_headers_that_name_another_caller_change_nothing) {
  const Keys other = target().make_merchant("Named in a header");
  const std::string path = "/v1/payments";
  for (const std::string& header :
       {std::string("X-Merchant-Id: ") + other.merchant, std::string("X-Forwarded-For: 10.0.0.1"),
        std::string("Forwarded: for=10.0.0.1"), std::string("X-Original-URL: /healthz"),
        std::string("X-Rewrite-URL: /healthz"), std::string("X-HTTP-Method-Override: DELETE"),
        std::string("X-Forwarded-Host: evil.example"), std::string("X-Method: GET")}) {
    const RawAnswer made = create_raw(write_json(small_payment()), header + "\r\n");
    EXPECT_EQ(made.status, 201) << header << made.body;
    const std::string id = text_at(parse_json(made.body), "id");
    EXPECT_EQ(target().value("SELECT merchant_id FROM payments WHERE id = '" + id + "'"),
              target().keys().merchant)
        << header;
    EXPECT_EQ(made.head.find("evil.example"), std::string::npos);
  }
  EXPECT_EQ(send_raw(got(path, "X-Original-URL: /healthz\r\n")).status, 401);
}

// A1: what comes without a key is told so, and nothing of it is kept.
TEST(WireAttacks, A1_without_a_key_nothing_is_stored) {
  const std::string before = count_of("payments") + count_of("idempotency_keys");
  const std::string body = write_json(small_payment());
  const RawAnswer answer = send_raw(line + host +
                                    "Content-Type: application/json\r\nIdempotency-Key: nobody\r\n"
                                    "Content-Length: " +
                                    std::to_string(body.size()) + "\r\n\r\n" + body);
  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(answer.code, "unauthenticated");
  EXPECT_EQ(header_of(answer.head, "WWW-Authenticate"), "Bearer");
  EXPECT_EQ(count_of("payments") + count_of("idempotency_keys"), before);
}

TEST(WireAttacks, A6_a_key_in_the_query_is_refused_and_not_logged) {
  const std::string key = target().keys().secret;
  for (const std::string name : {"api_key", "access_token", "key", "anything"})
    EXPECT_EQ(send_raw(request_bytes("GET", "/v1/payments?" + name + "=" + key)).status, 401)
        << name;
  EXPECT_EQ(send_raw(got("/healthz?key=" + key)).status, 200);
  EXPECT_EQ(target().log().find(key), std::string::npos);
}

TEST(WireAttacks, A14_K9_metrics_are_on_the_other_listener_only) {
  EXPECT_EQ(send_raw(got("/metrics")).status, 404);
  RawClient operations(target_port() + 1);
  const std::string page = operations.ask(got("/metrics"));
  EXPECT_EQ(status_of(page), 200);
  EXPECT_NE(page.find("http_requests_total"), std::string::npos);
  RawClient other(target_port() + 1);
  EXPECT_EQ(status_of(other.ask(got("/v1/payments"))), 404);
}

TEST(WireAttacks, K4_no_answer_says_what_it_is_made_of) {
  for (const std::string& bytes :
       {got("/healthz"), got("/nothing"), got("/v1/payments"), std::string("nonsense\r\n\r\n"),
        request_bytes("POST", "/v1/payments", "{"), request_bytes("GET", "/v1/payments/pay_1"),
        got("/return/x.y"), std::string("GET /a/../b HTTP/1.1\r\n\r\n")}) {
    const RawAnswer answer = send_raw(bytes);
    ASSERT_NE(answer.status, 0) << bytes;
    EXPECT_NE(answer.status, 500) << bytes;
    EXPECT_EQ(header_of(answer.head, "Server"), "");
    EXPECT_EQ(header_of(answer.head, "X-Powered-By"), "");
    for (const char* word : {"istache", "libpqxx", "pqxx", "nlohmann", "OpenSSL", "PostgreSQL",
                             ".cpp", "std::", "terminate", "SELECT ", "syntax error at"})
      EXPECT_EQ((answer.head + answer.body).find(word), std::string::npos) << word << answer.body;
  }
}

// Both halves of one attack: what a client has us repeat ends in no header of its own making.
TEST(WireAttacks, H14_what_is_repeated_in_an_answer_ends_no_line) {
  const RawAnswer answer =
      send_raw(got("/healthz", "Request-Id: a%0d%0aSet-Cookie: b\r\nOrigin: x\r\n"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(header_of(answer.head, "Set-Cookie"), "");
  EXPECT_EQ(answer.head.find("%0d%0a"), std::string::npos);
  const JsonAnswer made =
      target().post("/v1/payments", small_payment({{"external_id", "a\r\nSet-Cookie: b"}}));
  EXPECT_EQ(made.status, 400);
}

TEST(WireAttacks, H1_three_hundred_slow_senders_hold_up_nobody) {
  std::vector<std::unique_ptr<RawClient>> slow;
  for (int i = 0; i < 300; ++i) {
    slow.push_back(std::make_unique<RawClient>(target_port()));
    slow.back()->send(i % 3 == 0   ? std::string("GET /healthz HT")
                      : i % 3 == 1 ? line + host + "X-A: "
                                   : line + host + "Content-Length: 100\r\n\r\n{");
  }
  for (int i = 0; i < 20; ++i) EXPECT_EQ(create_raw(write_json(small_payment())).status, 201);
}

}  // namespace
}  // namespace switchyard::testing
