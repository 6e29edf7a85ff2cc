#include "base/id.h"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <cstdint>

#include "base/crypto.h"

namespace switchyard {
namespace {

constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t ulid_length = 26;

// 128 bits: 48 of milliseconds, then 80 of chance.
struct Ulid {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
};

// Drawn ahead, a few ids' worth at a time: asking the generator costs more than its bytes do.
std::uint64_t random_number(std::size_t byte_count) {
  thread_local std::string ahead;
  if (ahead.size() < byte_count) ahead = random_bytes(64);
  std::uint64_t number = 0;
  for (; byte_count > 0; --byte_count) {
    number = number << 8 | static_cast<unsigned char>(ahead.back());
    ahead.pop_back();
  }
  return number;
}

std::uint64_t now_ms() {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count());
}

// Within a millisecond, or when the clock has gone back, the id is the last one plus a random
// step: it ascends, and still cannot be guessed from its neighbour.
Ulid next_ulid() {
  thread_local Ulid last;
  const std::uint64_t ms = now_ms();
  if (ms > last.high >> 16) {
    last = {ms << 16 | random_number(2), random_number(8)};
    return last;
  }
  const std::uint64_t before = last.low;
  last.low += 1 + random_number(6);
  if (last.low < before) ++last.high;
  return last;
}

std::string text_of(Ulid ulid) {
  std::string text(ulid_length, '0');
  for (auto place = text.rbegin(); place != text.rend(); ++place) {
    *place = alphabet[ulid.low & 31];
    ulid.low = ulid.low >> 5 | ulid.high << 59;
    ulid.high >>= 5;
  }
  return text;
}

}  // namespace

std::string new_id(std::string_view prefix) {
  assert(!prefix.empty());
  return std::string(prefix) + "_" + text_of(next_ulid());
}

bool is_id(std::string_view text, std::string_view prefix) {
  if (text.size() != prefix.size() + 1 + ulid_length) return false;
  if (!text.starts_with(prefix) || text[prefix.size()] != '_') return false;
  return std::ranges::all_of(text.substr(prefix.size() + 1),
                             [](char c) { return alphabet.find(c) != alphabet.npos; });
}

std::string new_uuid() {
  std::string bytes = random_bytes(16);
  bytes[6] = static_cast<char>((bytes[6] & 0x0f) | 0x40);  // version 4
  bytes[8] = static_cast<char>((bytes[8] & 0x3f) | 0x80);  // variant of RFC 9562
  std::string text = to_hex(bytes);
  for (const std::size_t place : {8, 13, 18, 23}) text.insert(place, 1, '-');
  return text;
}

}  // namespace switchyard
