// Clients that make payments, and what they saw.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "loop.h"
#include "stub.h"

namespace bench {

struct LoadPlan {
  int router_port = 0;
  std::string api_key;
  int clients = 64;
  bool confirms = false;   // else payments are only created
  std::string account;     // the rule that `metadata.account` picks
  bool sends_keys = true;  // an Idempotency-Key with each
  double rate = 0;         // payments a second whether or not the router keeps up; 0: each client
                           // begins its next one when its last is done
  bool awaits_events = false;  // a client's payment is done when its event was delivered
};

struct Sample {
  Instant done_at;
  Clock::duration latency;
  Clock::duration provider;  // the provider's part of it
};

class Load {
 public:
  Load(Loop& loop, Stub& stub, LoadPlan plan);

  void start();
  void stop() { is_stopping_ = true; }
  int under_way() const { return under_way_; }
  bool is_idle() const { return under_way_ == 0 && undelivered_.empty(); }
  std::size_t undelivered() const { return undelivered_.size(); }

  std::vector<Sample> answers = {};
  std::vector<Sample> deliveries = {};
  std::map<int, std::int64_t> statuses = {};
  std::int64_t late = 0;  // with a rate: began later than planned, for want of a free client

 private:
  struct Client {
    Peer* peer = nullptr;
    std::string description = {};
    Instant begun = {};
    int parts_left = 0;  // an answer, and an event where one is awaited
  };

  void open(std::size_t slot);
  void begin(std::size_t slot, Instant planned);
  void take(Peer& peer);
  void end_part(std::size_t slot);
  void keep_pace();
  std::string request_of(const std::string& description) const;

  Loop& loop_;
  Stub& stub_;
  const LoadPlan plan_;
  const std::string run_;  // makes descriptions and keys differ from those of other runs
  std::vector<Client> clients_;
  std::deque<std::size_t>
      free_;  // the longest idle first: the router closes those that say nothing
  std::unordered_map<std::string, std::pair<Instant, std::size_t>> undelivered_;
  Instant planned_ = {};
  std::int64_t made_ = 0;
  int under_way_ = 0;
  bool is_stopping_ = false;
};

}  // namespace bench
