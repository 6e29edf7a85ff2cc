// Bytes that are no requests, or more than one, or too much: the H cases on a running router. The
// gate's own tests hold every spelling; these show that it stands before the real one.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "tests/attacks/target.h"
#include "tests/attacks/wire_bytes.h"

namespace switchyard::testing {
namespace {

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

// Or as many as there may be open files, where those are fewer.
TEST(WireAttacks, H1_ten_thousand_slow_senders_hold_up_nobody) {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  const std::size_t count = std::min<rlim_t>(10'000, files.rlim_max - 500);
  std::vector<std::unique_ptr<RawClient>> slow;
  for (std::size_t i = 0; i < count; ++i) {
    slow.push_back(std::make_unique<RawClient>(target_port()));
    EXPECT_TRUE(slow.back()->is_connected());
    slow.back()->send(i % 3 == 0   ? std::string("GET /healthz HT")
                      : i % 3 == 1 ? line + host + "X-A: "
                                   : line + host + "Content-Length: 100\r\n\r\n{");
  }
  for (int i = 0; i < 20; ++i) EXPECT_EQ(create_raw(write_json(small_payment())).status, 201);
}

}  // namespace
}  // namespace switchyard::testing
