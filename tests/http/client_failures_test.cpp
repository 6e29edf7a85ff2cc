// What goes wrong on the way: which of it is not_sent, and that all the rest is no_answer.
#include <gtest/gtest.h>

#include <latch>

#include "http/client.h"
#include "raw_server.h"

namespace switchyard {
namespace {

using std::chrono::milliseconds;
using namespace std::string_literals;

struct HttpClientFailures : testing::Test {
  Metrics metrics;
  HttpClient client{metrics};

  SendOutcome post(const RawServer& server, SendOptions options = {}) {
    return client.send({.method = "POST", .url = server.url(), .body = "amount=1"}, options);
  }
  // To a server that answers the one request with these bytes and closes.
  SendOutcome told(const std::string& response, SendOptions options = {}) {
    RawServer server(once(response));
    return post(server, options);
  }
};

// {"status":"paid"}, packed.
const std::string packed =
    "\037\213\010\000\000\000\000\000\002\003\253\126\052\056\111\054\051\055\126\262\122\052\110\314\114\121\252\005\000\366\216\040\305\021\000\000\000"s;

std::string gzip_answer(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

TEST_F(HttpClientFailures, a_refused_connection_is_not_sent) {
  int port = 0;
  { port = RawServer(once("")).port(); }
  const SendOutcome outcome =
      client.send({.url = "http://127.0.0.1:" + std::to_string(port) + "/"});
  EXPECT_EQ(outcome.transport, Transport::not_sent);
  EXPECT_EQ(outcome.problem, "the address could not be reached");
}

TEST_F(HttpClientFailures, a_name_that_does_not_resolve_is_not_sent) {
  const SendOutcome outcome = client.send({.url = "https://nobody.invalid/"});
  EXPECT_EQ(outcome.transport, Transport::not_sent);
  EXPECT_EQ(outcome.address, "");
}

// libcurl sends again by itself when a kept connection dies before the first byte of the answer.
// When nobody listens any more it says "could not connect", although the first copy was executed.
TEST_F(HttpClientFailures, a_copy_executed_on_a_kept_connection_is_never_not_sent) {
  std::atomic<int> executed{0};
  RawServer* self = nullptr;
  RawServer server([&](RawConnection& connection) {
    connection.read_request();
    connection.answer("first");
    if (!connection.read_request()) return;
    self->stop_listening();
    ++executed;
  });
  self = &server;
  ASSERT_EQ(post(server).transport, Transport::answered);
  const SendOutcome outcome = post(server);
  EXPECT_EQ(executed, 1);
  EXPECT_EQ(server.connections(), 1);
  EXPECT_EQ(outcome.transport, Transport::no_answer);
  EXPECT_EQ(outcome.problem,
            "the connection was closed without an answer, and could not be opened again");
}

TEST_F(HttpClientFailures, what_is_answered_to_a_second_copy_says_so) {
  std::atomic<int> requests{0};
  RawServer server([&](RawConnection& connection) {
    while (connection.read_request()) {
      if (++requests == 2) return;  // executed, perhaps
      connection.answer("fine");
    }
  });
  EXPECT_FALSE(post(server).is_of_second_copy);
  const SendOutcome outcome = post(server);
  EXPECT_EQ(outcome.transport, Transport::answered);
  EXPECT_TRUE(outcome.is_of_second_copy);
  EXPECT_EQ(requests, 3);
  EXPECT_FALSE(post(server).is_of_second_copy);
}

TEST_F(HttpClientFailures, a_fresh_connection_is_never_sent_on_twice) {
  std::atomic<int> executed{0};
  RawServer server([&](RawConnection& connection) {
    while (connection.read_request()) {
      if (++executed > 1) return;
      connection.answer("first");
    }
  });
  ASSERT_EQ(post(server).transport, Transport::answered);
  EXPECT_EQ(post(server, {.fresh_connection = true}).transport, Transport::no_answer);
  EXPECT_EQ(executed, 2);
}

TEST_F(HttpClientFailures, silence_after_the_request_is_no_answer) {
  RawServer server([](RawConnection& connection) { connection.wait_until_client_closes(); });
  const SendOutcome outcome = post(server, {.timeout = milliseconds(200)});
  EXPECT_EQ(outcome.transport, Transport::no_answer);
  EXPECT_TRUE(outcome.problem.starts_with("timed out after ")) << outcome.problem;
}

TEST_F(HttpClientFailures, a_handshake_that_never_ends_is_not_sent) {
  RawServer server([](RawConnection& connection) { connection.wait_until_client_closes(); });
  const SendOutcome outcome =
      client.send({.url = "https://127.0.0.1:" + std::to_string(server.port())},
                  {.connect_timeout = milliseconds(200)});
  EXPECT_EQ(outcome.transport, Transport::not_sent);
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(HttpClientFailures, time_that_ran_out_before_a_connection_was_free_is_not_sent) {
  std::latch asked(1), may_close(1), first_told(1);
  RawServer server([&](RawConnection& connection) {
    connection.read_request();
    asked.count_down();
    may_close.wait();
  });
  HttpClient narrow(metrics, 1);
  narrow.send({.url = server.url()}, {}, [&](SendOutcome) { first_told.count_down(); });
  asked.wait();
  const SendOutcome outcome = narrow.send({.url = server.url()}, {.timeout = milliseconds(100)});
  EXPECT_EQ(outcome.transport, Transport::not_sent);
  EXPECT_EQ(narrow.running(), 1u);  // the first one: it was not waited for
  may_close.count_down();
  first_told.wait();
}

TEST_F(HttpClientFailures, a_reset_at_any_point_is_no_answer) {
  const std::string whole = ok("{\"status\":\"paid\"}");
  for (const std::size_t length : {0ul, 10ul, 30ul, whole.size() - 1}) {
    RawServer server([&](RawConnection& connection) {
      connection.read_request();
      connection.write(whole.substr(0, length));
      connection.reset();
    });
    EXPECT_EQ(post(server).transport, Transport::no_answer) << length;
  }
}

TEST_F(HttpClientFailures, an_answer_that_ends_early_is_no_answer) {
  EXPECT_EQ(told("").problem, "the connection was closed without an answer");
  EXPECT_EQ(told("HTTP/1.1 200 OK\r\nContent-Le").transport, Transport::no_answer);
  EXPECT_EQ(told("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n123").problem,
            "the answer ended early");
  EXPECT_EQ(told("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n").transport,
            Transport::no_answer);
  EXPECT_EQ(told("HTTP/1.1 103 Early Hints\r\n\r\n").transport, Transport::no_answer);
}

TEST_F(HttpClientFailures, what_is_not_http_is_no_answer) {
  EXPECT_EQ(told("{\"status\":\"paid\"}").transport, Transport::no_answer);
  EXPECT_EQ(told("SSH-2.0-OpenSSH_9.2\r\n").transport, Transport::no_answer);
  EXPECT_EQ(told("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n").transport, Transport::no_answer);
}

TEST_F(HttpClientFailures, gzip_is_unpacked) {
  const SendOutcome outcome = told(gzip_answer(packed));
  EXPECT_EQ(outcome.transport, Transport::answered) << outcome.problem;
  EXPECT_EQ(outcome.response.body, "{\"status\":\"paid\"}");
}

TEST_F(HttpClientFailures, gzip_is_unpacked_from_chunks_of_any_size) {
  for (const std::size_t size : {1ul, 3ul, 7ul, 100ul}) {
    std::string answer =
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (std::size_t at = 0; at < packed.size(); at += size) {
      const std::string chunk = packed.substr(at, size);
      char head[32];
      snprintf(head, sizeof head, "%zX\r\n", chunk.size());
      answer += head + chunk + "\r\n";
    }
    const SendOutcome outcome = told(answer + "0\r\n\r\n");
    EXPECT_EQ(outcome.transport, Transport::answered) << size << " " << outcome.problem;
    EXPECT_EQ(outcome.response.body, "{\"status\":\"paid\"}");
  }
}

TEST_F(HttpClientFailures, gzip_that_stops_anywhere_is_no_answer) {
  for (std::size_t length = 1; length < packed.size(); ++length)
    EXPECT_EQ(told(gzip_answer(packed.substr(0, length))).transport, Transport::no_answer)
        << length;
}

TEST_F(HttpClientFailures, gzip_that_is_damaged_is_no_answer) {
  std::string damaged = packed;
  damaged[packed.size() - 6] ^= 1;  // in the checksum
  EXPECT_EQ(told(gzip_answer(damaged)).problem, "the answer's compression could not be read");
  EXPECT_EQ(told(gzip_answer("{\"status\":\"paid\"}")).transport, Transport::no_answer);
}

TEST_F(HttpClientFailures, an_encoding_that_was_not_asked_for_is_no_answer) {
  for (const std::string encoding : {"br", "deflate", "gzip, gzip", "snappy"})
    EXPECT_EQ(
        told("HTTP/1.1 200 OK\r\nContent-Encoding: " + encoding + "\r\nContent-Length: 0\r\n\r\n")
            .transport,
        Transport::no_answer)
        << encoding;
}

TEST_F(HttpClientFailures, O11_P14_an_answer_above_the_limit_is_cut_off) {
  EXPECT_EQ(told(ok(std::string(100, 'x')), {.answer_bytes = 100}).transport, Transport::answered);
  const SendOutcome outcome = told(ok(std::string(101, 'x')), {.answer_bytes = 100});
  EXPECT_EQ(outcome.transport, Transport::no_answer);
  EXPECT_EQ(outcome.problem, "the answer was longer than 100 bytes");
}

TEST_F(HttpClientFailures, O11_P14_an_answer_without_end_is_cut_off) {
  RawServer server([](RawConnection& connection) {
    connection.read_request();
    connection.write("HTTP/1.1 200 OK\r\n\r\n");
    while (connection.write(std::string(65'536, 'x'))) continue;
  });
  EXPECT_EQ(post(server).problem, "the answer was longer than 2097152 bytes");
}

// 65 KB that unpack to ten million bytes.
TEST_F(HttpClientFailures, O11_P14_a_gzip_bomb_is_cut_off_by_what_it_unpacks_to) {
  // A gzip header and one deflate block with fixed codes: "0", then a run of it without end.
  // Each match (length 258, distance 1) is 13 bits: 11000101 00000, so that 104 bytes repeat.
  std::string bits = "110";  // last block, fixed codes; values go in from the low bit
  bits += "01100000";        // the literal "0": 0x30 + 0x30, most significant bit first
  for (int i = 0; i < 40'000; ++i) bits += "1100010100000";
  std::string bomb = "\x1f\x8b\x08\0\0\0\0\0\0\x03"s;
  for (std::size_t at = 0; at + 8 <= bits.size(); at += 8) {
    unsigned char byte = 0;
    for (int bit = 0; bit < 8; ++bit) byte |= (bits[at + std::size_t(bit)] - '0') << bit;
    bomb += char(byte);
  }
  ASSERT_LT(bomb.size(), 70'000u);
  EXPECT_EQ(told(gzip_answer(bomb), {.answer_bytes = 1 << 20}).problem,
            "the answer was longer than 1048576 bytes");
}

TEST_F(HttpClientFailures, O11_P14_headers_above_the_limit_are_cut_off) {
  RawServer long_ones([](RawConnection& connection) {
    connection.read_request();
    connection.write("HTTP/1.1 200 OK\r\n");
    while (connection.write("X-Filler: " + std::string(8'000, 'x') + "\r\n")) continue;
  });
  RawServer many([](RawConnection& connection) {
    connection.read_request();
    connection.write("HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 10'000; ++i) connection.write("a:\r\n");
    connection.write("\r\n");
  });
  RawServer interim([](RawConnection& connection) {
    connection.read_request();
    while (connection.write("HTTP/1.1 103 Early Hints\r\n\r\n")) continue;
  });
  for (const RawServer* server : {&long_ones, &many, &interim}) {
    const SendOutcome outcome = post(*server);
    EXPECT_EQ(outcome.transport, Transport::no_answer);
    EXPECT_EQ(outcome.problem, "the answer's headers were too long");
  }
}

TEST_F(HttpClientFailures, O11_P14_an_answer_that_drips_is_cut_off_by_the_time_of_the_whole) {
  RawServer server([](RawConnection& connection) {
    connection.read_request();
    connection.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
    while (connection.write("x")) std::this_thread::sleep_for(milliseconds(10));
  });
  const SendOutcome outcome = post(server, {.timeout = milliseconds(300)});
  EXPECT_EQ(outcome.transport, Transport::no_answer);
  EXPECT_TRUE(outcome.problem.starts_with("timed out")) << outcome.problem;
}

TEST_F(HttpClientFailures, a_slow_transfer_does_not_hold_up_another) {
  std::latch asked(1), may_close(1);
  RawServer slow([&](RawConnection& connection) {
    connection.read_request();
    asked.count_down();
    may_close.wait();
  });
  RawServer quick(always(ok("x")));
  std::promise<SendOutcome> slow_outcome;
  client.send({.url = slow.url()}, {},
              [&](SendOutcome outcome) { slow_outcome.set_value(std::move(outcome)); });
  asked.wait();
  EXPECT_EQ(client.send({.url = quick.url()}).transport, Transport::answered);
  EXPECT_EQ(client.running(), 1u);
  may_close.count_down();
  EXPECT_EQ(slow_outcome.get_future().get().transport, Transport::no_answer);
}

TEST_F(HttpClientFailures, D13_a_request_that_would_be_two_is_not_sent) {
  RawServer server(always(ok("x")));
  const std::string url = server.url();
  const HttpRequest smuggled[] = {
      {.url = url, .headers = {{"X-Name", "a\r\nX-Other: b"}}},
      {.url = url, .headers = {{"X-Name", "a\nb"}}},
      {.url = url, .headers = {{"X-Name", "a\0b"s}}},
      {.url = url, .headers = {{"X Name", "a"}}},
      {.url = url, .headers = {{"X-Name: a\r\nX-Other", "b"}}},
      {.url = url, .headers = {{"", "b"}}},
      {.url = url, .headers = {{"content-length", "3"}}},
      {.url = url, .headers = {{"Transfer-Encoding", ""}}},
      {.method = "GET / HTTP/1.1\r\nX: y\r\n\r\nGET", .url = url},
      {.method = "", .url = url},
      {.url = url + "a\r\nX: y"},
      {.url = url + " HTTP/1.1"},
      {.url = url + "\0"s},
  };
  for (const HttpRequest& request : smuggled) {
    const SendOutcome outcome = client.send(request);
    EXPECT_EQ(outcome.transport, Transport::not_sent) << request.method << " " << request.url;
    EXPECT_NE(outcome.problem, "");
  }
  EXPECT_EQ(server.connections(), 0);
}

}  // namespace
}  // namespace switchyard
