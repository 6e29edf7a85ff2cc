#include "base/id.h"

#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <thread>
#include <vector>

namespace switchyard {
namespace {

constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

std::uint64_t milliseconds_in(const std::string& id) {
  std::uint64_t ms = 0;
  for (const char c : id.substr(id.find('_') + 1, 10)) ms = ms * 32 + alphabet.find(c);
  return ms;
}

std::uint64_t now_ms() {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(
                                        std::chrono::system_clock::now().time_since_epoch())
                                        .count());
}

TEST(Id, is_a_prefix_and_a_ulid) {
  const std::string id = new_id("pay");
  EXPECT_EQ(id.size(), 4 + 26u);
  EXPECT_TRUE(is_id(id, "pay")) << id;
}

TEST(Id, begins_with_the_present_millisecond) {
  const std::uint64_t before = now_ms();
  const std::string id = new_id("pay");
  // A thread that makes many ids in one millisecond never runs ahead of the clock.
  EXPECT_GE(milliseconds_in(id), before);
  EXPECT_LE(milliseconds_in(id), now_ms());
}

TEST(Id, ascends_within_a_thread) {
  std::string last = new_id("evt");
  for (int i = 0; i < 20'000; ++i) {
    const std::string next = new_id("evt");
    ASSERT_LT(last, next);
    last = next;
  }
}

// The last 60 bits.
std::uint64_t ending_of(const std::string& id) {
  std::uint64_t bits = 0;
  for (const char c : id.substr(id.size() - 12)) bits = bits * 32 + alphabet.find(c);
  return bits;
}

TEST(Id, C7_cannot_be_guessed_from_its_neighbour) {
  // Most neighbours are of one millisecond; no two steps from one to the next are alike.
  std::set<std::uint64_t> steps;
  std::uint64_t last = ending_of(new_id("evt"));
  for (int i = 0; i < 2'000; ++i) {
    const std::uint64_t next = ending_of(new_id("evt"));
    steps.insert(next - last);
    last = next;
  }
  EXPECT_EQ(steps.size(), 2'000u);
}

TEST(Id, is_given_once_whatever_the_threads) {
  constexpr int each = 5'000;
  std::vector<std::vector<std::string>> made(4);
  std::vector<std::thread> threads;
  for (auto& ids : made) {
    threads.emplace_back([&ids] {
      for (int i = 0; i < each; ++i) ids.push_back(new_id("dlv"));
    });
  }
  for (auto& thread : threads) thread.join();
  std::set<std::string> all;
  for (const auto& ids : made) all.insert(ids.begin(), ids.end());
  EXPECT_EQ(all.size(), made.size() * each);
}

TEST(Id, is_recognized_by_prefix_length_and_alphabet) {
  const std::string good = "pay_01ARZ3NDEKTSV4RRFFQ69G5FAV";
  EXPECT_TRUE(is_id(good, "pay"));
  EXPECT_TRUE(is_id("pay_" + std::string(alphabet.substr(0, 26)), "pay"));
  EXPECT_TRUE(is_id("pay_" + std::string(alphabet.substr(6)), "pay"));
  EXPECT_FALSE(is_id(good, "att"));
  EXPECT_FALSE(is_id(good, "pa"));
  EXPECT_FALSE(is_id(good + "0", "pay"));
  EXPECT_FALSE(is_id(good.substr(0, good.size() - 1), "pay"));
  EXPECT_FALSE(is_id("pay-01ARZ3NDEKTSV4RRFFQ69G5FAV", "pay"));
  EXPECT_FALSE(is_id("", "pay"));
  for (const char wrong : {'I', 'L', 'O', 'U', 'a', 'v', '-', ' ', '\n', '\0', '/', ':'}) {
    std::string bad = good;
    bad[10] = wrong;
    EXPECT_FALSE(is_id(bad, "pay")) << static_cast<int>(wrong);
  }
}

TEST(Id, K7_uuids_are_random_version_4_in_lower_case) {
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) {
    const std::string uuid = new_uuid();
    ASSERT_EQ(uuid.size(), 36u);
    for (std::size_t place = 0; place < uuid.size(); ++place) {
      const bool is_dash = place == 8 || place == 13 || place == 18 || place == 23;
      const std::string allowed = is_dash ? "-" : "0123456789abcdef";
      ASSERT_NE(allowed.find(uuid[place]), std::string::npos) << uuid;
    }
    EXPECT_EQ(uuid[14], '4');
    EXPECT_NE(std::string("89ab").find(uuid[19]), std::string::npos) << uuid;
    seen.insert(uuid);
  }
  EXPECT_EQ(seen.size(), 200u);
}

}  // namespace
}  // namespace switchyard
