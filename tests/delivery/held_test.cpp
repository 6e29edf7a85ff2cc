#include "delivery/held.h"

#include <gtest/gtest.h>

namespace switchyard {
namespace {

using namespace std::chrono_literals;

const HeldDeliveries::Instant noon{};
const HeldDeliveries::Instant later = noon + 1h;

ClaimedDelivery delivery(const std::string& id, const std::string& endpoint = "we_1",
                         std::int64_t token = 1) {
  return {.id = id, .event_id = "evt_1", .endpoint_id = endpoint, .lease_token = token};
}

std::vector<ClaimedDelivery> several(int count, const std::string& endpoint = "we_1") {
  std::vector<ClaimedDelivery> list;
  for (int i = 0; i < count; ++i)
    list.push_back(delivery(endpoint + "_" + std::to_string(i), endpoint));
  return list;
}

SendOutcome answered(int status) {
  return {.transport = Transport::answered, .response = {.status = status}};
}

int room_of(const HeldDeliveries& held, const std::string& endpoint) {
  for (const auto& [id, room] : held.wanted().room)
    if (id == endpoint) return room;
  return held.wanted().most_per_endpoint;
}

// Sends all that may be sent and answers it.
std::size_t answer_all(HeldDeliveries& held, int status) {
  const auto sent = held.take_sendable(noon);
  for (const ClaimedDelivery& each : sent) held.answer(each, answered(status), {});
  held.forget(held.take_answered());
  return sent.size();
}

}  // namespace

TEST(HeldDeliveries, give_an_endpoint_a_quarter_of_the_slots) {
  HeldDeliveries held(16, 400);
  held.add(several(10, "we_1"), later);
  held.add(several(10, "we_2"), later);
  EXPECT_EQ(held.take_sendable(noon).size(), 8u);
  EXPECT_EQ(held.take_sendable(noon).size(), 0u);
}

TEST(HeldDeliveries, never_send_more_than_there_are_slots) {
  HeldDeliveries held(4, 400);
  for (const char* endpoint : {"we_1", "we_2", "we_3", "we_4", "we_5", "we_6"})
    held.add(several(3, endpoint), later);
  EXPECT_EQ(held.take_sendable(noon).size(), 4u);
}

TEST(HeldDeliveries, give_the_next_its_turn_when_one_is_answered) {
  HeldDeliveries held(4, 400);
  held.add(several(2), later);
  const auto first = held.take_sendable(noon);
  ASSERT_EQ(first.size(), 1u);
  held.answer(first[0], answered(200), {});
  const auto second = held.take_sendable(noon);
  ASSERT_EQ(second.size(), 1u);
  EXPECT_EQ(first[0].id, "we_1_0");
  EXPECT_EQ(second[0].id, "we_1_1");
}

TEST(HeldDeliveries, leave_an_endpoint_that_fails_one_slot_and_give_them_back_bit_by_bit) {
  HeldDeliveries held(64, 400);
  held.add(several(16), later);
  EXPECT_EQ(answer_all(held, 500), 16u);
  held.add(several(64), later);
  EXPECT_EQ(answer_all(held, 200), 1u);
  std::vector<std::size_t> sent;
  for (int i = 0; i < 9; ++i) sent.push_back(answer_all(held, 200));
  EXPECT_EQ(sent.front(), 1u);
  EXPECT_EQ(sent.back(), 16u);
  EXPECT_TRUE(std::is_sorted(sent.begin(), sent.end()));
}

TEST(HeldDeliveries, claim_no_more_than_an_endpoint_can_be_sent_soon) {
  HeldDeliveries held(16, 400);
  EXPECT_EQ(held.wanted().most_per_endpoint, 16);
  held.add(several(10), later);
  EXPECT_EQ(room_of(held, "we_1"), 6);
  EXPECT_EQ(room_of(held, "we_2"), 16);
  held.add(several(12, "we_1"), later);
  EXPECT_EQ(room_of(held, "we_1"), 4) << "the same ones, claimed again, are not counted twice";
}

TEST(HeldDeliveries, claim_nothing_when_they_are_full) {
  HeldDeliveries held(16, 10);
  held.add(several(4, "we_1"), later);
  EXPECT_EQ(held.wanted().most, 6);
  held.add(several(6, "we_2"), later);
  EXPECT_EQ(held.wanted().most, 0);
}

TEST(HeldDeliveries, claim_nothing_for_an_endpoint_that_is_being_disabled) {
  HeldDeliveries held(16, 400);
  held.close_endpoint("we_1");
  EXPECT_EQ(room_of(held, "we_1"), 0);
  held.open_endpoint("we_1");
  EXPECT_GT(room_of(held, "we_1"), 0);
}

TEST(HeldDeliveries, drop_what_was_not_sent_before_its_lease_ran_out) {
  HeldDeliveries held(16, 400);
  held.add({delivery("dlv_1")}, noon + 5s);
  EXPECT_TRUE(held.take_sendable(noon + 5s).empty());
  EXPECT_EQ(held.count(), 0u);
}

TEST(HeldDeliveries, trust_a_lease_that_was_extended) {
  HeldDeliveries held(16, 400);
  held.add({delivery("dlv_1"), delivery("dlv_2")}, noon + 5s);
  held.extend(held.leases(), {"dlv_1"}, noon + 9s);
  const auto sent = held.take_sendable(noon + 5s);
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].id, "dlv_1");
}

TEST(HeldDeliveries, stay_held_until_they_are_marked) {
  HeldDeliveries held(16, 400);
  held.add({delivery("dlv_1")}, later);
  const auto sent = held.take_sendable(noon);
  held.answer(sent[0], answered(200), {});
  const auto answered = held.take_answered();
  EXPECT_EQ(held.leases().size(), 1u) << "its lease is still to be extended";
  held.forget(answered);
  EXPECT_TRUE(held.leases().empty());
}

TEST(HeldDeliveries, are_not_confused_by_one_that_came_back) {
  HeldDeliveries held(16, 400);
  held.add({delivery("dlv_1", "we_1", 1)}, later);
  const auto first = held.take_sendable(noon);
  held.add({delivery("dlv_1", "we_1", 2)}, later);
  held.answer(first[0], answered(500), {});
  held.forget(held.take_answered());
  ASSERT_EQ(held.leases().size(), 1u);
  EXPECT_EQ(held.leases()[0].token, 2);
  EXPECT_EQ(held.take_sendable(noon).size(), 1u);
}

TEST(HeldDeliveries, hand_back_what_was_not_sent_and_send_nothing_more) {
  HeldDeliveries held(4, 400);
  held.add(several(3), later);
  ASSERT_EQ(held.take_sendable(noon).size(), 1u);
  EXPECT_EQ(held.stop_sending().size(), 2u);
  EXPECT_TRUE(held.take_sendable(noon).empty());
  EXPECT_EQ(held.wanted().most, 0);
  EXPECT_EQ(held.under_way(), 1u);
}

TEST(HeldDeliveries, count_throttles_in_a_row) {
  HeldDeliveries held(64, 400);
  for (const int status : {429, 502, 200, 504}) {
    held.add({delivery("dlv_" + std::to_string(status))}, later);
    held.answer(held.take_sendable(noon).at(0), answered(status), {});
  }
  std::vector<int> in_a_row;
  for (const Answered& each : held.take_answered()) in_a_row.push_back(each.throttles_in_a_row);
  EXPECT_EQ(in_a_row, (std::vector{1, 2, 0, 1}));
}

}  // namespace switchyard
