// An answer as it comes in: kept below its limits, and in the end known to be whole or not.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "http/message.h"

namespace switchyard {

// The end of a gzip body, read from the bytes of the connection. libcurl takes a gzip stream that
// stops anywhere for a whole one, as long as the HTTP framing is satisfied; but gzip ends with the
// length of what was packed, and that tells.
class GzipEnd {
 public:
  void set_chunked() { state_ = State::size; }
  void read(std::string_view wire_bytes);
  // True also when there was no body at all, as in an answer to HEAD.
  bool fits(std::size_t plain_bytes) const;

 private:
  enum class State { plain, size, size_end, content, content_end, done };
  void keep(std::string_view content);
  void read_size(char c);

  State state_ = State::plain;
  std::size_t chunk_bytes_ = 0;  // of the chunk being read: still to come
  std::uint64_t content_bytes_ = 0;
  std::uint32_t last_four_ = 0;  // little-endian, the latest byte on top
};

class AnswerReader {
 public:
  explicit AnswerReader(std::size_t body_limit = 0) : body_limit_(body_limit) {}

  // Each is false when a limit is exceeded; then problem() says which, and reading should stop.
  bool read_header_line(std::string_view line);
  bool read_body(std::string_view plain);  // after decompression
  void read_wire(std::string_view raw);    // the same body, before it

  // To be asked when libcurl is satisfied: whether this is a whole answer that we asked for.
  bool is_whole();
  const std::string& problem() const { return problem_; }
  const HttpResponse& response() const { return response_; }
  HttpResponse take() { return std::move(response_); }

 private:
  void start_headers(std::string_view status_line);
  void add_header(std::string_view line);
  void end_headers();
  bool refuse(std::string problem);

  std::size_t body_limit_;
  std::size_t header_bytes_ = 0;
  bool has_final_headers_ = false;
  bool is_gzip_ = false;
  GzipEnd gzip_end_;
  HttpResponse response_;
  std::string problem_;
};

}  // namespace switchyard
