#include "flow/inquiry.h"

#include <algorithm>
#include <future>
#include <mutex>
#include <thread>

#include "around.h"
#include "tests/http/raw_server.h"

namespace switchyard {
namespace {

using namespace std::chrono_literals;

// Serves at each path what it was told to, else 404, and remembers what it was asked.
class Office {
 public:
  std::string url(const std::string& path) const { return server_.url(path); }
  void says(const std::string& path, int status, const std::string& body) {
    const std::lock_guard lock(mutex_);
    answers_[path] = "HTTP/1.1 " + std::to_string(status) +
                     " Said\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }
  // Nobody is answered while it is held.
  std::unique_lock<std::mutex> closed() { return std::unique_lock(mutex_); }
  std::vector<std::string> asked(const std::string& path) const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> found;
    for (const std::string& each : received_)
      if (path_of(each) == path) found.push_back(each);
    return found;
  }

 private:
  static std::string path_of(const std::string& request) {
    const std::size_t start = request.find(' ') + 1;
    return request.substr(start, request.find(' ', start) - start);
  }
  void serve(RawConnection& connection) {
    while (const auto request = connection.read_request())
      if (!connection.write(answer_to(*request))) return;
  }
  std::string answer_to(const std::string& request) {
    const std::lock_guard lock(mutex_);
    received_.push_back(request);
    const auto found = answers_.find(path_of(request));
    return found == answers_.end() ? "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
                                   : found->second;
  }

  mutable std::mutex mutex_;
  std::map<std::string, std::string> answers_;
  std::vector<std::string> received_;
  RawServer server_{[this](RawConnection& connection) { serve(connection); }};
};

// Stamp Pay: a message is right when it repeats what stands at the address that came with it.
HttpRequest build_stamp(const Account&, const Incoming& incoming) {
  return {.url = header_of(incoming.headers, "stamp-url")};
}
Proof read_stamp(const Account&, const Incoming& incoming, const HttpResponse& response) {
  return response.body == incoming.body ? Proof::verified : Proof::rejected;
}

Adapter stamp_pay(std::chrono::seconds keeps_for = 1h) {
  Adapter adapter{.name = "stamp_pay", .title = "Stamp Pay"};
  adapter.webhook.inquiry = {build_stamp, read_stamp, keeps_for};
  return adapter;
}

// Word Pay: is asked about each message, by who bears its token.
HttpRequest build_question(const Account& account, const Incoming& incoming) {
  return {.method = "POST",
          .url = account.base_url + "/verify",
          .body = incoming.body,
          .token = "access"};
}
Proof read_word(const Account&, const Incoming&, const HttpResponse& response) {
  return response.body == "yes" ? Proof::verified : Proof::rejected;
}
HttpRequest build_token(const Account& account) {
  return {.method = "POST", .url = account.base_url + "/token"};
}
std::optional<AccessToken> read_token(const Account&, const HttpResponse& response) {
  if (response.status != 200) return std::nullopt;
  return AccessToken{Secret(response.body), 1h};
}

Adapter word_pay() {
  Adapter adapter{.name = "word_pay", .title = "Word Pay"};
  adapter.tokens = {{"access", build_token, read_token}};
  adapter.webhook.inquiry = {build_question, read_word, 1h};
  return adapter;
}

class InquirerTest : public testing::Test {
 protected:
  std::optional<Proof> ask(const Adapter& adapter, const std::string& message,
                           const std::string& path = "/stamp") {
    return ask_at(adapter, message, office_.url(path));
  }
  std::optional<Proof> ask_at(const Adapter& adapter, const std::string& message,
                              const std::string& url) {
    Account account{.id = "shop", .adapter = std::string(adapter.name)};
    account.base_url = office_.url("");
    Incoming incoming{.method = "POST", .headers = {{"stamp-url", url}}, .body = message};
    return inquirer_.ask(account, adapter, incoming, http_, clock_, tokens_);
  }

  StoppedClock clock_{noon};
  Metrics metrics_;
  Office office_;
  TokenBook tokens_;
  Inquirer inquirer_;
  HttpClient http_{metrics_};
};

TEST_F(InquirerTest, judges_a_message_by_what_the_provider_serves) {
  office_.says("/stamp", 200, "lion");
  EXPECT_EQ(ask(stamp_pay(), "lion"), Proof::verified);
  EXPECT_EQ(ask(stamp_pay(), "tiger"), Proof::rejected);
}

TEST_F(InquirerTest, asks_once_for_as_long_as_the_answer_may_serve) {
  office_.says("/stamp", 200, "lion");
  for (const char* message : {"lion", "tiger", "lion"}) ask(stamp_pay(), message);
  clock_.advance(1h - 1s);
  EXPECT_EQ(ask(stamp_pay(), "lion"), Proof::verified);
  EXPECT_EQ(office_.asked("/stamp").size(), 1u);
  office_.says("/stamp", 200, "tiger");
  clock_.advance(1s);
  EXPECT_EQ(ask(stamp_pay(), "lion"), Proof::rejected);
  EXPECT_EQ(office_.asked("/stamp").size(), 2u);
}

TEST_F(InquirerTest, asks_for_each_message_where_no_answer_may_serve_again) {
  office_.says("/stamp", 200, "lion");
  for (int i = 0; i < 3; ++i) ask(stamp_pay(0s), "lion");
  EXPECT_EQ(office_.asked("/stamp").size(), 3u);
}

TEST_F(InquirerTest, does_not_take_one_address_for_another) {
  office_.says("/stamp", 200, "lion");
  office_.says("/stamp?2", 200, "tiger");
  EXPECT_EQ(ask(stamp_pay(), "lion"), Proof::verified);
  EXPECT_EQ(ask(stamp_pay(), "lion", "/stamp?2"), Proof::rejected);
  EXPECT_EQ(ask(stamp_pay(), "tiger", "/stamp?2"), Proof::verified);
}

TEST_F(InquirerTest, cannot_judge_without_an_answer_and_asks_again_for_the_next_try) {
  for (const int status : {201, 302, 401, 403, 408, 429, 500, 503}) {
    office_.says("/stamp", status, "lion");
    EXPECT_EQ(ask(stamp_pay(), "lion"), std::nullopt) << status;
  }
  office_.says("/stamp", 200, "lion");
  EXPECT_EQ(ask(stamp_pay(), "lion"), Proof::verified);
}

// Else whoever makes up addresses is never counted.
TEST_F(InquirerTest, refuses_what_names_a_proof_that_does_not_exist) {
  for (const int status : {400, 404, 410, 422}) {
    office_.says("/stamp", status, "lion");
    EXPECT_EQ(ask(stamp_pay(), "lion"), Proof::rejected) << status;
  }
}

// Each that waits holds a worker of the server.
TEST_F(InquirerTest, asks_about_eight_messages_at_once_and_has_the_others_sent_again) {
  office_.says("/stamp", 200, "lion");
  std::vector<std::future<std::optional<Proof>>> all;
  const auto count = [&](bool is_ready) {
    return std::ranges::count_if(all, [&](const auto& each) {
      return (each.wait_for(0s) == std::future_status::ready) == is_ready;
    });
  };
  {
    const auto closed = office_.closed();
    for (int i = 0; i < 20; ++i)
      all.push_back(std::async(std::launch::async, [&] { return ask(stamp_pay(0s), "lion"); }));
    while (count(true) < 12) std::this_thread::sleep_for(1ms);
    EXPECT_EQ(count(false), 8);
  }
  std::ptrdiff_t verified = 0;
  for (auto& each : all) verified += each.get() == Proof::verified;
  EXPECT_EQ(verified, 8);
  EXPECT_EQ(ask(stamp_pay(0s), "lion"), Proof::verified) << "and then goes on";
}

TEST_F(InquirerTest, cannot_judge_where_nobody_listens) {
  EXPECT_EQ(ask_at(stamp_pay(), "lion", "http://127.0.0.1:1/stamp"), std::nullopt);
}

TEST_F(InquirerTest, reads_64_KiB_and_no_more) {
  const std::string largest(64 << 10, 'x');
  office_.says("/stamp", 200, largest);
  EXPECT_EQ(ask(stamp_pay(), largest), Proof::verified);
  office_.says("/stamp?2", 200, largest + "x");
  EXPECT_EQ(ask(stamp_pay(), largest + "x", "/stamp?2"), std::nullopt);
}

TEST_F(InquirerTest, keeps_a_hundred_answers_and_begins_anew_with_the_next) {
  for (int i = 0; i <= 100; ++i) office_.says("/" + std::to_string(i), 200, "lion");
  for (int i = 0; i < 100; ++i) ask(stamp_pay(), "lion", "/" + std::to_string(i));
  ask(stamp_pay(), "lion", "/0");
  EXPECT_EQ(office_.asked("/0").size(), 1u);
  ask(stamp_pay(), "lion", "/100");
  ask(stamp_pay(), "lion", "/0");
  EXPECT_EQ(office_.asked("/0").size(), 2u);
}

TEST_F(InquirerTest, asks_about_each_message_with_the_accounts_token) {
  office_.says("/token", 200, "token-1");
  office_.says("/verify", 200, "yes");
  EXPECT_EQ(ask(word_pay(), "lion"), Proof::verified);
  office_.says("/verify", 200, "no");
  EXPECT_EQ(ask(word_pay(), "lion"), Proof::rejected) << "what is posted is never kept";
  const std::vector<std::string> asked = office_.asked("/verify");
  ASSERT_EQ(asked.size(), 2u);
  for (const std::string& each : asked) {
    EXPECT_NE(each.find("\r\nAuthorization: Bearer token-1\r\n"), std::string::npos) << each;
    EXPECT_TRUE(each.ends_with("\r\n\r\nlion")) << each;
  }
  EXPECT_EQ(office_.asked("/token").size(), 1u);
}

TEST_F(InquirerTest, asks_nothing_without_the_token) {
  office_.says("/verify", 200, "yes");
  EXPECT_EQ(ask(word_pay(), "lion"), std::nullopt);
  EXPECT_EQ(office_.asked("/verify").size(), 0u);
}

}  // namespace
}  // namespace switchyard
