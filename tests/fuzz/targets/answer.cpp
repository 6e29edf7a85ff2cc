// An answer as it comes over a connection: kept below its limits however it was split. An input is
// header lines, an empty line and what follows; "~" in front says that it came in chunks.
#include "http/answer.h"

#include "../fuzz.h"

namespace switchyard {
namespace {

constexpr std::size_t body_limit = 512;

struct Outcome {
  bool is_whole = false;
  bool is_stopped = false;
  HttpResponse response = {};

  bool operator==(const Outcome&) const = default;
};

Outcome read_answer(std::string_view head, std::string_view body, std::size_t piece) {
  AnswerReader reader(body_limit);
  Outcome outcome;
  while (!head.empty() && !outcome.is_stopped)
    outcome.is_stopped = !reader.read_header_line(std::string(take_line(head)) + "\r\n");
  if (!outcome.is_stopped) outcome.is_stopped = !reader.read_header_line("\r\n");
  for (std::size_t at = 0; at < body.size() && !outcome.is_stopped; at += piece) {
    reader.read_wire(body.substr(at, piece));
    outcome.is_stopped = !reader.read_body(body.substr(at, piece));
  }
  require(reader.response().body.size() <= body_limit, "an answer is kept below its limit");
  require(outcome.is_stopped == !reader.problem().empty(), "who stops says why");
  if (outcome.is_stopped) return outcome;
  outcome.is_whole = reader.is_whole();
  require(outcome.is_whole == reader.problem().empty(), "what is not whole is a problem");
  outcome.response = reader.take();
  return outcome;
}

bool end_fits(std::string_view bytes, bool is_chunked, std::size_t piece, std::size_t plain_bytes) {
  GzipEnd end;
  if (is_chunked) end.set_chunked();
  for (std::size_t at = 0; at < bytes.size(); at += piece) end.read(bytes.substr(at, piece));
  return end.fits(plain_bytes);
}

}  // namespace

void fuzz_answer(std::string_view input) {
  const bool is_chunked = input.starts_with('~');
  if (is_chunked) input.remove_prefix(1);
  const std::size_t split = std::min(input.find("\n\n"), input.size());
  const std::string_view head = input.substr(0, split);
  const std::string_view body = input.substr(std::min(split + 2, input.size()));

  const Outcome whole = read_answer(head, body, std::max<std::size_t>(body.size(), 1));
  require(whole == read_answer(head, body, 1), "the outcome does not depend on the pieces");
  for (const std::size_t plain : {std::size_t{0}, body.size(), std::size_t{100}})
    require(end_fits(body, is_chunked, std::max<std::size_t>(body.size(), 1), plain) ==
                end_fits(body, is_chunked, 1, plain),
            "nor does what the end of a gzip stream says");
}

}  // namespace switchyard
