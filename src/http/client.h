// send(): one request to a provider or a merchant's endpoint, and one of three outcomes.
#pragma once

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <string>

#include "base/metrics.h"
#include "http/message.h"

namespace switchyard {

enum class Transport {
  answered,   // a whole HTTP response within the limits
  not_sent,   // libcurl handed no byte of the request to any connection: decided by bytes
  no_answer,  // anything else: it may have been executed
};

struct SendOutcome {
  Transport transport = Transport::no_answer;
  HttpResponse response = {};  // when answered
  std::string problem = {};    // else: what happened ("timed out after 15000 ms")
  std::string address = {};    // the address that was dialled, when one was; for the log alone:
                               // it tells an address that was refused from one that is dead
  std::chrono::microseconds took{0};
  // libcurl had sent the request before, on a kept connection that died: this is what came of the
  // second copy.
  bool is_of_second_copy = false;
};

struct SendOptions {
  std::chrono::milliseconds connect_timeout{5'000};
  std::chrono::milliseconds timeout{30'000};  // whole transfer
  std::size_t answer_bytes = 2 << 20;         // counted after decompression; beyond: no_answer
  // For a provider without idempotency keys: never a kept connection, because libcurl sends a
  // POST again by itself when one dies before the first byte of the answer.
  bool fresh_connection = false;
  // For merchants' endpoints: private, loopback and metadata addresses are not dialled, but those
  // of `allowed_networks` (CIDR). Providers' addresses come from our own configuration. An address
  // that may not be dialled, one that does not answer and a name that does not resolve all read
  // "the address could not be reached", so that nobody can explore our network by their endpoint.
  bool public_addresses_only = false;
  std::vector<std::string> allowed_networks = {};
  // https always works and is always verified. http is for loopback addresses (a sandbox, a
  // proxy on this machine); where this is set, for any address, but with `public_addresses_only`
  // for those of `allowed_networks` alone, and for none where this is not set. Decided, as above,
  // on the address of the connection, a kept one included.
  bool plain_http_allowed = false;
  // Asked on the client's thread each time a connection is ready and the first byte is about to
  // leave, also when libcurl sends again by itself: a process may have been stopped for long since
  // the decision to send. False ends the transfer; empty is always.
  std::function<bool()> may_still_leave = {};
};

// One thread drives every transfer (curl multi). Safe from any thread. Never follows redirects: a
// 3xx is answered like any other status. Never uses a proxy, netrc or cookies; TLS is always
// verified. Speaks HTTP/1.1 and offers gzip; an answer that is cut short, is compressed in another
// way, or exceeds a limit (64 KiB or 256 lines of headers, `answer_bytes`) is no_answer.
// Headers about framing (Content-Length, Transfer-Encoding) are ours to write; a request that
// brings one, or a header that cannot be written on one line, is not_sent.
class HttpClient {
 public:
  // `ca_file`: a bundle of certificates to trust in place of the system's.
  explicit HttpClient(Metrics& metrics, std::size_t max_connections_per_host = 512,
                      std::string ca_file = {});
  // Ends running transfers as no_answer (not_sent where no byte had left); their callbacks run
  // before it returns, and must not send again.
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // The callback runs on the client's thread and must not block.
  void send(HttpRequest request, SendOptions options, std::function<void(SendOutcome)> done);
  // Waits for the outcome. Never call it from the callback of another send.
  SendOutcome send(HttpRequest request, SendOptions options = {});

  std::size_t running() const;  // transfers without an outcome; above 16,384 send() is not_sent

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace switchyard
