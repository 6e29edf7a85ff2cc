// Long because each story of a delivery needs the same database, receiver and worker.
#include "delivery/worker.h"

#include <algorithm>
#include <atomic>
#include <future>
#include <map>
#include <set>
#include <thread>

#include "delivery/signature.h"
#include "tests/delivery/shop.h"

namespace switchyard::testing {
namespace {

using namespace std::chrono_literals;

std::string stored_body(Shop& shop, const std::string& event_id) {
  return shop.ask("SELECT body FROM events WHERE id = '" + event_id + "'");
}

// A second later at each look.
class HastyClock final : public Clock {
 public:
  Time now() const override { return from_unix_seconds(1'790'000'000 + ++looks_); }

 private:
  mutable std::atomic<int> looks_ = 0;
};

// Its delivery's status and tries, as in "succeeded 2".
std::string fate_of(Shop& shop, const std::string& event_id) {
  return shop.ask("SELECT status || ' ' || tries FROM deliveries WHERE event_id = '" + event_id +
                  "'");
}

}  // namespace

TEST(Delivery, posts_the_stored_bytes_signed_at_the_time_of_the_try) {
  Shop shop;
  Receiver receiver;
  shop.add_endpoint(receiver.url());
  const std::string event = shop.emit("pay_1", 1);
  const auto delivery = shop.deliver();
  ASSERT_TRUE(receiver.wait_for(1));
  const Received got = receiver.received().front();
  EXPECT_EQ(got.body, stored_body(shop, event));
  EXPECT_EQ(got.id(), event);
  EXPECT_TRUE(is_signed(std::vector{Secret(shop_secret)}, got.headers, got.body, shop.clock.now()));
  std::set<std::string> names;
  for (const auto& [name, value] : got.headers) names.insert(name);
  for (const char* name : {"webhook-id", "webhook-timestamp", "webhook-signature", "content-type"})
    EXPECT_TRUE(names.contains(name)) << name << " in lower case";
  EXPECT_EQ(header_of(got.headers, "content-type"), "application/json");
  EXPECT_EQ(header_of(got.headers, "user-agent"), "Switchyard/0.1");
  EXPECT_EQ(header_of(got.headers, "switchyard-hop"), "1");
  EXPECT_TRUE(shop.all_are("succeeded"));
}

TEST(Delivery, is_woken_by_a_commit_long_before_it_would_look) {
  Shop shop;
  Receiver receiver;
  shop.add_endpoint(receiver.url());
  shop.options.poll = 1h;
  shop.options.lease = 4h;
  const auto delivery = shop.deliver();
  shop.writer.on_deliveries([&] { delivery->wake(); });
  ASSERT_TRUE(shop.writer.write({.decide = [](Draft& draft) -> Result<void> {
    draft.changes.events.push_back({.id = new_id("evt"),
                                    .type = "customer.created",
                                    .merchant_id = "mer_1",
                                    .object = Json::object()});
    return {};
  }}));
  EXPECT_TRUE(receiver.wait_for(1));
  shop.let_the_writer_finish();
}

TEST(Delivery, keeps_each_try_with_what_was_answered) {
  Shop shop;
  std::atomic<int> count = 0;
  Receiver receiver([&](const Received&) {
    if (++count == 1) return Say{.status = 500, .body = std::string(5'000, 'x')};
    return Say{.status = 204};
  });
  shop.add_endpoint(receiver.url());
  const std::string event = shop.emit();
  const auto delivery = shop.deliver();
  ASSERT_TRUE(shop.all_are("succeeded"));
  EXPECT_EQ(fate_of(shop, event), "succeeded 2");
  EXPECT_EQ(shop.ask("SELECT string_agg(number || ' ' || status || ' ' || length(answer) || ' ' || "
                     "address, ', ' ORDER BY number) FROM delivery_tries"),
            "1 500 4096 127.0.0.1, 2 204 0 127.0.0.1");
}

TEST(Delivery, O12_keeps_an_answer_that_is_not_text) {
  Shop shop;
  Receiver receiver([](const Received&) { return Say{.body = std::string("a\0\xff\xc3\xa9", 5)}; });
  shop.add_endpoint(receiver.url());
  shop.emit();
  const auto delivery = shop.deliver();
  ASSERT_TRUE(shop.all_are("succeeded"));
  EXPECT_EQ(shop.ask("SELECT answer FROM delivery_tries"), "a\uFFFD\uFFFDé");
}

TEST(Delivery, repeats_the_same_bytes_and_id_with_a_signature_of_their_own) {
  Shop shop;
  std::atomic<int> count = 0;
  Receiver receiver([&](const Received&) { return Say{.status = ++count < 3 ? 503 : 200}; });
  shop.add_endpoint(receiver.url());
  shop.emit();
  const HastyClock clock;
  const Delivery delivery(shop.options, shop.database, shop.writer, shop.http, shop.sealer, clock,
                          shop.metrics);
  ASSERT_TRUE(receiver.wait_for(3));
  const auto got = receiver.received();
  std::set<std::string> timestamps;
  for (const Received& each : got) {
    EXPECT_EQ(each.id(), got[0].id());
    EXPECT_EQ(each.body, got[0].body);
    const std::string timestamp = header_of(each.headers, "webhook-timestamp");
    EXPECT_TRUE(is_signed(std::vector{Secret(shop_secret)}, each.headers, each.body,
                          from_unix_seconds(std::stoll(timestamp))));
    timestamps.insert(timestamp);
  }
  EXPECT_EQ(timestamps.size(), 3u);
}

TEST(Delivery, O6_never_follows_a_redirect) {
  Shop shop;
  Receiver elsewhere;
  Receiver receiver([&](const Received&) {
    return Say{.status = 307, .headers = "location: " + elsewhere.url() + "\r\n"};
  });
  shop.options.schedule = {0s, 0s};
  shop.add_endpoint(receiver.url());
  const std::string event = shop.emit();
  const auto delivery = shop.deliver();
  ASSERT_TRUE(shop.all_are("failed"));
  EXPECT_EQ(fate_of(shop, event), "failed 2");
  EXPECT_EQ(elsewhere.connections(), 0u);
}

TEST(Delivery, keeps_a_payments_events_in_order_through_failures) {
  Shop shop;
  std::mutex mutex;
  std::map<std::string, int> tries;
  std::vector<std::string> accepted;
  Receiver receiver([&](const Received& got) {
    const std::lock_guard lock(mutex);
    // Each event of this payment fails twice before it is taken.
    if (++tries[got.id()] <= 2) return Say{.status = 500};
    accepted.push_back(got.id());
    return Say{};
  });
  shop.add_endpoint(receiver.url());
  const auto events = shop.emit_all({{"pay_1", 1}, {"pay_1", 2}, {"pay_1", 3}, {"pay_1", 4}});
  const auto delivery = shop.deliver();
  ASSERT_TRUE(shop.all_are("succeeded"));
  EXPECT_EQ(accepted, events);
}

TEST(Delivery, lets_other_payments_pass_one_that_fails) {
  Shop shop;
  Receiver receiver([&](const Received& got) {
    return Say{.status = got.body.find("\"sequence\":1,") != std::string::npos ? 500 : 200};
  });
  shop.options.schedule = {0s, 1h};
  shop.add_endpoint(receiver.url());
  const auto events = shop.emit_all({{"pay_1", 1}, {"pay_1", 2}, {"pay_2", 7}});
  const auto delivery = shop.deliver();
  EXPECT_TRUE(shop.becomes("SELECT count(*) FROM delivery_tries", "2"));
  EXPECT_EQ(fate_of(shop, events[0]), "pending 1");
  EXPECT_EQ(fate_of(shop, events[1]), "pending 0") << "it waits behind the first";
  EXPECT_TRUE(shop.becomes("SELECT status FROM deliveries WHERE event_id = '" + events[2] + "'",
                           "succeeded"));
}

TEST(Delivery, goes_on_after_the_events_that_it_gave_up) {
  Shop shop;
  Receiver receiver([&](const Received& got) {
    return Say{.status = got.body.find("\"sequence\":2,") != std::string::npos ? 500 : 200};
  });
  shop.options.schedule = {0s, 0s};
  const std::string endpoint = shop.add_endpoint(receiver.url());
  const auto events = shop.emit_all({{"pay_1", 1}, {"pay_1", 2}, {"pay_1", 3}});
  const auto delivery = shop.deliver();
  EXPECT_TRUE(shop.becomes("SELECT string_agg(status, ' ' ORDER BY id) FROM deliveries",
                           "succeeded failed succeeded"));
  EXPECT_TRUE(shop.endpoint(endpoint).is_enabled);
}

TEST(Delivery, disables_an_endpoint_that_says_gone_and_tells_the_others) {
  Shop shop;
  Receiver gone([](const Received&) { return Say{.status = 410}; });
  Receiver well;
  const std::string endpoint = shop.add_endpoint(gone.url());
  shop.add_endpoint(well.url());
  shop.options.schedule = {0s, 1h, 1h};
  const std::string event = shop.emit();
  const auto delivery = shop.deliver();
  shop.writer.on_deliveries([&] { delivery->wake(); });
  ASSERT_TRUE(well.wait_for(2));
  EXPECT_FALSE(shop.endpoint(endpoint).is_enabled);
  EXPECT_EQ(shop.endpoint(endpoint).disabled_reason, "The endpoint answered 410 Gone.");
  const Json told = parse_json(well.received()[1].body);
  EXPECT_EQ(text_at(told, "type"), "endpoint.disabled");
  EXPECT_EQ(text_at(told, "data.object.id"), endpoint);
  EXPECT_EQ(text_at(told, "data.object.status"), "disabled");
  EXPECT_EQ(well.received()[1].body.find("whsec_"), std::string::npos);
  EXPECT_EQ(gone.received().size(), 1u);
  EXPECT_EQ(shop.ask("SELECT status FROM deliveries WHERE endpoint_id = '" + endpoint + "'"),
            "pending")
      << "it is delivered when the endpoint is enabled again";
  shop.let_the_writer_finish();
}

TEST(Delivery, disables_an_endpoint_that_took_nothing_while_tries_were_spent) {
  Shop shop;
  Receiver receiver([](const Received&) { return Say{.status = 500}; });
  const std::string endpoint = shop.add_endpoint(receiver.url());
  shop.options.schedule = {0s, 0s, 0s};
  const std::string event = shop.emit();
  const auto delivery = shop.deliver();
  ASSERT_TRUE(shop.becomes("SELECT status FROM endpoints", "disabled"));
  EXPECT_EQ(fate_of(shop, event), "failed 3");
  EXPECT_EQ(shop.ask("SELECT count(*) FROM events WHERE type = 'endpoint.disabled'"), "1");
}

TEST(Delivery, does_not_send_to_a_disabled_endpoint_until_it_is_enabled) {
  Shop shop;
  Receiver receiver;
  const std::string id = shop.add_endpoint(receiver.url());
  shop.emit();
  Endpoint endpoint = shop.endpoint(id);
  endpoint.is_enabled = false;
  shop.save(endpoint);
  EXPECT_FALSE(*has_due_deliveries(shop.database));
  EXPECT_TRUE(claim_deliveries(shop.database, shop.sealer, {})->empty());
  endpoint.is_enabled = true;
  shop.save(endpoint);
  const auto delivery = shop.deliver();
  EXPECT_TRUE(shop.all_are("succeeded"));
}

TEST(Delivery, waits_as_long_as_retry_after_asks) {
  Shop shop;
  Receiver receiver(
      [](const Received&) { return Say{.status = 503, .headers = "retry-after: 600\r\n"}; });
  shop.add_endpoint(receiver.url());
  shop.emit();
  const auto delivery = shop.deliver();
  ASSERT_TRUE(shop.becomes("SELECT count(*) FROM delivery_tries", "1"));
  EXPECT_EQ(
      shop.ask(
          "SELECT due_at - now() BETWEEN interval '9 min' AND interval '10 min' FROM deliveries"),
      "t");
  EXPECT_TRUE(shop.ask("SELECT resume_at > now() FROM endpoints") == "f") << "a 503 is the event's";
}

TEST(Delivery, leaves_a_throttling_endpoint_alone) {
  Shop shop;
  Receiver receiver(
      [](const Received&) { return Say{.status = 429, .headers = "retry-after: 600\r\n"}; });
  Receiver well;
  shop.options.workers = 1;
  shop.add_endpoint(receiver.url());
  shop.emit();
  const auto delivery = shop.deliver();
  ASSERT_TRUE(shop.becomes("SELECT count(*) FROM delivery_tries", "1"));
  shop.add_endpoint(well.url());
  shop.emit();
  EXPECT_TRUE(well.wait_for(1));
  EXPECT_TRUE(shop.becomes("SELECT count(*) FROM deliveries WHERE status = 'succeeded'", "1"));
  EXPECT_EQ(receiver.received().size(), 1u) << "the new event waits for the endpoint's rest to end";
  EXPECT_EQ(shop.ask("SELECT count(*) FROM endpoints WHERE resume_at > now() + interval '9 min'"),
            "1");
}

TEST(Delivery, is_shared_by_two_workers_without_doing_anything_twice) {
  Shop shop;
  Receiver receiver;
  shop.add_endpoint(receiver.url());
  std::vector<std::pair<std::string, int>> places;
  for (int i = 0; i < 400; ++i) places.emplace_back("pay_" + std::to_string(i % 100), i / 100 + 1);
  const auto events = shop.emit_all(places);
  const auto one = shop.deliver();
  const auto other = shop.deliver();
  ASSERT_TRUE(shop.all_are("succeeded"));
  auto ids = receiver.ids();
  EXPECT_EQ(ids.size(), events.size());
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), events.size());
  std::map<std::string, int> last;
  for (const Received& got : receiver.received()) {
    const Json body = parse_json(got.body);
    const auto sequence = static_cast<int>(*integer_at(body, "sequence"));
    const std::size_t at = static_cast<std::size_t>(
        std::find(events.begin(), events.end(), got.id()) - events.begin());
    EXPECT_EQ(sequence, ++last[places[at].first]) << "in order within " << places[at].first;
  }
}

TEST(Delivery, ends_what_is_under_way_before_it_drains) {
  Shop shop;
  std::promise<void> gate;
  Receiver receiver([opened = gate.get_future().share()](const Received&) {
    opened.wait();
    return Say{};
  });
  shop.options.workers = 1;
  shop.add_endpoint(receiver.url());
  shop.emit();
  shop.emit();
  const auto delivery = shop.deliver();
  ASSERT_TRUE(receiver.wait_for(1));
  std::thread opens([&] {
    std::this_thread::sleep_for(50ms);
    gate.set_value();
  });
  delivery->drain(20s);
  opens.join();
  EXPECT_EQ(
      shop.ask("SELECT string_agg(status || ' ' || lease_until, ', ' ORDER BY id) FROM deliveries"),
      "succeeded -infinity, pending -infinity");
  EXPECT_EQ(receiver.received().size(), 1u);
}

TEST(Delivery, is_taken_over_when_a_worker_is_gone) {
  Shop shop;
  std::atomic<int> count = 0;
  Receiver receiver([&](const Received&) { return Say{.is_silent = ++count == 1}; });
  shop.options.lease = 300ms;
  shop.add_endpoint(receiver.url());
  const std::string event = shop.emit("pay_1", 1);
  auto gone = shop.deliver();
  ASSERT_TRUE(receiver.wait_for(1));
  gone.reset();
  EXPECT_EQ(fate_of(shop, event), "pending 0");
  const auto other = shop.deliver();
  ASSERT_TRUE(shop.all_are("succeeded"));
  const auto got = receiver.received();
  ASSERT_EQ(got.size(), 2u);
  EXPECT_EQ(got[0].id(), got[1].id());
  EXPECT_EQ(got[0].body, got[1].body);
}

TEST(Delivery, holds_its_lease_for_as_long_as_an_endpoint_takes) {
  Shop shop;
  Receiver receiver([&](const Received&) {
    std::this_thread::sleep_for(1'200ms);
    return Say{};
  });
  shop.options.lease = 400ms;  // a third of it
  shop.add_endpoint(receiver.url());
  shop.emit();
  const auto one = shop.deliver();
  const auto other = shop.deliver();
  ASSERT_TRUE(shop.all_are("succeeded"));
  EXPECT_EQ(receiver.received().size(), 1u);
}

TEST(Delivery, O12_says_the_same_of_a_refused_address_as_of_a_dead_one) {
  Shop shop;
  Receiver trap;
  shop.options.allowed_networks = {"127.0.0.2/32"};
  shop.options.schedule = {0s};
  shop.add_endpoint(trap.url());
  shop.add_endpoint("http://127.0.0.2:1/");  // nobody listens there
  const std::string event = shop.emit();
  const auto delivery = shop.deliver();
  ASSERT_TRUE(shop.becomes(
      "SELECT count(*) FROM deliveries WHERE status = 'failed' AND event_id = '" + event + "'",
      "2"));
  EXPECT_EQ(
      shop.ask("SELECT string_agg(DISTINCT problem || '|' || address || '|' || status, ',') FROM "
               "delivery_tries"),
      "the address could not be reached||0");
  EXPECT_EQ(trap.connections(), 0u);
}

TEST(Delivery, O9_refuses_plain_http_in_live_mode) {
  Shop shop;
  Receiver trap;
  shop.options.schedule = {0s};
  shop.add_endpoint(trap.url());
  shop.emit();
  shop.execute("UPDATE deliveries SET mode = 'live'");
  const auto delivery = shop.deliver();
  ASSERT_TRUE(shop.all_are("failed"));
  EXPECT_EQ(trap.connections(), 0u);
}

TEST(Delivery, O11_serves_others_while_an_endpoint_hangs) {
  Shop shop;
  Receiver hangs([](const Received&) { return Say{.is_silent = true}; });
  Receiver well;
  shop.options.workers = 4;
  const std::string hanging = shop.add_endpoint(hangs.url());
  shop.add_endpoint(well.url());
  for (int i = 0; i < 60; ++i) shop.emit();
  const auto delivery = shop.deliver();
  ASSERT_TRUE(shop.becomes("SELECT count(*) FROM deliveries WHERE status = 'succeeded'", "60"));
  EXPECT_EQ(hangs.received().size(), 1u) << "a quarter of the slots";
}

}  // namespace switchyard::testing
