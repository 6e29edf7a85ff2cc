// One simulated world: a few payments, their merchants and payers, six providers, two routers and a
// store, on one thread and one clock. Seed and number decide everything that happens in it.
#pragma once

#include <memory>

#include "judge.h"
#include "mail.h"
#include "merchant.h"
#include "provider.h"
#include "router.h"
#include "schedule.h"
#include "story.h"

namespace switchyard::sim {

constexpr int payments_per_world = 16;

// A rule that the harness itself breaks now and then, to prove that it would notice.
enum class Plant {
  nothing,
  stranger_charges,  // a charge that nobody asked for
  double_send,       // a charge leaves a second time, under another key
  lost_commit,       // what was said to be committed is not there
};

class World {
 public:
  World(std::uint64_t seed, std::int64_t number, bool is_told, Plant plant = Plant::nothing);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  static World& current();

  void run();

  // Faults end some days before the world does.
  const Swarm& faults() const { return is_healed_ ? calm_ : swarm; }
  Provider& provider(const std::string& account);
  Provider& provider_at(const std::string& url);
  static const std::vector<std::string>& accounts();
  std::shared_ptr<const Setup> setup() const { return setup_; }
  std::string payment_of(const HttpRequest& request);  // for the story
  std::uint64_t next_number() { return ++last_number_; }
  bool is_planted(Plant what) { return plant_ == what && chance.is(0.05); }

  // Newest first. Those that are dead stay until whoever still refers to them is gone.
  const std::vector<std::shared_ptr<Router>>& routers() const { return routers_; }
  std::shared_ptr<Router> serving();  // one that is awake; null when there is none
  void start_router(int number);

  Chance chance;
  const Swarm swarm;
  Schedule schedule;
  Story story;
  Policies policies = {};
  Judge judge;
  Store store;
  Mail mail;
  Merchant merchant;
  const std::int64_t first_payment;  // the number of this world's first payment

 private:
  std::shared_ptr<const Setup> draw_setup();
  void draw_troubles();
  void plant_violation();
  void heal();

  const Swarm calm_ = Swarm::calm();
  const Plant plant_;
  bool is_healed_ = false;
  std::uint64_t last_number_ = 0;
  std::shared_ptr<const Setup> setup_;
  std::vector<std::unique_ptr<Provider>> providers_;
  std::vector<std::shared_ptr<Router>> routers_;
};

}  // namespace switchyard::sim
