#include "sandbox/faults.h"

#include "running_sandbox.h"

namespace switchyard::sandbox {
namespace {

class Misbehaviour : public RunningSandbox {
 protected:
  Said pay(const std::string& reference = "att_1") {
    return example("POST", "/charges", charge(reference, token("tok_ok")));
  }
  // The same charge as bytes, on a connection of its own.
  RawAnswer pay_raw() {
    const std::string body = write_json(charge("att_1", token("tok_ok")));
    return exchange_bytes(sandbox_.url(),
                          "POST /example/charges HTTP/1.1\r\nConnection: close\r\n"
                          "Authorization: Bearer sk_test_shop\r\nIdempotency-Key: k\r\n"
                          "Content-Length: " +
                              std::to_string(body.size()) + "\r\n\r\n" + body);
  }
};

TEST_F(Misbehaviour, before_does_not_execute_and_after_does) {
  order({{"action", "status:503"}, {"when", "before"}});
  EXPECT_EQ(pay().status, 503);
  EXPECT_EQ(ledger().size(), 0u);
  order({{"action", "status:503"}, {"when", "after"}});
  EXPECT_EQ(pay().status, 503);
  EXPECT_EQ(ledger().size(), 1u);
}

TEST_F(Misbehaviour, is_used_up) {
  order({{"action", "status:500"}, {"times", 2}});
  EXPECT_EQ(pay().status, 500);
  EXPECT_EQ(pay().status, 500);
  EXPECT_EQ(pay().status, 200);
  EXPECT_EQ(send("GET", "/faults").json.size(), 0u);
}

TEST_F(Misbehaviour, with_zero_times_lasts_until_it_is_deleted) {
  order({{"action", "status:500"}, {"times", 0}});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(pay().status, 500);
  send("DELETE", "/faults");
  EXPECT_EQ(pay().status, 200);
}

TEST_F(Misbehaviour, meets_only_what_it_was_ordered_for) {
  order({{"action", "status:500"}, {"provider", "another"}});
  order({{"action", "status:501"}, {"method", "GET"}, {"path", "/refunds"}});
  order(
      {{"action", "status:502"}, {"provider", "example"}, {"method", "GET"}, {"path", "charges"}});
  EXPECT_EQ(pay().status, 201);
  EXPECT_EQ(example("GET", "/charges?reference=att_1").status, 502);
  EXPECT_EQ(example("GET", "/charges?reference=att_1").status, 200);
}

TEST_F(Misbehaviour, never_comes_with_no_chance) {
  order({{"action", "status:500"}, {"chance", 0}});
  EXPECT_EQ(pay().status, 201);
}

TEST_F(Misbehaviour, resets_the_connection) {
  order({{"action", "reset"}});
  const RawAnswer answer = pay_raw();
  EXPECT_TRUE(answer.was_reset);
  EXPECT_EQ(answer.bytes, "");
  EXPECT_EQ(ledger().size(), 1u);
}

TEST_F(Misbehaviour, truncates_the_body) {
  order({{"action", "truncate"}});
  const std::string bytes = pay_raw().bytes;
  const std::size_t head = bytes.find("\r\n\r\n");
  ASSERT_NE(head, std::string::npos);
  const std::size_t length = std::stoul(bytes.substr(bytes.find("Content-Length: ") + 16));
  EXPECT_GT(bytes.size() - head - 4, 0u);
  EXPECT_LT(bytes.size() - head - 4, length);
}

TEST_F(Misbehaviour, closes_without_a_word_when_the_time_is_over) {
  order({{"action", "timeout:1"}});
  const RawAnswer answer = pay_raw();
  EXPECT_EQ(answer.bytes, "");
  EXPECT_FALSE(answer.was_reset);
  EXPECT_EQ(ledger().size(), 1u);
}

TEST_F(Misbehaviour, executes_late_what_was_never_answered) {
  order({{"action", "late:50"}});
  EXPECT_EQ(pay_raw().bytes, "");
  EXPECT_TRUE(becomes_true([&] { return ledger().size() == 1; }));
}

TEST_F(Misbehaviour, is_slow_and_then_answers_well) {
  order({{"action", "slow:1"}});
  EXPECT_EQ(pay().status, 201);
}

TEST_F(Misbehaviour, answers_with_a_page_of_html) {
  order({{"action", "html_502"}});
  const Said said = pay();
  EXPECT_EQ(said.status, 502);
  EXPECT_EQ(header_of(said.response.headers, "content-type"), "text/html");
}

TEST_F(Misbehaviour, packs_what_nobody_asked_to_be_packed) {
  order({{"action", "gzip"}});
  const std::string bytes = pay_raw().bytes;
  EXPECT_NE(bytes.find("Content-Encoding: gzip"), std::string::npos);
  EXPECT_NE(bytes.find("\r\n\r\n\x1f\x8b"), std::string::npos);
  EXPECT_EQ(ledger().size(), 1u);
}

TEST_F(Misbehaviour, says_when_to_come_back) {
  order({{"action", "status:429"}, {"when", "before"}});
  EXPECT_EQ(header_of(pay().response.headers, "retry-after"), "1");
}

TEST_F(Misbehaviour, is_not_ordered_with_words_that_mean_nothing) {
  for (const Json& wrong :
       {Json{{"action", "explode"}}, Json{{"action", "status"}}, Json{{"action", "reset:5"}},
        Json{{"action", "lose"}}, Json{{"webhook", "reset"}}, Json{{"action", "slow:x"}},
        Json{{"action", "reset"}, {"wen", "before"}}, Json{{"action", "reset"}, {"when", "never"}},
        Json("reset")})
    EXPECT_EQ(send("POST", "/faults", wrong).status, 400) << wrong.dump();
  EXPECT_EQ(send("GET", "/faults").json.size(), 0u);
}

}  // namespace
}  // namespace switchyard::sandbox
