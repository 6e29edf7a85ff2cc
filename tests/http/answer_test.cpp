#include "http/answer.h"

#include <gtest/gtest.h>

namespace switchyard {
namespace {

using namespace std::string_literals;

// Twenty bytes of content whose last four say 258.
const std::string content = std::string(16, '\xff') + "\x02\x01\0\0"s;

std::string in_chunks_of(std::size_t size, const std::string& size_line_end) {
  std::string wire;
  for (std::size_t at = 0; at < content.size(); at += size) {
    const std::string chunk = content.substr(at, size);
    wire += "0" + std::string(1, "0123456789abcdefghijk"[chunk.size()]) + size_line_end + chunk +
            "\r\n";
  }
  return wire + "0\r\nX-Trailer: 9999\r\n\r\n";
}

TEST(GzipEnd, knows_the_length_that_the_last_four_bytes_tell) {
  GzipEnd end;
  end.read(content);
  EXPECT_TRUE(end.fits(258));
  EXPECT_FALSE(end.fits(257));
}

TEST(GzipEnd, steps_over_chunks_however_they_are_cut) {
  for (const std::size_t chunk : {1ul, 2ul, 3ul, 7ul, 15ul})
    for (const std::size_t piece : {1ul, 2ul, 5ul, 1'000ul}) {
      const std::string wire = in_chunks_of(chunk, ";name=f00\r\n");
      GzipEnd end;
      end.set_chunked();
      for (std::size_t at = 0; at < wire.size(); at += piece) end.read(wire.substr(at, piece));
      EXPECT_TRUE(end.fits(258)) << chunk << " " << piece;
    }
}

TEST(GzipEnd, takes_no_body_for_an_empty_one) {
  EXPECT_TRUE(GzipEnd().fits(0));
  EXPECT_FALSE(GzipEnd().fits(1));
}

TEST(GzipEnd, is_no_end_when_too_little_came) {
  GzipEnd end;
  end.read("\x1f\x8b\x08\0\0\0\0\0\0"s);
  EXPECT_FALSE(end.fits(0));
}

AnswerReader reader_of(const std::vector<std::string>& lines, std::size_t body_limit = 100) {
  AnswerReader answer(body_limit);
  for (const std::string& line : lines) EXPECT_TRUE(answer.read_header_line(line + "\r\n"));
  return answer;
}

TEST(AnswerReader, joins_a_header_that_goes_on_in_the_next_line) {
  AnswerReader answer = reader_of({"HTTP/1.1 200 OK", "A: one", "\ttwo", "B:x", ""});
  EXPECT_EQ(answer.response().headers, (Headers{{"A", "one two"}, {"B", "x"}}));
}

TEST(AnswerReader, forgets_interim_headers_and_ignores_trailers) {
  AnswerReader answer = reader_of({"HTTP/1.1 103 Early", "A: 1", "", "HTTP/1.1 201 Created", "B: 2",
                                   "", "C: 3", "HTTP/1.1 500 No", ""});
  EXPECT_TRUE(answer.is_whole());
  EXPECT_EQ(answer.response().status, 201);
  EXPECT_EQ(answer.response().headers, (Headers{{"B", "2"}}));
}

TEST(AnswerReader, is_not_whole_without_a_final_status) {
  EXPECT_FALSE(AnswerReader().is_whole());
  EXPECT_FALSE(reader_of({"HTTP/1.1 200 OK", "A: 1"}).is_whole());
  EXPECT_FALSE(reader_of({"HTTP/1.1 101 Switching Protocols", ""}).is_whole());
}

TEST(AnswerReader, counts_the_body_to_its_limit) {
  AnswerReader answer = reader_of({"HTTP/1.1 200 OK", ""}, 4);
  EXPECT_TRUE(answer.read_body("ab"));
  EXPECT_TRUE(answer.read_body("cd"));
  EXPECT_EQ(answer.response().body, "abcd");
  EXPECT_FALSE(answer.read_body("e"));
  EXPECT_EQ(answer.problem(), "the answer was longer than 4 bytes");
}

TEST(AnswerReader, counts_headers_to_their_limits) {
  AnswerReader many = reader_of({"HTTP/1.1 200 OK"});
  int taken = 0;
  while (many.read_header_line("a:\r\n")) ++taken;
  EXPECT_EQ(taken, 256);
  AnswerReader large;
  EXPECT_TRUE(large.read_header_line("A: " + std::string(65'531, 'x') + "\r\n"));
  EXPECT_FALSE(large.read_header_line("\r\n"));
}

}  // namespace
}  // namespace switchyard
