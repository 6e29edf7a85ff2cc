// A merchant with endpoints and events in a database of its own, and what the tests ask about them.
#pragma once

#include <gtest/gtest.h>

#include <pqxx/pqxx>

#include "base/id.h"
#include "delivery/worker.h"
#include "store/events.h"
#include "store/trip.h"
#include "tests/delivery/receiver.h"
#include "tests/support/postgres.h"

namespace switchyard::testing {

inline const std::string shop_secret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

class Shop {
 public:
  Shop() {
    execute("INSERT INTO merchants (id, name) VALUES ('mer_1', 'Shop')");
    options.plain_http_allowed = true;
    options.allowed_networks = {"127.0.0.0/8"};
    options.poll = std::chrono::milliseconds(20);
    // Tries follow each other as fast as they can.
    options.schedule = Schedule(10, std::chrono::seconds(0));
  }

  std::string add_endpoint(const std::string& url, const std::string& ordering = "per_payment") {
    Endpoint endpoint{.id = new_id("we"), .merchant_id = "mer_1", .url = url};
    endpoint.enabled_events = {"*"};
    endpoint.ordering = ordering;
    endpoint.secret = Secret(shop_secret);
    save(endpoint);
    return endpoint.id;
  }
  void save(const Endpoint& endpoint) {
    const auto saved = writer.write({.decide = [&](Draft& draft) -> Result<void> {
      draft.endpoints.push_back(endpoint);
      return {};
    }});
    ASSERT_TRUE(saved) << saved.error().message;
  }
  Endpoint endpoint(const std::string& id) {
    return **find_endpoint(database, sealer, "mer_1", Mode::test, id);
  }

  // What it calls after a commit has returned once another one is through.
  void let_the_writer_finish() {
    EXPECT_TRUE(writer.write({.decide = [](Draft&) -> Result<void> { return {}; }}));
  }

  // One event; sequence 0 is one that belongs to no payment. Its id.
  std::string emit(const std::string& payment_id = "", int sequence = 0) {
    return emit_all({{payment_id, sequence}}).front();
  }
  std::vector<std::string> emit_all(const std::vector<std::pair<std::string, int>>& places) {
    std::vector<NewEvent> events;
    for (const auto& [payment_id, sequence] : places)
      events.push_back({.id = new_id("evt"),
                        .type = payment_id.empty() ? "customer.created" : "payment.processing",
                        .merchant_id = "mer_1",
                        .payment_id = payment_id,
                        .object = {{"name", "Zażółć gęślą jaźń €"}}});
    std::vector<PlacedEvent> placed;
    for (std::size_t i = 0; i < events.size(); ++i)
      placed.push_back({.event = &events[i], .sequence = places[i].second});
    const auto done = database.write([&](Transaction& transaction) -> Result<void> {
      Trip ask(transaction);
      auto event_places = take_event_places(transaction, ask, placed)();
      Trip last(transaction);
      insert_events(last, std::move(event_places), placed, clock.now());
      last.go();
      return {};
    });
    EXPECT_TRUE(done);
    std::vector<std::string> ids;
    for (const NewEvent& event : events) ids.push_back(event.id);
    return ids;
  }

  std::unique_ptr<Delivery> deliver() {
    return std::make_unique<Delivery>(options, database, writer, http, sealer, clock, metrics);
  }

  void execute(const std::string& sql) {
    pqxx::connection connection(url.reveal());
    pqxx::nontransaction(connection).exec(sql);
  }
  std::string ask(const std::string& sql) {
    pqxx::connection connection(url.reveal());
    const auto field = pqxx::nontransaction(connection).exec1(sql)[0];
    return field.is_null() ? "" : field.c_str();
  }
  // Waits until the answer is this one; false when it never is.
  bool becomes(const std::string& sql, const std::string& wanted) {
    for (int i = 0; i < 1'500; ++i) {
      if (ask(sql) == wanted) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    ADD_FAILURE() << sql << " stayed " << ask(sql);
    return false;
  }
  bool all_are(const std::string& status) {
    return becomes("SELECT count(*) FROM deliveries WHERE status <> '" + status + "'", "0");
  }

  Secret url = fresh_database();
  Database database{url, 4};
  Metrics metrics;
  Sealer sealer{Secret(std::string(32, 'k'))};
  SystemClock clock;
  Writer writer{url, sealer, clock, metrics};
  HttpClient http{metrics};
  DeliveryOptions options;
};

}  // namespace switchyard::testing
