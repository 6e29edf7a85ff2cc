#include "sandbox/wire.h"

#include <gtest/gtest.h>

#include "running_sandbox.h"

namespace switchyard::sandbox {
namespace {

Answer echo(const Request& request) {
  std::string body = request.method + " " + request.path + " " + request.body;
  for (const auto& [name, value] : request.query) body += " " + name + "=" + value;
  return {{.body = body, .content_type = "text/plain"}};
}

class Wire : public testing::Test {
 protected:
  Wire() : listener_("127.0.0.1", 0, echo) {
    url_ = "http://127.0.0.1:" + std::to_string(listener_.bind().value());
    listener_.start();
  }
  Listener listener_;
  std::string url_;
};

TEST_F(Wire, answers_several_requests_on_one_connection) {
  const auto answer = exchange_bytes(url_,
                                     "POST /one HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc"
                                     "GET /two HTTP/1.1\r\nConnection: close\r\n\r\n");
  EXPECT_NE(answer.bytes.find("POST /one abc"), std::string::npos);
  EXPECT_NE(answer.bytes.find("GET /two "), std::string::npos);
}

TEST_F(Wire, decodes_the_path_and_the_query_once) {
  const auto answer =
      exchange_bytes(url_, "GET /a%20b%252F?q=%26+x&empty HTTP/1.1\r\nConnection: close\r\n\r\n");
  EXPECT_NE(answer.bytes.find("GET /a b%2F  q=& x empty="), std::string::npos) << answer.bytes;
}

TEST_F(Wire, closes_on_what_is_not_http) {
  EXPECT_EQ(exchange_bytes(url_, "hello\r\n\r\n").bytes, "");
  EXPECT_EQ(exchange_bytes(url_, "GET / HTTP/1.1\r\nContent-Length: -5\r\n\r\n").bytes, "");
}

TEST_F(Wire, stops_although_a_connection_is_open) {
  Metrics metrics;
  HttpClient client(metrics);
  const auto outcome = client.send({"GET", url_ + "/x", {}, ""}, {.plain_http_allowed = true});
  EXPECT_EQ(outcome.response.body, "GET /x ");
  listener_.stop();
}

TEST(PercentDecoded, leaves_alone_what_is_not_an_escape) {
  EXPECT_EQ(percent_decoded("100%", false), "100%");
  EXPECT_EQ(percent_decoded("%zz%4", false), "%zz%4");
  EXPECT_EQ(percent_decoded("a+b%41", false), "a+bA");
  EXPECT_EQ(percent_decoded("a+b", true), "a b");
}

TEST(HtmlEscaped, lets_no_tag_through) {
  EXPECT_EQ(html_escaped("<a href=\"x\">&'"), "&lt;a href=&quot;x&quot;&gt;&amp;&#39;");
}

}  // namespace
}  // namespace switchyard::sandbox
