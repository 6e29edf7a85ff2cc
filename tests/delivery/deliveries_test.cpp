// store/deliveries, with the database that decides what is due.
#include "store/deliveries.h"

#include <set>

#include "tests/delivery/shop.h"

namespace switchyard::testing {
namespace {

using namespace std::chrono_literals;

std::vector<ClaimedDelivery> claim(Shop& shop, const ClaimRequest& request = {}) {
  const auto claimed = claim_deliveries(shop.database, shop.sealer, request);
  EXPECT_TRUE(claimed);
  return claimed.value_or(std::vector<ClaimedDelivery>{});
}

std::set<std::string> events_of(const std::vector<ClaimedDelivery>& claimed) {
  std::set<std::string> ids;
  for (const ClaimedDelivery& each : claimed) ids.insert(each.event_id);
  return ids;
}

DeliveryTry try_of(const ClaimedDelivery& delivery, DeliveryTry::Next next,
                   std::chrono::milliseconds again_in = 0ms) {
  return {.lease = {delivery.id, delivery.lease_token},
          .endpoint_id = delivery.endpoint_id,
          .number = delivery.tries + 1,
          .next = next,
          .again_in = again_in,
          .url = delivery.url,
          .at = from_unix_seconds(1'790'000'000)};
}

int mark(Shop& shop, const DeliveryTry& made) {
  return mark_deliveries(shop.database, {made}).value_or(-1);
}

using Next = DeliveryTry::Next;

}  // namespace

TEST(Deliveries, are_claimed_with_all_that_sending_needs) {
  Shop shop;
  const std::string endpoint = shop.add_endpoint("https://shop.example/hooks");
  const std::string event = shop.emit("pay_1", 1);
  const auto claimed = claim(shop);
  ASSERT_EQ(claimed.size(), 1u);
  EXPECT_EQ(claimed[0].event_id, event);
  EXPECT_EQ(claimed[0].endpoint_id, endpoint);
  EXPECT_EQ(claimed[0].url, "https://shop.example/hooks");
  EXPECT_EQ(claimed[0].secret, Secret(shop_secret));
  EXPECT_EQ(text_at(parse_json(claimed[0].body), "id"), event);
  EXPECT_EQ(claimed[0].tries, 0);
}

TEST(Deliveries, are_claimed_once_while_the_lease_lasts) {
  Shop shop;
  shop.add_endpoint("https://shop.example");
  shop.emit();
  EXPECT_EQ(claim(shop).size(), 1u);
  EXPECT_TRUE(claim(shop).empty());
  EXPECT_FALSE(*has_due_deliveries(shop.database));
}

TEST(Deliveries, are_claimed_again_under_another_token_when_the_lease_is_over) {
  Shop shop;
  shop.add_endpoint("https://shop.example");
  shop.emit();
  const auto first = claim(shop, {.lease = 0ms});
  const auto second = claim(shop, {.lease = 0ms});
  ASSERT_EQ(second.size(), 1u);
  EXPECT_GT(second[0].lease_token, first[0].lease_token);
  EXPECT_EQ(second[0].body, first[0].body);
}

TEST(Deliveries, obey_only_who_holds_the_lease) {
  Shop shop;
  shop.add_endpoint("https://shop.example");
  shop.emit();
  const auto stale = claim(shop, {.lease = 0ms});
  const auto fresh = claim(shop);
  EXPECT_EQ(mark(shop, try_of(stale[0], Next::give_up)), 0);
  EXPECT_EQ(shop.ask("SELECT status || ' ' || tries FROM deliveries"), "pending 0");
  EXPECT_EQ(shop.ask("SELECT count(*) FROM delivery_tries"), "1") << "it was made all the same";
  EXPECT_TRUE(extend_leases(shop.database, {{stale[0].id, stale[0].lease_token}}, 5s)->empty());
  EXPECT_EQ(mark(shop, try_of(fresh[0], Next::succeeded)), 1);
  EXPECT_EQ(mark(shop, try_of(fresh[0], Next::give_up)), 0) << "what is finished stays so";
  EXPECT_EQ(shop.ask("SELECT status || ' ' || (finished_at IS NOT NULL) FROM deliveries"),
            "succeeded true");
}

// An endpoint that is down for a day must not slow the others: what is held is found by its id.
TEST(Deliveries, that_are_held_are_found_without_reading_the_backlog) {
  Shop shop;
  shop.add_endpoint("https://shop.example");
  shop.emit();
  shop.execute(
      "INSERT INTO deliveries (id, event_id, endpoint_id, merchant_id, mode, lease_token) "
      "SELECT 'dlv_' || n, event_id, endpoint_id, merchant_id, mode, 7 FROM deliveries, "
      "generate_series(1, 5000) n");
  std::vector<HeldLease> held;
  std::vector<DeliveryTry> tries;
  for (int i = 1; i <= 64; ++i) {
    held.push_back({"dlv_" + std::to_string(i), 7});
    DeliveryTry made{.lease = held.back(), .number = 1, .next = Next::try_again};
    made.at = from_unix_seconds(1'790'000'000);
    tries.push_back(made);
  }
  const auto reads = [&] {
    shop.ask("SELECT pg_stat_force_next_flush()");
    return shop.ask(
        "SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE indexrelname = "
        "'deliveries_claim'");
  };
  Database database(shop.url, 1);
  const auto flush = [&] {
    ASSERT_TRUE(database.look([](Transaction& session) -> Result<void> {
      session.exec("SELECT pg_stat_force_next_flush()");
      return {};
    }));
  };
  const std::string before = reads();
  ASSERT_EQ(extend_leases(database, held, 5s)->size(), 64u);
  flush();
  EXPECT_EQ(reads(), before);
  ASSERT_EQ(mark_deliveries(database, tries).value_or(-1), 64);
  flush();
  EXPECT_EQ(reads(), before);
  ASSERT_TRUE(release_leases(database, held));
  flush();
  EXPECT_EQ(reads(), before);
}

TEST(Deliveries, are_given_back_by_who_holds_them) {
  Shop shop;
  shop.add_endpoint("https://shop.example");
  shop.emit();
  const auto claimed = claim(shop);
  ASSERT_TRUE(release_leases(shop.database, {{claimed[0].id, claimed[0].lease_token + 1}}));
  EXPECT_TRUE(claim(shop).empty());
  ASSERT_TRUE(release_leases(shop.database, {{claimed[0].id, claimed[0].lease_token}}));
  EXPECT_EQ(claim(shop).size(), 1u);
}

TEST(Deliveries, of_a_payment_are_claimed_one_after_the_other) {
  Shop shop;
  shop.add_endpoint("https://shop.example");
  // Written in another order than their sequence, as after a replay.
  const auto events = shop.emit_all({{"pay_1", 2}, {"pay_1", 1}, {"pay_2", 1}, {"", 0}, {"", 0}});
  const auto first = claim(shop);
  EXPECT_EQ(events_of(first), (std::set{events[1], events[2], events[3], events[4]}));
  EXPECT_TRUE(claim(shop).empty()) << "the first is not finished";
  for (const ClaimedDelivery& each : first)
    if (each.event_id == events[1]) {
      EXPECT_EQ(mark(shop, try_of(each, Next::succeeded)), 1);
    }
  EXPECT_EQ(events_of(claim(shop)), std::set{events[0]});
}

TEST(Deliveries, wait_behind_one_whose_lease_has_run_out) {
  Shop shop;
  shop.add_endpoint("https://shop.example");
  const auto events = shop.emit_all({{"pay_1", 1}, {"pay_1", 2}});
  EXPECT_EQ(events_of(claim(shop, {.lease = 0ms})), std::set{events[0]});
  EXPECT_EQ(events_of(claim(shop, {.lease = 0ms})), std::set{events[0]});
}

TEST(Deliveries, of_a_payment_are_claimed_together_where_order_is_not_kept) {
  Shop shop;
  shop.add_endpoint("https://shop.example", "none");
  shop.emit_all({{"pay_1", 1}, {"pay_1", 2}, {"pay_1", 3}});
  EXPECT_EQ(claim(shop).size(), 3u);
}

TEST(Deliveries, of_one_endpoint_do_not_wait_for_another) {
  Shop shop;
  shop.add_endpoint("https://one.example");
  shop.add_endpoint("https://two.example");
  const auto event = shop.emit("pay_1", 1);
  EXPECT_EQ(claim(shop, {.most = 1}).size(), 1u);
  shop.emit("pay_1", 2);
  EXPECT_EQ(events_of(claim(shop)), std::set{event});
}

TEST(Deliveries, in_line_wait_with_the_one_that_is_tried_again_and_go_when_it_is_finished) {
  Shop shop;
  shop.add_endpoint("https://shop.example");
  const auto events = shop.emit_all({{"pay_1", 1}, {"pay_1", 2}});
  auto head = claim(shop);
  mark(shop, try_of(head[0], Next::try_again, 1h));
  EXPECT_FALSE(*has_due_deliveries(shop.database)) << "else every claim would look at them again";
  shop.execute("UPDATE deliveries SET due_at = now() WHERE event_id = '" + events[0] + "'");
  head = claim(shop);
  ASSERT_EQ(events_of(head), std::set{events[0]});
  EXPECT_EQ(head[0].tries, 1);
  mark(shop, try_of(head[0], Next::succeeded));
  EXPECT_EQ(events_of(claim(shop)), std::set{events[1]});
}

TEST(Deliveries, are_shared_out_by_endpoint) {
  Shop shop;
  const std::string one = shop.add_endpoint("https://one.example");
  const std::string two = shop.add_endpoint("https://two.example");
  const std::string three = shop.add_endpoint("https://three.example");
  for (int i = 0; i < 5; ++i) shop.emit();
  std::map<std::string, int> counts;
  for (const auto& each : claim(shop, {.most_per_endpoint = 3, .room = {{one, 0}, {two, 4}}}))
    ++counts[each.endpoint_id];
  EXPECT_EQ(counts, (std::map<std::string, int>{{two, 4}, {three, 3}}));
  EXPECT_EQ(claim(shop, {.most = 2}).size(), 2u);
}

TEST(Deliveries, wait_for_the_first_gap_before_their_first_try) {
  Shop shop;
  shop.add_endpoint("https://shop.example");
  shop.emit();
  EXPECT_TRUE(claim(shop, {.first_gap = 1h}).empty());
  EXPECT_EQ(claim(shop, {.first_gap = 0ms}).size(), 1u);
}

TEST(Deliveries, of_a_resting_or_deleted_endpoint_are_left_alone) {
  Shop shop;
  shop.add_endpoint("https://shop.example");
  shop.emit();
  shop.emit();
  const auto claimed = claim(shop, {.most = 1});
  DeliveryTry made = try_of(claimed[0], Next::try_again);
  made.endpoint_rests = 1h;
  mark(shop, made);
  EXPECT_TRUE(claim(shop).empty());
  shop.execute("UPDATE endpoints SET resume_at = now()");
  EXPECT_EQ(claim(shop, {.lease = 0ms}).size(), 2u);
  shop.execute("UPDATE endpoints SET is_deleted = true");
  EXPECT_TRUE(claim(shop).empty());
}

TEST(Deliveries, whose_secret_no_key_of_ours_opens_do_not_stop_the_others) {
  Shop shop;
  shop.add_endpoint("https://shop.example");
  shop.emit();
  shop.execute("UPDATE endpoints SET sealed_secret = 'AAAA'");
  const auto claimed = claim(shop);
  ASSERT_EQ(claimed.size(), 1u);
  EXPECT_TRUE(claimed[0].secret.is_empty());
}

TEST(Deliveries, are_counted_as_undelivered_whatever_holds_them_back) {
  Shop shop;
  const std::string id = shop.add_endpoint("https://shop.example");
  EXPECT_EQ(count_undelivered(shop.database)->oldest_age_sec, 0);
  for (int i = 0; i < 3; ++i) shop.emit();
  const auto claimed = claim(shop, {.most = 2});
  mark(shop, try_of(claimed[0], Next::give_up));
  mark(shop, try_of(claimed[1], Next::succeeded));
  shop.execute(
      "UPDATE deliveries SET created_at = created_at - interval '1 hour' WHERE status = 'failed'");
  shop.execute("UPDATE endpoints SET status = 'disabled', resume_at = now() + interval '1 hour'");
  const auto counted = count_undelivered(shop.database);
  EXPECT_EQ(counted->pending, 1);
  EXPECT_EQ(counted->given_up, 1);
  EXPECT_GE(counted->oldest_age_sec, 3'600);
  EXPECT_TRUE(*took_any_since(shop.database, id, Time{}));
  EXPECT_FALSE(*took_any_since(shop.database, id, shop.clock.now() + 1h));
}

}  // namespace switchyard::testing
