// The outbox: events in their place, and the deliveries they ask for, in the transaction of the
// change they tell of; and how they are read.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "domain/record.h"
#include "store/database.h"

namespace switchyard {

// The latest payment's sequence and previous event are counted up in the records themselves before
// they are saved.
struct PlacedEvent {
  const NewEvent* event = nullptr;
  int sequence = 0;  // 0: none
  std::string previous = {};
};

// For the writer. Positions are taken under the lock of the merchants' counters, which is held
// until the commit: so take them last of all that waits, and only for events that are certain to be
// saved.
using EventOwner = std::pair<std::string, Mode>;
struct EventPlaces {
  std::map<EventOwner, std::int64_t> before = {};
  std::shared_ptr<const pqxx::result> endpoints = {};
};
Pending<EventPlaces> take_event_places(Transaction&, Trip&, const std::vector<PlacedEvent>&);
// The events, and one delivery for each endpoint that wants them. The number of deliveries.
int insert_events(Trip&, EventPlaces places, const std::vector<PlacedEvent>&, Time now);

struct EventFilter {
  std::string merchant_id;
  Mode mode = Mode::test;
  std::string type = {};  // a glob
  std::string payment_id = {};
  std::string after = {};   // an event's id or a position: what comes after it, oldest first
  std::string before = {};  // newest first, before that event
  int limit = 25;
  bool ascending = false;  // oldest first
};
struct EventPage {
  std::vector<std::string> bodies = {};  // the stored bytes
  bool has_more = false;
};
Result<EventPage> list_events(Database&, const EventFilter&);
Result<std::optional<std::string>> find_event_body(Database&, const std::string& merchant_id, Mode,
                                                   const std::string& id);

}  // namespace switchyard
