#include "flow/tokens.h"

#include <future>

#include "around.h"
#include "base/log.h"
#include "flow/run_calls.h"
#include "tests/http/raw_server.h"

namespace switchyard {
namespace {

using namespace std::chrono_literals;

// May be moved while others read it.
class MovedClock final : public Clock {
 public:
  Time now() const override { return Time(Duration(at_.load())); }
  void set(Duration after_noon) { at_ = (noon + after_noon).time_since_epoch().count(); }
  void advance(Duration by) { at_ += by.count(); }

 private:
  std::atomic<std::int64_t> at_{noon.time_since_epoch().count()};
};

std::string said(int status, const std::string& body) {
  return "HTTP/1.1 " + std::to_string(status) +
         " Said\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

// Gives out "token-1", "token-2" and so on, an hour each, and takes charges.
class Provider {
 public:
  std::string url() const { return server_.url(""); }
  std::vector<std::string> token_requests() const { return requests("POST /token "); }
  std::vector<std::string> charges() const { return requests("POST /charges "); }

  std::mutex gate;  // while somebody holds it, nobody is answered
  std::atomic<int> token_status{200};
  std::atomic<int> charges_to_refuse{0};
  std::atomic<int> refusal{401};

 private:
  std::vector<std::string> requests(const std::string& start) const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> found;
    for (const std::string& each : received_)
      if (each.starts_with(start)) found.push_back(each);
    return found;
  }
  void serve(RawConnection& connection) {
    while (const auto request = connection.read_request()) {
      const std::lock_guard open(gate);
      if (!connection.write(answer_to(*request))) return;
    }
  }
  std::string answer_to(const std::string& request) {
    const std::lock_guard lock(mutex_);
    received_.push_back(request);
    if (request.starts_with("POST /charges "))
      return said(charges_to_refuse.fetch_sub(1) > 0 ? refusal.load() : 201, "{}");
    tokens_ += token_status == 200;
    return said(token_status,
                "{\"access_token\":\"token-" + std::to_string(tokens_) + "\",\"expires_in\":3600}");
  }

  mutable std::mutex mutex_;
  std::vector<std::string> received_;
  int tokens_ = 0;
  RawServer server_{[this](RawConnection& connection) { serve(connection); }};
};

HttpRequest build_token(const Account& account) {
  return {.method = "POST",
          .url = account.base_url + "/token",
          .headers = {{"Authorization", "Basic " + account.setting("client_secret")}}};
}

std::optional<AccessToken> read_token(const Account&, const HttpResponse& response) {
  const Json body = parse_json(response.body);
  if (response.status != 200) return std::nullopt;
  return AccessToken{Secret(text_at(body, "access_token")),
                     std::chrono::seconds(integer_at(body, "expires_in").value_or(0))};
}

const Adapter token_pay = {
    .name = "token_pay",
    .title = "Token Pay",
    .tokens = {{"access", build_token, read_token}, {"refunds", build_token, read_token}}};

Account account_at(const std::string& url, const std::string& id = "shop",
                   const std::string& secret = "hush") {
  Account account{.id = id, .adapter = "token_pay"};
  account.base_url = url;
  account.settings["client_secret"] = Secret(secret);
  return account;
}

bool becomes_true(const std::function<bool()>& is_true) {
  for (int i = 0; i < 1000; ++i) {
    if (is_true()) return true;
    std::this_thread::sleep_for(10ms);
  }
  return false;
}

class TokenBookTest : public testing::Test {
 protected:
  using Text = std::optional<Secret>;

  std::future<Text> ask(const Account& account, const std::string& kind = "access") {
    const auto promise = std::make_shared<std::promise<Text>>();
    std::future<Text> text = promise->get_future();
    book_.get(http_, clock_, account, token_pay, kind,
              [promise](Text token) { promise->set_value(std::move(token)); });
    return text;
  }
  // "" where none could be had.
  std::string token(const Account& account, const std::string& kind = "access") {
    return ask(account, kind).get().value_or(Secret()).reveal();
  }
  std::size_t fetches() const { return provider_.token_requests().size(); }

  MovedClock clock_;
  Metrics metrics_;
  Provider provider_;
  const Account shop_ = account_at(provider_.url());
  TokenBook book_;
  HttpClient http_{metrics_};
};

TEST_F(TokenBookTest, fetches_one_for_all_who_wait) {
  std::vector<std::future<Text>> asked;
  {
    const std::lock_guard closed(provider_.gate);
    for (int i = 0; i < 20; ++i) asked.push_back(ask(shop_));
  }
  for (std::future<Text>& each : asked) EXPECT_EQ(each.get(), Secret("token-1"));
  EXPECT_EQ(fetches(), 1u);
}

TEST_F(TokenBookTest, has_it_at_hand_for_nine_tenths_of_its_time) {
  EXPECT_EQ(token(shop_), "token-1");
  clock_.set(3239s);
  EXPECT_EQ(token(shop_), "token-1");
  EXPECT_EQ(fetches(), 1u);
}

TEST_F(TokenBookTest, renews_it_before_its_end_and_nobody_waits_for_that) {
  EXPECT_EQ(token(shop_), "token-1");
  clock_.set(3240s);
  {
    const std::lock_guard closed(provider_.gate);
    EXPECT_EQ(token(shop_), "token-1");
    EXPECT_EQ(token(shop_), "token-1");
  }
  EXPECT_TRUE(becomes_true([&] { return token(shop_) == "token-2"; }));
  EXPECT_EQ(fetches(), 2u);
}

TEST_F(TokenBookTest, makes_do_with_the_old_one_until_its_end_while_there_is_no_other) {
  EXPECT_EQ(token(shop_), "token-1");
  provider_.token_status = 503;
  clock_.set(3240s);
  EXPECT_TRUE(becomes_true([&] {
    clock_.advance(1s);
    EXPECT_EQ(token(shop_), "token-1");
    return fetches() >= 3;
  }));
  clock_.set(3569s);
  EXPECT_EQ(token(shop_), "token-1");
  clock_.set(3570s);  // half a minute of its hour is left, in which a request may be on its way
  EXPECT_EQ(token(shop_), "");
}

TEST_F(TokenBookTest, forgets_one_that_was_refused_and_not_the_one_that_came_after_it) {
  EXPECT_EQ(token(shop_), "token-1");
  book_.forget(shop_, "access", Secret("token-1"));
  EXPECT_EQ(token(shop_), "token-2");
  book_.forget(shop_, "access", Secret("token-1"));  // others were refused at the same time
  EXPECT_EQ(token(shop_), "token-2");
  EXPECT_EQ(fetches(), 2u);
}

TEST_F(TokenBookTest, forgets_none_that_it_never_had) {
  book_.forget(shop_, "access", Secret());
  book_.forget(account_at(provider_.url(), "nobody"), "access", Secret("token-1"));
  EXPECT_EQ(token(shop_), "token-1");
}

TEST_F(TokenBookTest, fetches_another_for_other_credentials) {
  const Account changed = account_at(provider_.url(), "shop", "another secret");
  EXPECT_EQ(token(shop_), "token-1");
  EXPECT_EQ(token(changed), "token-2");
  EXPECT_EQ(token(changed), "token-2");
  ASSERT_EQ(fetches(), 2u);
  EXPECT_NE(provider_.token_requests()[1].find("Authorization: Basic another secret\r\n"),
            std::string::npos);
}

TEST_F(TokenBookTest, keeps_accounts_and_kinds_apart) {
  const Account other = account_at(provider_.url(), "other");
  for (int times = 0; times < 2; ++times) {
    EXPECT_EQ(token(shop_, "access"), "token-1");
    EXPECT_EQ(token(shop_, "refunds"), "token-2");
    EXPECT_EQ(token(other, "access"), "token-3");
  }
}

TEST_F(TokenBookTest, rests_for_a_second_after_a_failure) {
  provider_.token_status = 401;
  EXPECT_EQ(token(shop_), "");
  provider_.token_status = 200;
  clock_.set(999ms);
  EXPECT_EQ(token(shop_), "");
  EXPECT_EQ(fetches(), 1u);
  clock_.set(1s);
  EXPECT_EQ(token(shop_), "token-1");
}

TEST_F(TokenBookTest, tells_all_who_wait_that_there_is_none) {
  provider_.token_status = 500;
  std::vector<std::future<Text>> asked;
  {
    const std::lock_guard closed(provider_.gate);
    for (int i = 0; i < 20; ++i) asked.push_back(ask(shop_));
  }
  for (std::future<Text>& each : asked) EXPECT_EQ(each.get(), std::nullopt);
  EXPECT_EQ(fetches(), 1u);
}

TEST_F(TokenBookTest, has_none_where_nobody_answers) {
  EXPECT_EQ(token(account_at("http://127.0.0.1:1")), "");
}

TEST_F(TokenBookTest, logs_that_one_was_not_had_and_never_what_it_is) {
  testing::internal::CaptureStderr();
  start_log(LogLevel::debug);
  EXPECT_EQ(token(shop_), "token-1");
  book_.forget(shop_, "access", Secret("token-1"));
  provider_.token_status = 403;
  EXPECT_EQ(token(shop_), "");
  stop_log();
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_NE(log.find("token.not_had"), std::string::npos) << log;
  EXPECT_NE(log.find("403"), std::string::npos) << log;
  EXPECT_EQ(log.find("token-1"), std::string::npos) << log;
  EXPECT_EQ(log.find("hush"), std::string::npos) << log;
}

// ---- what bears one

std::string header_line(const std::string& request, const std::string& name) {
  const std::size_t start = request.find("\r\n" + name + ": ");
  if (start == std::string::npos) return {};
  return request.substr(start + 2, request.find("\r\n", start + 2) - start - 2);
}

// A call on the wire; the database, which would be told of its outcome, cannot be reached.
class CallWithToken : public testing::Test {
 protected:
  void send(const Adapter& adapter = token_pay, Source source = Source::lookup) {
    Send call{.setup = around_.setup.get(), .account = &shop_, .adapter = &adapter};
    call.source = source;
    call.payment_id = "pay_1";
    call.attempt_id = "att_1";
    call.name = "create";
    call.read = [](const Account&, const Charge&, const HttpResponse&) { return Update{}; };
    call.request = {.method = "POST",
                    .url = shop_.base_url + "/charges",
                    .body = "the same bytes",
                    .token = "access"};
    const auto settled = std::make_shared<std::promise<void>>();
    run_calls(around_.services, {call}, [settled] { settled->set_value(); });
    ASSERT_EQ(settled->get_future().wait_for(10s), std::future_status::ready);
  }
  std::vector<std::string> lines(const std::string& name) const {
    std::vector<std::string> found;
    for (const std::string& each : provider_.charges()) found.push_back(header_line(each, name));
    return found;
  }

  Provider provider_;
  const Account shop_ = account_at(provider_.url());
  Around around_;
};

using Lines = std::vector<std::string>;

TEST_F(CallWithToken, bears_the_accounts_token) {
  send();
  send();
  EXPECT_EQ(lines("Authorization"),
            (Lines{"Authorization: Bearer token-1", "Authorization: Bearer token-1"}));
  EXPECT_EQ(provider_.token_requests().size(), 1u);
}

TEST_F(CallWithToken, goes_once_more_with_another_one_when_its_own_is_refused) {
  provider_.charges_to_refuse = 1;
  send();
  send();
  EXPECT_EQ(lines("Authorization"),
            (Lines{"Authorization: Bearer token-1", "Authorization: Bearer token-2",
                   "Authorization: Bearer token-2"}));
  for (const std::string& each : provider_.charges())
    EXPECT_TRUE(each.ends_with("\r\n\r\nthe same bytes")) << each;
}

TEST_F(CallWithToken, does_not_go_a_third_time) {
  provider_.charges_to_refuse = 9;
  send();
  EXPECT_EQ(provider_.charges().size(), 2u);
  EXPECT_EQ(provider_.token_requests().size(), 2u);
}

// Whether the money is still wanted cannot be asked here, so nothing more of it leaves.
TEST_F(CallWithToken, that_can_move_money_goes_once_more_only_while_it_is_wanted) {
  provider_.charges_to_refuse = 1;
  send(token_pay, Source::answer);
  EXPECT_EQ(provider_.charges().size(), 1u);
}

TEST_F(CallWithToken, does_not_leave_where_there_is_none) {
  provider_.token_status = 503;
  send();
  EXPECT_EQ(provider_.charges().size(), 0u);
  EXPECT_EQ(provider_.token_requests().size(), 1u);
}

TEST_F(CallWithToken, is_sent_again_only_where_its_adapter_says_that_the_token_was_refused) {
  Adapter adapter = token_pay;
  adapter.refuses_token = [](const HttpResponse& response) { return response.status == 403; };
  provider_.charges_to_refuse = 1;
  send(adapter);
  EXPECT_EQ(provider_.charges().size(), 1u) << "a 401 is about something else there";
  provider_.refusal = 403;
  provider_.charges_to_refuse = 1;
  send(adapter);
  EXPECT_EQ(provider_.charges().size(), 3u);
}

TEST_F(CallWithToken, is_signed_when_it_leaves_each_copy_with_the_token_that_it_bears) {
  Adapter adapter = token_pay;
  adapter.sign = [](const Account&, Time now, HttpRequest& request) {
    request.headers.emplace_back(
        "X-Signed",
        to_rfc3339(now) + " " + header_of(request.headers, "Authorization") + " " + request.body);
  };
  provider_.charges_to_refuse = 1;
  send(adapter);
  const std::string at_noon = "X-Signed: " + to_rfc3339(noon) + " Bearer ";
  EXPECT_EQ(lines("X-Signed"),
            (Lines{at_noon + "token-1 the same bytes", at_noon + "token-2 the same bytes"}));
}

}  // namespace
}  // namespace switchyard
