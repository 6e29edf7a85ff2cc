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
  HttpResponse response = {};     // when answered
  std::string problem = {};       // else: what happened, for the log ("timed out after 15000 ms")
  std::string address = {};       // the address that was dialled, when one was
  std::chrono::microseconds took{0};
};

struct SendOptions {
  std::chrono::milliseconds connect_timeout{5'000};
  std::chrono::milliseconds timeout{30'000};  // whole transfer
  std::size_t answer_bytes = 2 << 20;         // counted after decompression; beyond: no_answer
  // For a provider without idempotency keys: never a kept connection, because libcurl sends a
  // POST again by itself when one dies before the first byte of the answer.
  bool fresh_connection = false;
  // For merchants' endpoints: private, loopback and metadata addresses are not dialled, but those
  // of `allowed_networks` (CIDR). Providers' addresses come from our own configuration.
  bool public_addresses_only = false;
  std::vector<std::string> allowed_networks = {};
  bool plain_http_allowed = false;  // http:// URLs; https always works and is always verified
};

// One thread drives every transfer (curl multi). Safe from any thread. Never follows redirects,
// never uses a proxy, netrc or cookies; TLS is always verified.
class HttpClient {
 public:
  explicit HttpClient(Metrics& metrics, std::size_t max_connections_per_host = 512);
  ~HttpClient();  // ends running transfers as no_answer (not_sent where no byte had left)
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // The callback runs on the client's thread and must not block.
  void send(HttpRequest request, SendOptions options, std::function<void(SendOutcome)> done);
  // Waits for the outcome. Never call it from the callback of another send.
  SendOutcome send(HttpRequest request, SendOptions options = {});

  std::size_t running() const;

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace switchyard
