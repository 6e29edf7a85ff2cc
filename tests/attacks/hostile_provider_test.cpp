// A provider that has been taken over, or has broken: whatever it says or does not say, no second
// account is charged, nothing becomes final without its word, and none of its text reaches anybody.
#include <gtest/gtest.h>

#include "tests/attacks/target.h"
#include "tests/http/raw_server.h"
#include "tests/http/tls_server.h"
#include "tests/journeys/example_webhook.h"

namespace switchyard::testing {
namespace {

using namespace std::string_literals;

std::string account_at(const std::string& id, const std::string& url) {
  return "\n[[account]]\nid = \"" + id +
         "\"\nadapter = \"example\"\nmode = \"test\"\napi_key = \"sk_test_it\"\nwebhook_key = "
         "\"whk_example\"\nbase_url = \"" +
         url + "\"\n";
}

std::string rule_for(const std::string& name, const std::string& first) {
  return "\n[[rule]]\nname = \"" + name + "\"\nwhen = { metadata.case = \"" + name +
         "\" }\nuse = [\"" + first + "\", \"good\"]\n";
}

constexpr int most_cases = 80;

// For each case an account of its own there, because routing lets one rest that fails; behind it
// one that works. And one account at a relative that nobody signs for.
std::string routed_by_way_of(const std::string& url) {
  std::string config = account_at("good", "SANDBOX/example") +
                       "\n[[account]]\nid = \"keyless\"\nadapter = \"example_keyless\"\nmode = "
                       "\"test\"\napi_key = \"sk_test_it\"\nbase_url = \"" +
                       url + "\"\n" + rule_for("keyless", "keyless");
  for (int i = 0; i < most_cases; ++i) {
    const std::string number = std::to_string(i);
    config += account_at("hostile" + number, url) + rule_for(number, "hostile" + number);
  }
  return config + "\n[payments]\nlook_up_speed = 0.0001\n";
}

// Plays Example Pay: what is said to a charge and to a look-up is the test's.
class HostileProvider {
 public:
  using Act = std::function<void(RawConnection&, const std::string& request)>;

  void set_act(Act act) {
    const std::lock_guard lock(mutex_);
    act_ = std::move(act);
  }
  void say(const std::string& bytes) {
    set_act([bytes](RawConnection& connection, const std::string&) { connection.write(bytes); });
  }
  void say_to_look_ups(const std::string& bytes) {
    const std::lock_guard lock(mutex_);
    look_ = bytes;
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }

 private:
  void serve(RawConnection& connection) {
    while (const auto request = connection.read_request()) {
      Act act;
      std::string look;
      {
        const std::lock_guard lock(mutex_);
        act = act_;
        look = look_;
      }
      if (request->starts_with("POST /charges ")) return act(connection, *request);  // and closes
      connection.write(look);
    }
  }

  std::mutex mutex_;
  Act act_;
  std::string look_ = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n";
  RawServer server_{[this](RawConnection& connection) { serve(connection); }};
};

class HostileProviderTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    provider = std::make_unique<HostileProvider>();
    stack = std::make_unique<Stack>(StackOptions{.config = routed_by_way_of(provider->url()),
                                                 .server_keys = "answer_within = \"1s\"\n"});
  }
  static void TearDownTestSuite() {
    stack.reset();
    provider.reset();
  }

  // A payment by way of the next case's account.
  JsonAnswer pay() {
    EXPECT_LT(++cases, most_cases) << "more accounts are needed";
    return pay_by(std::to_string(cases));
  }
  JsonAnswer pay_by(const std::string& name) {
    Json method = {{"type", "card"}, {"token", "tok_ok"}};
    if (name == "keyless") method["token_account"] = name;
    return stack->pay(method, {{"metadata", {{"case", name}}}});
  }
  static std::string account() { return "hostile" + std::to_string(cases); }
  // Nobody knows what became of it, and nobody else is asked.
  void expect_unknown(const std::string& what) {
    const std::size_t charged = stack->sandbox().ledger().size();
    const JsonAnswer answer = pay();
    EXPECT_EQ(answer.status, 202) << what << ": " << answer.text;
    EXPECT_EQ(status_of(answer), "processing") << what;
    EXPECT_EQ(member_at(answer.body, "attempts").size(), 1u) << what;
    const std::string certainty = text_at(answer.body, "attempts.0.certainty");
    EXPECT_EQ(certainty, "unknown") << what << ": " << answer.text;
    EXPECT_EQ(stack->sandbox().ledger().size(), charged) << what << ": another account was charged";
    EXPECT_EQ(stack->get("/v1/payments/" + id_of(answer)).status, 200) << what;
  }

  static std::unique_ptr<HostileProvider> provider;
  static std::unique_ptr<Stack> stack;
  static inline int cases = -1;
};

std::unique_ptr<HostileProvider> HostileProviderTest::provider;
std::unique_ptr<Stack> HostileProviderTest::stack;

void write_until_cut(RawConnection& connection, const std::string& head, const std::string& piece) {
  connection.write(head);
  while (connection.write(piece)) continue;
}

TEST_F(HostileProviderTest, P14_an_answer_of_ten_gigabytes_is_cut_off) {
  provider->set_act([](RawConnection& connection, const std::string&) {
    write_until_cut(connection, "HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n",
                    std::string(65'536, 'x'));
  });
  expect_unknown("ten gigabytes");
}

TEST_F(HostileProviderTest, P14_headers_without_end_are_cut_off) {
  provider->set_act([](RawConnection& connection, const std::string&) {
    write_until_cut(connection, "HTTP/1.1 200 OK\r\n", "X-A: " + std::string(8'000, 'x') + "\r\n");
  });
  expect_unknown("headers");
}

TEST_F(HostileProviderTest, P14_an_answer_that_drips_holds_up_nobody) {
  provider->set_act([](RawConnection& connection, const std::string&) {
    connection.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
    while (connection.write("x")) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  });
  expect_unknown("a drip");
}

TEST_F(HostileProviderTest, P14_a_redirect_leads_nowhere) {
  RawServer trap(always(ok("{\"status\":\"paid\"}")));
  for (const std::string status : {"301", "302", "303", "307", "308"})
    for (const std::string& to : {trap.url(), "http://169.254.169.254/latest/meta-data/"s,
                                  "file:///etc/passwd"s, "gopher://127.0.0.1/"s}) {
      provider->say("HTTP/1.1 " + status + " Moved\r\nLocation: " + to +
                    "\r\nContent-Length: 0\r\n\r\n");
      expect_unknown(status + " to " + to);
    }
  EXPECT_EQ(trap.connections(), 0);
}

TEST_F(HostileProviderTest, P14_what_is_no_answer_decides_nothing) {
  const std::string paid_but = R"({"id":"ch_1","status":"paid","amount":"49.99","currency":"USD")";
  for (
      const std::string& bytes :
      {ok(std::string(200'000, '[')),
       ok(""),
       ok("null"),
       ok("[]"),
       ok("{}"),
       ok("<html>paid</html>"),
       ok(paid_but),
       ok(paid_but + ",\"status\":\"marinated\"}"),
       ok(R"({"status":"paid"})"),
       ok(R"({"status":["paid"]})"),
       ok(R"({"id":"ch_1","status":"PAID","amount":"49.99"})"),
       ok(R"({"id":"ch_1","status":"paid","amount":"NaN","currency":"USD"})"),
       ok(R"({"id":"ch_1","status":"paid","amount":1e400,"currency":"USD"})"),
       ok(R"({"id":"ch_1","status":"paid","amount":"49.99","currency":"US"})"),
       "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope"s,
       "HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 2\r\n\r\n{}"s,
       "HTTP/1.1 500 Oh\r\nContent-Length: 44\r\n\r\n{\"code\":\"card_declined\",\"status\":\"rejected\"} "s,
       "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"s,
       "SSH-2.0-OpenSSH_9.2\r\n"s,
       ""s}) {
    provider->say(bytes);
    expect_unknown(bytes.substr(0, 120));
  }
}

// The certificate is good for this address and valid, but nobody trusts who signed it.
TEST(HostileTls, P15_a_provider_that_cannot_prove_itself_is_sent_nothing) {
  Folder folder;
  const std::string good = certificate(folder, "IP:127.0.0.1");
  TlsServer self_signed(good, {});
  const std::string url = self_signed.url().substr(0, self_signed.url().size() - 1);
  Stack stack({.config = account_at("untrusted", url) +
                         "\n[[rule]]\nname = \"all\"\nuse = [\"untrusted\"]\n"});
  const JsonAnswer answer = stack.pay({{"type", "card"}, {"token", "tok_ok"}});
  EXPECT_EQ(answer.status, 402) << answer.text;
  EXPECT_EQ(text_at(answer.body, "error.decline_code"), "provider_unavailable");
  EXPECT_EQ(stack.value("SELECT string_agg(status, ' ') FROM attempts"), "not_sent");
  EXPECT_NE(stack.log().find("the certificate could not be verified"), std::string::npos)
      << "somebody must be told";
}

TEST_F(HostileProviderTest, P16_its_words_reach_no_merchant) {
  const std::string poison = "<script>alert(document.domain)</script>";
  const std::string secret = "sk_live_of_somebody";
  const auto refusal = [&](const std::string& code) {
    return "HTTP/1.1 402 No\r\nContent-Type: application/json\r\n" +
           ok(write_json({{"id", "ch_1"},
                          {"status", "rejected"},
                          {"code", code},
                          {"message", poison + secret + " 4242424242424242"}}))
               .substr(17);
  };
  const std::string pan = "4242 4242 4242 4242";
  for (const std::string& code : {poison, secret + poison, pan, "a\nb\x1b[31m"s,
                                  std::string(100'000, 'z'), "card_declined\" onload=\"x"s}) {
    provider->say(refusal(code));
    const JsonAnswer answer = pay();
    const std::string id = stack->value("SELECT max(id) FROM payments");
    std::string seen = answer.text + stack->get("/v1/payments/" + id).text +
                       stack->get("/v1/payments/" + id + "/timeline").text +
                       stack->get("/v1/events?payment=" + id).text +
                       stack->get("/v1/providers").text;
    for (const std::string& word : {"<script"s, secret, pan, "4242424242424242"s, "\\u001b"s,
                                    "onload=\\\""s, std::string(300, 'z')})
      EXPECT_EQ(seen.find(word), std::string::npos)
          << code.substr(0, 60) << " shows " << word.substr(0, 40);
    EXPECT_EQ(stack->log().find(secret), std::string::npos);
    EXPECT_EQ(stack->log().find(pan), std::string::npos);
  }
}

TEST_F(HostileProviderTest, P16_where_it_sends_the_payer_is_a_web_address) {
  for (const std::string& url :
       {"javascript:alert(1)"s, "data:text/html,x"s, "file:///etc/passwd"s, "//evil.example"s,
        "https://a b"s, "https://x\r\nSet-Cookie: y"s, "vbscript:x"s, " https://ok.example"s}) {
    provider->say(ok(write_json({{"id", "ch_1"},
                                 {"status", "awaiting_payer"},
                                 {"amount", "49.99"},
                                 {"currency", "USD"},
                                 {"approve_url", url}})));
    const JsonAnswer answer = pay();
    EXPECT_EQ(answer.text.find(write_json(url)), std::string::npos) << answer.text;
  }
}

// The payer comes back by an address that they can edit. What it says of the payment is not read.
TEST_F(HostileProviderTest, M5_a_payer_who_edits_the_way_back_has_not_paid) {
  std::string way_back;
  provider->set_act([&](RawConnection& connection, const std::string& request) {
    way_back = text_at(parse_json(request.substr(request.find("\r\n\r\n") + 4)), "return_url");
    connection.write(ok(write_json({{"id", "ch_1"},
                                    {"status", "awaiting_payer"},
                                    {"amount", "49.99"},
                                    {"currency", "USD"},
                                    {"approve_url", "https://bank.example/approve"}})));
  });
  const JsonAnswer answer = pay();
  ASSERT_EQ(status_of(answer), "requires_action") << answer.text;
  ASSERT_NE(way_back.find("/return/"), std::string::npos) << way_back;
  for (const std::string& query :
       {std::string(), "?status=success"s, "?status=succeeded&paid=true"s,
        "?redirect_status=succeeded&payment_id=pay_other"s}) {
    const SendOutcome back =
        stack->http().send({.url = way_back + query}, {.fresh_connection = true});
    EXPECT_EQ(back.response.status, 303) << query;
    const std::string to = header_of(back.response.headers, "Location");
    EXPECT_TRUE(to.ends_with("payment_id=" + id_of(answer))) << to;
    EXPECT_EQ(to.find("succe"), std::string::npos) << to;
  }
  for (const std::string& other : {way_back + "x", way_back.substr(0, way_back.size() - 1)})
    EXPECT_EQ(stack->http().send({.url = other}, {.fresh_connection = true}).response.status, 404);
  EXPECT_EQ(text_at(stack->payment(id_of(answer)), "status"), "requires_action");
}

// Nobody signs this provider's messages: whoever knows the address may post one.
TEST_F(HostileProviderTest, P10_a_message_that_nobody_signs_is_only_a_reason_to_look) {
  const Json charge = {{"id", "ch_keyless"}, {"amount", "49.99"}, {"currency", "USD"}};
  const auto said = [&](const std::string& status) {
    Json all = charge;
    all["status"] = status;
    return all;
  };
  provider->say(ok(write_json(said("processing"))));
  const JsonAnswer answer = pay_by("keyless");
  ASSERT_EQ(answer.status, 202) << answer.text;
  const std::string id = id_of(answer);
  const auto post = [&](const std::string& event) {
    const Json message = {
        {"id", event}, {"type", "charge.updated"}, {"live", false}, {"charge", said("paid")}};
    EXPECT_EQ(send_webhook(*stack, "keyless", message, "").status, 200);
    EXPECT_TRUE(wait_until([&] {
      return stack->value(
                 "SELECT state FROM provider_webhooks WHERE account = 'keyless' AND "
                 "provider_event_id = '" +
                 event + "'") == "done";
    }));
  };
  const auto lookups = [&] {
    return std::stoi(stack->value("SELECT lookups FROM attempts WHERE payment_id = '" + id + "'"));
  };
  // As many looks into silence as put the next one a day away.
  stack->change_rows("UPDATE attempts SET lookups = 10 WHERE payment_id = '" + id + "'");
  provider->say_to_look_ups("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n");
  post("evt_unheard");
  EXPECT_TRUE(wait_until([&] { return lookups() == 3; })) << "the next look is far away";
  provider->say_to_look_ups(ok(write_json(said("processing"))));
  post("evt_forged");
  EXPECT_TRUE(wait_until([&] { return lookups() == 4; })) << "nobody looked";
  EXPECT_EQ(text_at(stack->payment(id), "status"), "processing");
  EXPECT_EQ(integer_at(stack->payment(id), "amount_received"), 0);
  provider->say_to_look_ups(ok(write_json(said("paid"))));
  post("evt_true");
  stack->wait_for_status(id, "succeeded");
}

// The message comes while the answer that would make its reference known is still on its way.
TEST_F(HostileProviderTest, P11_a_message_before_its_attempt_is_known_waits_and_counts_once) {
  provider->say_to_look_ups(ok(write_json(
      {{"id", "ch_early"}, {"status", "paid"}, {"amount", "49.99"}, {"currency", "USD"}})));
  provider->set_act([&](RawConnection& connection, const std::string&) {
    const Json charge = {{"id", "ch_early"},
                         {"status", "paid"},
                         {"amount", "49.99"},
                         {"currency", "USD"},
                         {"reference", ""}};
    const Json message = {
        {"id", "evt_early"}, {"type", "charge.updated"}, {"live", false}, {"charge", charge}};
    EXPECT_EQ(send_webhook(*stack, account(), message, "whk_example").status, 200);
    EXPECT_TRUE(wait_until([&] {
      return stack->value(
                 "SELECT state FROM provider_webhooks WHERE provider_event_id = "
                 "'evt_early'") == "parked";
    }));
    connection.write(ok(write_json(
        {{"id", "ch_early"}, {"status", "processing"}, {"amount", "49.99"}, {"currency", "USD"}})));
  });
  const JsonAnswer answer = pay();
  ASSERT_EQ(answer.status, 202) << answer.text;
  stack->wait_for_status(id_of(answer), "succeeded");
  EXPECT_TRUE(wait_until([&] {
    return stack->value(
               "SELECT state FROM provider_webhooks WHERE provider_event_id = "
               "'evt_early'") == "done";
  }));
  const std::string of = " FROM events WHERE payment_id = '" + id_of(answer) + "'";
  EXPECT_EQ(stack->value("SELECT count(*)" + of + " AND type = 'payment.succeeded'"), "1");
  EXPECT_EQ(integer_at(stack->payment(id_of(answer)), "amount_received"), 4999);
}

}  // namespace
}  // namespace switchyard::testing
