// Reads one HTTP/1.1 request after another from raw bytes, strictly: what could be read in two ways
// is refused, because the proxy in front of us might read it in the other. It is fed whatever each
// read brings, keeps only what it still needs, and never holds more than its limits allow; the
// outcome does not depend on how the bytes were split. Pure: no socket, no clock, one thread.
//
// Beyond what RFC 9112 demands, it refuses tabs and other controls in header values, chunk
// extensions and trailers, transfer codings other than "chunked", upgrades (h2c among them),
// Content-Encoding, and empty lines before a request line. HTTP/1.0 is read, for proxies that speak
// it, and never kept alive.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "web/message.h"
#include "web/refusal.h"

namespace switchyard {

struct GateLimits {
  std::size_t target_bytes = 8 << 10;   // the request line, then 414
  std::size_t header_bytes = 32 << 10;  // all header lines together, then 431
  std::size_t header_count = 100;       // then 431
  std::size_t body_bytes = 1 << 20;     // then 413
};

class Gate {
 public:
  enum class State {
    head,      // wants the request line or more header lines
    body,      // the head is well formed; wants the rest of the body
    complete,  // take() the request
    refused,   // see refusal(); nothing more is read, the connection must be closed
  };

  explicit Gate(GateLimits limits) : limits_(limits) {}

  // Takes bytes up to the end of one request and says how many. What is left over arrived before
  // the answer.
  std::size_t feed(std::string_view bytes);

  State state() const;
  bool has_begun() const { return part_ != Part::request_line || !line_.empty(); }
  const Refusal& refusal() const { return refusal_; }

  // Once per request, when its head says "Expect: 100-continue" and its body has not come yet.
  bool takes_up_expectation();
  // Whether the connection may be used again after the answer; for a complete request.
  bool is_kept_alive() const { return is_kept_alive_; }
  // Bytes of body held now.
  std::size_t held() const { return request_.body.size(); }

  // The complete request; the gate then waits for the next one. `peer`, `path_params` and
  // `request_id` are for others to fill.
  Request take();

 private:
  enum class Part {
    request_line,
    header,
    body,
    chunk_size,
    chunk,
    chunk_end,
    last_chunk_end,
    complete,
    refused,
  };

  std::size_t take_line(std::string_view bytes);
  std::size_t take_body(std::string_view bytes);
  std::size_t room_for_line() const;
  void refuse_long_line();
  void read_line(std::string_view line);
  void read_request_line(std::string_view line);
  void read_header(std::string_view line);
  void keep_header(std::string name, std::string_view value);
  void finish_head();
  void read_framing();
  void read_chunk_size(std::string_view line);
  void refuse(ErrorCode code, std::string_view reason, std::string_view message);
  void refuse(std::string_view reason, std::string_view message);

  GateLimits limits_;
  Part part_ = Part::request_line;
  std::string line_;              // the beginning of a line whose end has not come
  std::size_t header_bytes_ = 0;  // of the lines read
  std::uint64_t expected_ = 0;    // bytes of the body, or of the chunk, still to come
  bool is_http_1_0_ = false;
  bool is_kept_alive_ = true;
  bool has_expectation_ = false;
  Request request_;
  Refusal refusal_;
};

}  // namespace switchyard
