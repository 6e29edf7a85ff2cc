#include "web/wire.h"

#include <gtest/gtest.h>

#include "raw_client.h"

namespace switchyard {
namespace {

const Envelope plain{.request_id = "req_1"};

TEST(Wire, writes_a_whole_answer) {
  const auto bytes = write_reply({.status = 201, .body = "{}", .headers = {{"X-A", "b"}}}, plain);
  ASSERT_TRUE(bytes);
  EXPECT_EQ(bytes->substr(0, bytes->find("\r\n")), "HTTP/1.1 201 Created");
  EXPECT_EQ(header_of(*bytes, "X-A"), "b");
  EXPECT_EQ(header_of(*bytes, "Content-Length"), "2");
  EXPECT_EQ(header_of(*bytes, "Request-Id"), "req_1");
  EXPECT_EQ(header_of(*bytes, "Date").substr(25), " GMT");
  EXPECT_EQ(body_of(*bytes), "{}");
}

TEST(Wire, H14_refuses_headers_that_could_end_a_line_or_frame_the_message) {
  const Fields refused = {{"X-A", "b\r\nX-B: c"},
                          {"X-A", "b\nc"},
                          {"X-A", std::string("\0", 1)},
                          {"X A", "b"},
                          {"X-A:", "b"},
                          {"", "b"},
                          {"X-A\r\nX-B", "c"},
                          {"Content-Length", "1"},
                          {"connection", "close"},
                          {"Transfer-Encoding", "chunked"},
                          {"Server", "a"}};
  for (const auto& field : refused)
    EXPECT_FALSE(write_reply({.headers = {field}}, plain)) << field.first << ": " << field.second;
  EXPECT_FALSE(write_reply({.content_type = "text/html\r\nX-B: c"}, plain));
  EXPECT_TRUE(write_reply({.headers = {{"Location", "https://shop.example/?a=b"}}}, plain));
}

TEST(Wire, lets_a_handler_decide_on_caching) {
  const auto bytes = write_reply({.headers = {{"cache-control", "max-age=60"}}}, plain);
  EXPECT_EQ(header_of(*bytes, "cache-control"), "max-age=60");
  EXPECT_EQ(header_of(*bytes, "Cache-Control"), "");
}

TEST(Wire, sends_no_body_where_there_is_none) {
  const auto empty = write_reply({.status = 204, .body = "lost"}, plain);
  EXPECT_EQ(body_of(*empty), "");
  EXPECT_EQ(header_of(*empty, "Content-Length"), "");
  const auto head = write_reply({.body = "four"}, {.request_id = "req_1", .is_head = true});
  EXPECT_EQ(body_of(*head), "");
  EXPECT_EQ(header_of(*head, "Content-Length"), "4");
}

}  // namespace
}  // namespace switchyard
