// Long because each story of a connection needs the same running server.
#include "web/server.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "base/id.h"
#include "base/json.h"
#include "raw_client.h"

namespace switchyard {
namespace {

// Holds handlers until it is opened, and says how many have come.
class Barrier {
 public:
  void pass() {
    std::unique_lock lock(mutex_);
    ++came_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return is_open_; });
  }
  void wait_for(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return came_ >= count; });
  }
  void open() {
    const std::lock_guard lock(mutex_);
    is_open_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int came_ = 0;
  bool is_open_ = false;
};

const std::string large(8 << 20, 'x');

class WebServer : public testing::Test {
 protected:
  ~WebServer() override { barrier.open(); }

  int start() {
    const auto echo = [](const Request& request) -> Result<Reply> {
      return Reply{.body = request.body, .headers = {{"X-Peer", request.peer}}};
    };
    const auto wait = [this](const Request&) -> Result<Reply> {
      barrier.pass();
      ++finished;
      return Reply{.body = "waited"};
    };
    const auto fail_loudly = [](const Request&) -> Result<Reply> {
      throw std::runtime_error("select secret from table");
    };
    const auto fail_oddly = [](const Request&) -> Result<Reply> { throw 7; };
    const auto refuse = [](const Request&) -> Result<Reply> {
      return fail(ErrorCode::key_scope, "Not with this key.");
    };
    const auto split = [](const Request& request) -> Result<Reply> {
      return Reply{.headers = {{"Location", std::string(request.query_value("to"))},
                               {"X-A", "b\r\nSet-Cookie: evil"}}};
    };
    const auto send_large = [](const Request&) -> Result<Reply> { return Reply{.body = large}; };
    const std::vector<Route> routes = {
        {"GET", "/echo", echo},
        {"POST", "/echo", echo},
        {"PATCH", "/echo", echo},
        {"POST", "/hooks/{account}", echo, Access::open},
        {"GET", "/wait", wait},
        {"POST", "/browser", echo, Access::publishable},
        {"GET", "/browser", refuse, Access::publishable},
        {"DELETE", "/browser", echo},
        {"GET", "/throw", fail_loudly},
        {"GET", "/throw_oddly", fail_oddly},
        {"GET", "/split", split},
        {"GET", "/large", send_large},
    };
    server = std::make_unique<Server>(options, routes, metrics);
    const Result<int> port = server->start();
    EXPECT_TRUE(port) << port.error().message;
    return port.value_or(0);
  }

  bool metrics_hold(const std::string& line) {
    return metrics.text().find(line) != std::string::npos;
  }

  Metrics metrics;
  Barrier barrier;
  std::atomic<int> finished{0};
  ServerOptions options;
  std::unique_ptr<Server> server;
};

std::string get(const std::string& target, const std::string& headers = "") {
  return "GET " + target + " HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n";
}

std::string post(const std::string& target, const std::string& body,
                 const std::string& type = "application/json") {
  return "POST " + target + " HTTP/1.1\r\nHost: a\r\nContent-Type: " + type +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string error_of(const std::string& answer, const std::string& member = "code") {
  return text_at(parse_json(body_of(answer)), "error." + member);
}

TEST_F(WebServer, answers_with_our_headers_and_keeps_the_connection) {
  RawClient client(start());
  for (int i = 0; i < 3; ++i) {
    const std::string answer = client.ask(post("/echo", "{\"n\":1}"));
    EXPECT_EQ(status_of(answer), 200);
    EXPECT_EQ(body_of(answer), "{\"n\":1}");
    EXPECT_EQ(header_of(answer, "Switchyard-Version"), "2026-11-20");
    EXPECT_EQ(header_of(answer, "Cache-Control"), "no-store");
    EXPECT_EQ(header_of(answer, "X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(header_of(answer, "Content-Type"), "application/json");
    EXPECT_TRUE(is_id(header_of(answer, "Request-Id"), "req"));
    EXPECT_EQ(header_of(answer, "Server"), "");
    EXPECT_EQ(header_of(answer, "Connection"), "");
    EXPECT_EQ(header_of(answer, "Access-Control-Allow-Origin"), "");
  }
}

TEST_F(WebServer, closes_when_the_client_asks_for_it) {
  const int port = start();
  for (const std::string& request :
       {get("/echo", "Connection: close\r\n"), std::string("GET /echo HTTP/1.0\r\n\r\n")}) {
    RawClient client(port);
    const std::string answer = client.ask(request);
    EXPECT_EQ(status_of(answer), 200);
    EXPECT_EQ(header_of(answer, "Connection"), "close");
    EXPECT_TRUE(client.is_closed());
  }
}

TEST_F(WebServer, keeps_a_well_formed_request_id_only) {
  RawClient client(start());
  EXPECT_EQ(header_of(client.ask(get("/echo", "Request-Id: my_id-1\r\n")), "Request-Id"),
            "my_id-1");
  for (const std::string& id : {std::string("a b"), std::string(65, 'a'), std::string("a<b>")})
    EXPECT_TRUE(is_id(
        header_of(client.ask(get("/echo", "Request-Id: " + id + "\r\n")), "Request-Id"), "req"));
}

TEST_F(WebServer, D11_keeps_no_request_id_that_may_not_be_logged) {
  options.may_not_be_logged = [](std::string_view id) { return id == "4242424242424242"; };
  RawClient client(start());
  const std::string refused = client.ask(get("/echo", "Request-Id: 4242424242424242\r\n"));
  EXPECT_TRUE(is_id(header_of(refused, "Request-Id"), "req"));
  EXPECT_EQ(header_of(client.ask(get("/echo", "Request-Id: 4242\r\n")), "Request-Id"), "4242");
}

TEST_F(WebServer, reads_requests_in_pieces) {
  RawClient client(start());
  for (const char c : post("/echo", "hello")) ASSERT_TRUE(client.send({&c, 1}));
  EXPECT_EQ(body_of(client.answer()), "hello");
  EXPECT_EQ(body_of(client.ask("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/json"
                               "\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n")),
            "hi");
}

TEST_F(WebServer, answers_head_without_a_body) {
  RawClient client(start());
  const std::string head = client.ask_head("HEAD /large HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(header_of(head, "Content-Length"), std::to_string(large.size()));
  EXPECT_EQ(status_of(client.ask(get("/echo"))), 200);
}

TEST_F(WebServer, says_continue_to_a_client_that_waits) {
  RawClient client(start());
  EXPECT_EQ(client.ask("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                       "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n"),
            "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(body_of(client.ask("hi")), "hi");
}

TEST_F(WebServer, refuses_malformed_bytes_in_json_and_closes) {
  const int port = start();
  const std::vector<std::pair<std::string, int>> refused = {
      {"GET / HTTP/1.1\nHost: a\n\n", 400},
      {get("/a/../b"), 400},
      {get("/echo?a=1&a=2"), 400},
      {get("/echo", "Authorization: a\r\nAuthorization: b\r\n"), 400},
      {"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400},
      {"TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", 405},
      {get("/" + std::string(9000, 'a')), 414},
      {get("/echo", "X-A: " + std::string(33000, 'a') + "\r\n"), 431},
      {get("/echo", "Content-Encoding: gzip\r\n"), 415},
  };
  for (const auto& [bytes, status] : refused) {
    RawClient client(port);
    const std::string answer = client.ask(bytes);
    EXPECT_EQ(status_of(answer), status) << bytes.substr(0, 60);
    EXPECT_EQ(header_of(answer, "Content-Type"), "application/json");
    EXPECT_EQ(header_of(answer, "Connection"), "close");
    EXPECT_EQ(error_of(answer, "type"), "invalid_request");
    EXPECT_EQ(error_of(answer, "request_id"), header_of(answer, "Request-Id"));
    EXPECT_TRUE(client.is_closed());
  }
  EXPECT_TRUE(metrics_hold("gate_refusals_total{reason=\"bare_lf\"} 1"));
}

TEST_F(WebServer, H5_closes_after_a_413_and_reads_no_further_request) {
  RawClient client(start());
  const std::string answer = client.ask(
      "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n" + get("/echo"));
  EXPECT_EQ(status_of(answer), 413);
  client.send(std::string(100'000, 'a'));
  EXPECT_TRUE(client.is_closed());
}

TEST_F(WebServer, H5_H12_answers_one_request_and_closes_when_more_came_before_its_answer) {
  const int port = start();
  RawClient same_segment(port);
  EXPECT_EQ(status_of(same_segment.ask(get("/echo") + get("/large"))), 200);
  EXPECT_TRUE(same_segment.is_closed());

  RawClient later_segment(port);
  later_segment.send(get("/wait"));
  barrier.wait_for(1);
  later_segment.send(get("/echo"));
  EXPECT_EQ(status_of(RawClient(port).ask(get("/echo"))), 200);  // so the bytes have been seen
  barrier.open();
  EXPECT_EQ(body_of(later_segment.answer()), "waited");
  EXPECT_TRUE(later_segment.is_closed());
}

TEST_F(WebServer, tells_404_from_405) {
  RawClient client(start());
  EXPECT_EQ(error_of(client.ask(get("/nothing"))), "not_found");
  const std::string answer = client.ask("DELETE /echo HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(status_of(answer), 405);
  EXPECT_EQ(header_of(answer, "Allow"), "GET, HEAD, POST, PATCH");
  EXPECT_EQ(status_of(client.ask(get("/echo"))), 200);  // the connection is still good
}

TEST_F(WebServer, D10_takes_json_only_but_for_open_routes) {
  RawClient client(start());
  EXPECT_EQ(status_of(client.ask(post("/echo", "{}", "text/plain"))), 415);
  EXPECT_EQ(status_of(client.ask(post("/echo", "{}", "application/json; charset=utf-16"))), 415);
  EXPECT_EQ(status_of(client.ask("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}")),
            415);
  EXPECT_EQ(status_of(client.ask(post("/echo", "", "text/plain"))), 200);
  EXPECT_EQ(status_of(client.ask(post("/echo", "{}", "application/json; charset=UTF-8"))), 200);
  EXPECT_EQ(body_of(client.ask(post("/hooks/a", "<a/>", "text/xml"))), "<a/>");
}

TEST_F(WebServer, lets_browsers_use_publishable_routes_only) {
  RawClient client(start());
  const std::string preflight =
      client.ask("OPTIONS /browser HTTP/1.1\r\nHost: a\r\nOrigin: b\r\n\r\n");
  EXPECT_EQ(status_of(preflight), 204);
  EXPECT_EQ(header_of(preflight, "Access-Control-Allow-Origin"), "*");
  EXPECT_EQ(header_of(preflight, "Access-Control-Allow-Methods"), "POST, GET");
  EXPECT_EQ(header_of(preflight, "Access-Control-Allow-Headers"),
            "Authorization, Content-Type, Idempotency-Key, Switchyard-Client-Secret, Prefer");
  EXPECT_EQ(header_of(preflight, "Access-Control-Allow-Credentials"), "");
  EXPECT_EQ(header_of(client.ask(get("/browser")), "Access-Control-Allow-Origin"), "*");
  EXPECT_EQ(header_of(client.ask(post("/browser", "a", "b/c")), "Access-Control-Allow-Origin"),
            "*");
  const std::string closed = client.ask("DELETE /browser HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(header_of(closed, "Access-Control-Allow-Origin"), "");
  const std::string other = client.ask("OPTIONS /echo HTTP/1.1\r\nHost: a\r\nOrigin: b\r\n\r\n");
  EXPECT_EQ(status_of(other), 405);
  EXPECT_EQ(header_of(other, "Access-Control-Allow-Origin"), "");
}

TEST_F(WebServer, shows_an_error_of_a_handler) {
  RawClient client(start());
  const std::string answer = client.ask(get("/browser"));
  EXPECT_EQ(status_of(answer), 403);
  EXPECT_EQ(error_of(answer), "key_scope");
}

TEST_F(WebServer, K3_hides_what_a_handler_throws) {
  RawClient client(start());
  for (const std::string target : {"/throw", "/throw_oddly"}) {
    const std::string answer = client.ask(get(target));
    EXPECT_EQ(status_of(answer), 500);
    EXPECT_EQ(error_of(answer), "internal");
    EXPECT_EQ(answer.find("secret"), std::string::npos);
    EXPECT_EQ(error_of(answer, "request_id"), header_of(answer, "Request-Id"));
  }
}

TEST_F(WebServer, H14_sends_no_header_that_could_split_an_answer) {
  RawClient client(start());
  const std::string answer = client.ask(get("/split?to=a"));
  EXPECT_EQ(status_of(answer), 500);
  EXPECT_EQ(answer.find("evil"), std::string::npos);
}

TEST_F(WebServer, A11_believes_forwarded_addresses_of_trusted_proxies_only) {
  const std::string forged = get("/echo", "X-Forwarded-For: 9.9.9.9, 10.0.0.7\r\n");
  EXPECT_EQ(header_of(RawClient(start()).ask(forged), "X-Peer"), "127.0.0.1");
  options.trusted_proxies = {"127.0.0.1"};
  EXPECT_EQ(header_of(RawClient(start()).ask(forged), "X-Peer"), "10.0.0.7");
}

TEST_F(WebServer, H1_closes_slow_senders) {
  options.limits.header_time = options.limits.body_time = std::chrono::milliseconds(50);
  const int port = start();
  RawClient silent(port), in_head(port), in_body(port);
  in_head.send("GET /echo HTTP/1.1\r\nHo");
  in_body.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhel");
  EXPECT_TRUE(silent.is_closed());
  for (RawClient* client : {&in_head, &in_body}) {
    const std::string answer = client->answer();
    EXPECT_EQ(status_of(answer), 408);
    EXPECT_EQ(error_of(answer), "request_timeout");
    EXPECT_TRUE(client->is_closed());
  }
}

// Each byte comes in time, the whole does not: the deadline is not moved by them.
TEST_F(WebServer, H1_closes_a_sender_that_drips) {
  options.limits.header_time = std::chrono::milliseconds(150);
  RawClient client(start());
  client.send("GET /echo HTTP/1.1\r\nX-A: ");
  std::thread drip([&] {
    while (client.send("a")) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  });
  EXPECT_EQ(status_of(client.answer()), 408);
  drip.join();
}

TEST_F(WebServer, closes_idle_connections_silently) {
  options.limits.idle_time = std::chrono::milliseconds(50);
  RawClient client(start());
  EXPECT_EQ(status_of(client.ask(get("/echo"))), 200);
  EXPECT_TRUE(client.is_closed());
}

TEST_F(WebServer, sends_large_answers_to_slow_readers) {
  const int port = start();
  RawClient slow(port);
  slow.send(get("/large"));
  EXPECT_EQ(status_of(RawClient(port).ask(get("/echo"))), 200);  // nobody waits for it
  EXPECT_EQ(body_of(slow.answer()), large);
  EXPECT_EQ(status_of(slow.ask(get("/echo"))), 200);
}

TEST_F(WebServer, H1_closes_clients_that_do_not_read) {
  options.limits.body_time = std::chrono::milliseconds(50);  // the time to write, too
  const int port = start();
  RawClient deaf(port);
  const int tiny = 4096;
  setsockopt(deaf.socket(), SOL_SOCKET, SO_RCVBUF, &tiny, sizeof tiny);
  deaf.send(get("/large"));
  while (!metrics_hold("http_connections 0")) std::this_thread::yield();
}

TEST_F(WebServer, serves_a_hundred_connections_at_once) {
  const int port = start();
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 100; ++i) clients.push_back(std::make_unique<RawClient>(port));
  for (auto& client : clients) client->send(get("/wait"));
  barrier.wait_for(100);
  EXPECT_EQ(server->running_handlers(), 100u);
  barrier.open();
  for (auto& client : clients) EXPECT_EQ(body_of(client->answer()), "waited");
  EXPECT_TRUE(
      metrics_hold("http_requests_total{route=\"/wait\",method=\"GET\",status=\"200\"} 100"));
}

TEST_F(WebServer, never_gives_an_answer_to_another_client) {
  const int port = start();
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 100; ++i) {
        RawClient client(port);
        const std::string mine = std::to_string(t) + "-" + std::to_string(i);
        client.send(post("/echo", mine));
        if (i % 2 == 0) continue;  // leaves at once; another gets its descriptor's number
        if (body_of(client.answer()) != mine) ++wrong;
      }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST_F(WebServer, survives_clients_that_leave) {
  const int port = start();
  {
    RawClient in_head(port), in_body(port), in_handler(port);
    in_head.send("GET /echo HTTP");
    in_body.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhel");
    in_handler.send(get("/wait"));
    barrier.wait_for(1);
  }
  while (!metrics_hold("http_connections 0")) std::this_thread::yield();
  barrier.open();
  EXPECT_EQ(status_of(RawClient(port).ask(get("/echo"))), 200);
  while (!metrics_hold("http_held_bytes 0")) std::this_thread::yield();
}

TEST_F(WebServer, P13_sheds_what_the_queue_cannot_hold) {
  options.limits.workers = 1;
  options.limits.queued_requests = 1;
  const int port = start();
  RawClient running(port), queued(port), shed(port);
  running.send(get("/wait"));
  barrier.wait_for(1);
  queued.send(get("/wait"));
  while (!metrics_hold("http_queue_depth 1")) std::this_thread::yield();
  const std::string answer = shed.ask(get("/wait"));
  EXPECT_EQ(status_of(answer), 503);
  EXPECT_EQ(error_of(answer), "overloaded");
  EXPECT_EQ(header_of(answer, "Retry-After"), "1");
  barrier.open();
  EXPECT_EQ(status_of(running.answer()), 200);
  EXPECT_EQ(status_of(queued.answer()), 200);
  EXPECT_EQ(status_of(shed.ask(get("/wait"))), 200);
}

TEST_F(WebServer, runs_nothing_for_clients_that_left_while_queued) {
  options.limits.workers = 1;
  const int port = start();
  RawClient running(port);
  running.send(get("/wait"));
  barrier.wait_for(1);
  {
    RawClient queued(port);
    queued.send(get("/wait"));
    while (!metrics_hold("http_queue_depth 1")) std::this_thread::yield();
  }
  while (!metrics_hold("http_connections 1")) std::this_thread::yield();
  barrier.open();
  EXPECT_EQ(status_of(running.answer()), 200);
  EXPECT_EQ(status_of(running.ask(get("/echo"))), 200);  // behind the queued one
  EXPECT_EQ(finished, 1);
}

TEST_F(WebServer, H7_holds_no_more_bodies_than_it_may) {
  options.limits.held_bytes = 1000;
  const int port = start();
  const std::string half =
      "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 900\r\n\r\n" + std::string(600, 'a');
  RawClient first(port), second(port);
  first.send(half);
  while (!metrics_hold("http_held_bytes 600")) std::this_thread::yield();
  EXPECT_EQ(status_of(second.ask(half)), 503);
  first.leave();
  while (!metrics_hold("http_held_bytes 0")) std::this_thread::yield();
  EXPECT_EQ(status_of(RawClient(port).ask(post("/echo", std::string(600, 'a')))), 200);
}

TEST_F(WebServer, H7_admits_only_so_many_connections) {
  options.limits.connections = 2;
  const int port = start();
  RawClient one(port), two(port);
  EXPECT_EQ(status_of(one.ask(get("/echo"))), 200);
  EXPECT_EQ(status_of(two.ask(get("/echo"))), 200);
  EXPECT_EQ(status_of(RawClient(port).answer()), 503);
  one.leave();
  while (!metrics_hold("http_connections 1")) std::this_thread::yield();
  EXPECT_EQ(status_of(RawClient(port).ask(get("/echo"))), 200);
}

TEST_F(WebServer, H7_admits_only_so_many_connections_of_one_address_unless_it_is_a_proxy) {
  options.limits.connections_per_address = 1;
  {
    const int port = start();
    RawClient one(port);
    EXPECT_EQ(status_of(one.ask(get("/echo"))), 200);
    EXPECT_EQ(status_of(RawClient(port).answer()), 503);
  }
  options.trusted_proxies = {"127.0.0.0/8"};
  const int port = start();
  RawClient one(port), two(port);
  EXPECT_EQ(status_of(one.ask(get("/echo"))), 200);
  EXPECT_EQ(status_of(two.ask(get("/echo"))), 200);
}

TEST_F(WebServer, lets_running_handlers_finish_when_it_drains) {
  const int port = start();
  RawClient running(port), idle(port);
  EXPECT_EQ(status_of(idle.ask(get("/echo"))), 200);
  running.send(get("/wait"));
  barrier.wait_for(1);
  std::thread draining([&] { server->drain(std::chrono::seconds(20)); });
  EXPECT_TRUE(idle.is_closed());
  EXPECT_FALSE(RawClient(port).is_connected());
  barrier.open();
  const std::string answer = running.answer();
  EXPECT_EQ(body_of(answer), "waited");
  EXPECT_EQ(header_of(answer, "Connection"), "close");
  EXPECT_TRUE(running.is_closed());
  draining.join();
  server->drain(std::chrono::seconds(20));  // again changes nothing
}

TEST_F(WebServer, stops_waiting_for_handlers_at_the_deadline) {
  RawClient client(start());
  client.send(get("/wait"));
  barrier.wait_for(1);
  server->drain(std::chrono::milliseconds(20));
  EXPECT_TRUE(client.is_closed());
  EXPECT_EQ(server->running_handlers(), 1u);
}

TEST_F(WebServer, says_that_a_port_is_taken) {
  options.port = start();
  Server second(options, {}, metrics);
  const Result<int> port = second.start();
  ASSERT_FALSE(port);
  EXPECT_NE(port.error().message.find(std::to_string(options.port)), std::string::npos);
}

TEST_F(WebServer, starts_and_stops_at_once) {
  for (int i = 0; i < 50; ++i) {
    start();
    server.reset();
  }
}

}  // namespace
}  // namespace switchyard
