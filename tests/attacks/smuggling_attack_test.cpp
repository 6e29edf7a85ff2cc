// Requests that two readers could end at different places, sent through a real proxy: if front and
// back ever disagreed, the back would read one request more than the front passed on, and the next
// client would get the answer to it.
#include <thread>

#include "tests/attacks/target.h"
#include "tests/attacks/wire_bytes.h"
#include "tests/support/proxy.h"
#include "tests/web/malformed_requests.h"

namespace switchyard::testing {
namespace {

using namespace std::chrono_literals;

const std::string post_line = "POST /v1/payments HTTP/1.1\r\nHost: shop.example\r\n";

std::string smuggled(const std::string& mark) {
  return "GET /v1/payments/" + mark + " HTTP/1.1\r\nHost: shop.example\r\nRequest-Id: " + mark +
         "\r\nConnection: close\r\n\r\n";
}
std::string hex(std::size_t number) {
  char text[32];
  std::snprintf(text, sizeof text, "%zx", number);
  return text;
}
std::string chunk(const std::string& content) {
  return hex(content.size()) + "\r\n" + content + "\r\n";
}
const std::string last_chunk = "0\r\n\r\n";

struct Ambiguous {
  std::string name;
  std::function<std::string(const std::string& hidden)> bytes;  // with another request inside
};

// The two tables of what is refused, each entry with a request behind it: at once, behind as many
// bytes as most of them announce, and behind what would end a body in chunks.
void add_tables(std::vector<Ambiguous>& all) {
  const auto add = [&](const std::string& name, const std::string& bytes) {
    if (!name.starts_with("H2") && !name.starts_with("H3") && !name.starts_with("H4")) return;
    for (const std::string& between : {std::string(), std::string("hello"), last_chunk})
      all.push_back({name + " and " + (between.empty() ? "nothing" : between),
                     [=](const std::string& hidden) { return bytes + between + hidden; }});
  };
  for (const Bytes& each : all_bytes) add(each.name, each.bytes);
  for (const auto& each : malformed::cases) add(each.name, each.bytes);
}

// Whoever obeys both, or the other one, finds the hidden request behind the body's end.
void add_codings(std::vector<Ambiguous>& all) {
  for (const std::string coding : {"Transfer-Encoding: chunked",
                                   "Transfer-Encoding:chunked",
                                   "TRANSFER-ENCODING: CHUNKED",
                                   "Transfer-Encoding : chunked",
                                   "Transfer-Encoding\t: chunked",
                                   "Transfer-Encoding:\tchunked",
                                   "Transfer-Encoding:\vchunked",
                                   "Transfer-Encoding: \x01"
                                   "chunked",
                                   "Transfer-Encoding: xchunked",
                                   "Transfer-Encoding: \"chunked\"",
                                   "Transfer-Encoding: chunked, identity",
                                   "Transfer-Encoding: identity, chunked",
                                   "Transfer-Encoding: chunked, chunked",
                                   "Transfer-Encoding: gzip, chunked",
                                   "Transfer-Encoding: chunked;a=b",
                                   "Transfer-Encoding: identity",
                                   "Transfer-Encoding:\r\n chunked",
                                   "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
                                   "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked",
                                   "Transfer_Encoding: chunked",
                                   "X-A: b\nTransfer-Encoding: chunked",
                                   "X-A: b\rTransfer-Encoding: chunked",
                                   "Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked"}) {
    all.push_back({coding + ", length of all", [=](const std::string& hidden) {
                     const std::string body = last_chunk + hidden;
                     return post_line + "Content-Length: " + std::to_string(body.size()) + "\r\n" +
                            coding + "\r\n\r\n" + body;
                   }});
    all.push_back({coding + ", length of a chunk's first line", [=](const std::string& hidden) {
                     const std::string body = chunk(hidden) + last_chunk;
                     return post_line + coding +
                            "\r\nContent-Length: " + std::to_string(body.find('\n') + 1) +
                            "\r\n\r\n" + body;
                   }});
    all.push_back({coding + ", no length", [=](const std::string& hidden) {
                     return post_line + coding + "\r\n\r\n" + chunk(hidden) + last_chunk;
                   }});
  }
}

// Whoever takes the length sees a body; whoever does not sees a request in its place.
void add_lengths(std::vector<Ambiguous>& all) {
  for (const std::string length : {"Content-Length: N",
                                   "Content-Length:N",
                                   "content-length: N",
                                   "Content-Length : N",
                                   "Content-Length\t: N",
                                   "Content-Length:\tN",
                                   "Content-Length:\vN",
                                   "Content-Length: +N",
                                   "Content-Length: -N",
                                   "Content-Length: 000N",
                                   "Content-Length: N ",
                                   "Content-Length: N\t",
                                   "Content-Length: Nx",
                                   "Content-Length: N, N",
                                   "Content-Length: N, 0",
                                   "Content-Length: 0, N",
                                   "Content-Length: N.0",
                                   "Content-Length: \"N\"",
                                   "Content-Length:\r\n N",
                                   "Content_Length: N",
                                   "Content-Length: N\r\nContent-Length: 0",
                                   "Content-Length: 0\r\nContent-Length: N",
                                   "Content-Length: N\r\nContent-Length: N",
                                   "X-A: b\nContent-Length: N",
                                   "X-A: b\rContent-Length: N",
                                   "Connection: Content-Length\r\nContent-Length: N",
                                   "Content-Length: N\r\nExpect: 100-continue",
                                   "Content-Length: N\r\nUpgrade: h2c",
                                   "Content-Length: N\r\nContent-Encoding: gzip"})
    for (const std::string& line :
         {post_line, std::string("GET /healthz HTTP/1.1\r\nHost: shop.example\r\n"),
          std::string("HEAD /healthz HTTP/1.1\r\nHost: shop.example\r\n"),
          std::string("POST /v1/payments HTTP/1.0\r\nHost: shop.example\r\n"
                      "Connection: keep-alive\r\n")})
      all.push_back(
          {line.substr(0, line.find("\r\n")) + " " + length, [=](const std::string& hidden) {
             std::string header = length;
             for (auto at = header.find('N'); at != std::string::npos; at = header.find('N', at))
               header.replace(at, 1, std::to_string(hidden.size()));
             return line + header + "\r\n\r\n" + hidden;
           }});
}

// A size that one reads and the other does not, and ends of bodies that are none.
void add_chunks(std::vector<Ambiguous>& all) {
  for (const std::string size : {"N", "0xN", "+N", "-N", "0N", "N ", " N", "N;a=b", "N;a=\"\r\n\"",
                                 "N\n", "N\r", "N\r\r", "1000000000000000N", "N\t", "N_", "N,0"})
    all.push_back({"a chunk of " + size, [=](const std::string& hidden) {
                     std::string line = size;
                     line.replace(line.find('N'), 1, hex(hidden.size()));
                     return post_line + "Transfer-Encoding: chunked\r\n\r\n" + line + "\r\n" +
                            hidden + "\r\n" + last_chunk;
                   }});
  for (const std::string end :
       {"5\r\nhello\r\n0\r\n\r\n", "5\r\nhello\r\n0\r\n\n", "5\r\nhello\r\n0\n\r\n",
        "5\r\nhello\r\n0\n\n", "5\r\nhello\n0\r\n\r\n", "5\r\nhello0\r\n\r\n",
        "5\r\nhello\r\n0\r\nX-A: b\r\n\r\n", "5\r\nhello\r\n0\r\nContent-Length: 5\r\n\r\n",
        "5\r\nhello\r\n0;a\r\n\r\n", "5\r\nhello\r\n00\r\n\r\n", "5\r\nhello\r\n0\r\n",
        "5\r\nhelloXX0\r\n\r\n"})
    all.push_back({"chunks that end in " + end, [=](const std::string& hidden) {
                     return post_line + "Transfer-Encoding: chunked\r\n\r\n" + end + hidden;
                   }});
  // What the router refuses before it has come; some proxies do, some keep it all first.
  for (const std::string length : {"1048577", "2000000"})
    all.push_back({"a body too large, " + length, [=](const std::string& hidden) {
                     return post_line + "Content-Length: " + length + "\r\n\r\n" + hidden;
                   }});
}

std::vector<Ambiguous> all_ambiguous() {
  std::vector<Ambiguous> all;
  add_tables(all);
  add_codings(all);
  add_lengths(all);
  add_chunks(all);
  return all;
}

std::size_t count_in(const std::string& text, std::string_view what) {
  std::size_t count = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

class Smuggling : public ::testing::TestWithParam<ProxyKind> {
 protected:
  Smuggling()
      : stack_({.config = "[log]\nlevel = \"debug\"\n",
                .server_keys = "trusted_proxies = [\"127.0.0.1\"]\n"}),
        proxy_(GetParam(), port_of(stack_.url()), ProxyTls::off) {
    EXPECT_TRUE(wait_until([&] { return RawClient(proxy_.port()).is_connected(); }));
    meet_victim("first");
  }

  // How many requests the router has read, and how many the proxy has passed on to it.
  struct Counts {
    std::size_t read = 0;
    std::size_t passed = 0;
  };
  static Counts counts_in(const std::string& router, const std::string& proxy) {
    return {count_in(router, "\"http.answered\"") + count_in(router, "\"http.refused\""),
            count_in("\n" + proxy, "\nrouter ")};
  }

  // Somebody else on a connection of their own, twice: whatever waits for the next one on a
  // connection to the router comes to them. Afterwards both logs are complete.
  void meet_victim(const std::string& name) {
    RawClient client(proxy_.port());
    for (const std::string& mark : {name + "-a", name + "-b"}) {
      const std::string answer =
          client.ask("GET /v1/payments/" + mark +
                     " HTTP/1.1\r\nHost: shop.example\r\nRequest-Id: " + mark + "\r\n\r\n");
      EXPECT_EQ(header_of(answer, "Request-Id") + header_of(answer, "request-id"), mark)
          << "the answer of somebody else: " << answer;
      EXPECT_EQ(status_of(answer), 401) << answer;
    }
    EXPECT_TRUE(wait_until([&] {
      return stack_.log().find("\"" + name + "-b\"") != std::string::npos &&
             proxy_.log().find("/" + name + "-b ") != std::string::npos;
    })) << name;
  }

  // What became of these bytes and all they hold. Those behind `pause_at` come when the router may
  // have answered what was before them.
  Counts send_through(const std::string& bytes, const std::string& name,
                      std::size_t pause_at = std::string::npos) {
    const std::size_t router_before = stack_.log().size(), proxy_before = proxy_.log().size();
    {
      RawClient client(proxy_.port());
      client.send(bytes.substr(0, pause_at));
      if (pause_at < bytes.size()) {
        std::this_thread::sleep_for(10ms);
        client.send(bytes.substr(pause_at));
      }
      client.everything(100ms);
    }
    meet_victim(name);
    router_log_ = stack_.log().substr(router_before);
    proxy_log_ = proxy_.log().substr(proxy_before);
    const Counts counts = counts_in(router_log_, proxy_log_);
    return {counts.read - 2, counts.passed - 2};
  }

  Stack stack_;
  Proxy proxy_;
  std::string router_log_, proxy_log_;  // of the last bytes that were sent
};

TEST_P(Smuggling, H12_is_looked_for_by_counting_what_both_have_read) {
  const std::string plain = "GET /healthz HTTP/1.1\r\nHost: shop.example\r\n\r\n";
  Counts counts = send_through(plain, "one");
  EXPECT_EQ(counts.read, 1u);
  EXPECT_EQ(counts.passed, 1u);
  counts = send_through(plain + smuggled("seen-by-both"), "two");
  EXPECT_EQ(counts.read, 2u);
  EXPECT_EQ(counts.passed, 2u);
  EXPECT_NE(router_log_.find("\"seen-by-both\""), std::string::npos);
  EXPECT_NE(proxy_log_.find("/seen-by-both "), std::string::npos);
  counts = send_through(
      post_line + "Transfer-Encoding: chunked\r\n\r\n" + chunk(smuggled("body")) + last_chunk,
      "chunks");
  EXPECT_EQ(counts.read, 1u);
  EXPECT_EQ(counts.passed, 1u);
}

TEST_P(Smuggling, H12_never_makes_two_requests_of_one_nor_gives_an_answer_to_another_client) {
  int number = 0, reached = 0;
  for (const Ambiguous& each : all_ambiguous())
    for (const bool is_in_two : {false, true}) {
      SCOPED_TRACE(each.name + (is_in_two ? ", in two parts" : ""));
      const std::string mark = "hidden-" + std::to_string(++number);
      const std::string hidden = smuggled(mark), bytes = each.bytes(hidden);
      const Counts counts = send_through(bytes, "next-" + std::to_string(number),
                                         is_in_two ? bytes.find(hidden) : std::string::npos);
      EXPECT_LE(counts.read, counts.passed) << "the proxy said:\n"
                                            << proxy_log_ << "the router said:\n"
                                            << router_log_;
      const bool was_read = router_log_.find("\"" + mark + "\"") != std::string::npos;
      const bool was_passed =
          proxy_log_.find("GET /v1/payments/" + mark + " ") != std::string::npos;
      EXPECT_TRUE(was_passed || !was_read) << "the router read what the proxy took for a body";
      reached += counts.read > 0;
      if (HasFailure()) return;  // what follows would fail for the same reason
    }
  EXPECT_GT(number, 800);
  EXPECT_GT(reached, 20) << "the proxy lets nothing through, and this test proves nothing";
}

INSTANTIATE_TEST_SUITE_P(Behind, Smuggling, ::testing::Values(ProxyKind::nginx, ProxyKind::haproxy),
                         [](const auto& info) {
                           return info.param == ProxyKind::nginx ? "nginx" : "haproxy";
                         });

}  // namespace
}  // namespace switchyard::testing
