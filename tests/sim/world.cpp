#include "world.h"

#include "wire.h"

namespace switchyard::sim {
namespace {

using namespace std::chrono_literals;

constexpr auto troubles_last = 72h;
constexpr auto world_lasts = 45 * 24h;

World* the_world = nullptr;

}  // namespace

World& World::current() { return *the_world; }

World::World(std::uint64_t seed, std::int64_t number, bool is_told, Plant plant)
    : chance(seed_of_world(seed, number)),
      swarm(Swarm::draw(chance)),
      schedule(from_unix_seconds(1'790'000'000 + chance.below(100'000'000))),
      story(schedule, is_told),
      judge(*this),
      store(*this),
      mail(*this),
      merchant(*this),
      first_payment(number * payments_per_world),
      plant_(plant) {
  assert(!the_world && "one world at a time");
  the_world = this;
  setup_ = draw_setup();
  for (const std::string& account : accounts())
    providers_.push_back(std::make_unique<Provider>(*this, account));
  start_router(1);
  start_router(2);
}

World::~World() {
  for (const auto& router : routers_) router->let_fibers_end();
  the_world = nullptr;
}

const std::vector<std::string>& World::accounts() {
  static const std::vector<std::string> names = {"keyed",   "short",  "reference",
                                                 "keyless", "resend", "liar"};
  return names;
}

Provider& World::provider(const std::string& account) {
  for (const auto& provider : providers_)
    if (provider->account == account) return *provider;
  assert(false && "there is no such provider");
  return *providers_.front();
}

// https://NAME-REGION/…
Provider& World::provider_at(const std::string& url) {
  return provider(url.substr(8, url.find('-') - 8));
}

std::string World::payment_of(const HttpRequest& request) {
  if (const auto id = field(request.body, "pay"); !id.empty()) return std::string(id);
  const std::size_t mark = request.url.find('?');
  const std::string query = mark == std::string::npos ? "" : request.url.substr(mark + 1);
  Ledger& ledger = provider_at(request.url).ledger;
  if (const LedgerCharge* charge = ledger.by_id(field(query, "id"))) return charge->payment;
  const Attempt* attempt = store.find_attempt(std::string(field(query, "ref")));
  return attempt ? attempt->payment_id : "";
}

std::shared_ptr<const Setup> World::draw_setup() {
  Setup setup;
  const std::string region = chance.is(0.5) ? "a" : "b";
  for (const std::string& name : accounts()) {
    Account account{.id = name, .adapter = name};
    account.base_url = "https://" + name + "-" + region;
    account.settings.emplace("api_key", Secret("sk_" + region));
    setup.accounts.emplace(name, std::move(account));
  }
  Rule rule{.name = "all"};
  std::vector<std::string> left = accounts();
  while (!left.empty() && (rule.use.size() < 2 || chance.is(0.8))) {
    const auto at = left.begin() + chance.below(static_cast<std::int64_t>(left.size()));
    rule.use.push_back(*at);
    left.erase(at);
  }
  setup.rules.rules = {rule};
  setup.rules.version = "rules_" + region;
  return std::make_shared<const Setup>(std::move(setup));
}

std::shared_ptr<Router> World::serving() {
  const auto is_awake = [](const auto& router) { return router->is_serving(); };
  const auto count = std::ranges::count_if(routers_, is_awake);
  if (count == 0) return nullptr;
  std::int64_t chosen = chance.below(count);
  return *std::ranges::find_if(
      routers_, [&](const auto& router) { return is_awake(router) && chosen-- == 0; });
}

void World::start_router(int number) {
  routers_.insert(routers_.begin(), std::make_shared<Router>(*this, number));
}

// Kinds of trouble that have a beginning: outages, deaths, sleep, new configurations.
void World::draw_troubles() {
  // Trouble is most instructive while somebody pays.
  const auto some_time = [&]() -> Duration {
    return chance.is(0.3) ? chance.time(1ms, troubles_last)
                          : merchant.some_order_time() + chance.time(1ms, 20s);
  };
  for (const auto& provider : providers_)
    if (chance.is(swarm.outage))
      schedule.after(some_time(), [this, &one = *provider] {
        if (is_healed_) return;
        one.out_of_order_until = schedule.now() + chance.time(1min, 40h);
        story.tell("", [&] { return one.account + " is out of order"; });
      });
  for (int i = 0; i < 12; ++i) {
    const bool is_death = i < 6;
    if (!chance.is(is_death ? swarm.crash : swarm.freeze)) continue;
    schedule.after(some_time(), [this, is_death] {
      const auto router = serving();
      if (router && !is_healed_) router->light_fuse(is_death, chance.between(1, 20));
    });
  }
  for (int i = 0; i < 3; ++i)
    if (chance.is(swarm.reload))
      schedule.after(some_time(), [this] {
        setup_ = draw_setup();
        story.tell("", [&] { return "new configuration " + setup_->rules.version; });
        // Each router reads it when it comes to it.
        for (const auto& router : routers_)
          router->after(chance.time(1ms, 1min), [router] { router->reload(); });
      });
}

void World::heal() {
  is_healed_ = true;
  story.tell("", [] { return "all faults are over"; });
  for (const auto& provider : providers_) provider->out_of_order_until = {};
  for (const auto& router : routers_) {
    router->light_fuse(true, 0);
    router->light_fuse(false, 0);
  }
}

// A charge that nobody has asked for: the ledger's word against the books'.
void World::plant_violation() {
  if (store.rows().empty()) return;
  const Payment& payment = store.rows().begin()->second.record.payment;
  LedgerCharge charge{.id = "keyed_planted",
                      .reference = "att_planted",
                      .payment = payment.id,
                      .account = "keyed",
                      .amount = payment.money.amount,
                      .currency = std::string(payment.money.currency.code())};
  charge.state = State::captured;
  charge.captured = charge.amount;
  provider("keyed").ledger.charges.push_back(charge);
}

void World::run() {
  const Time end = schedule.now() + world_lasts;
  merchant.open();
  draw_troubles();
  schedule.after(troubles_last, [this] { heal(); });
  if (plant_ == Plant::stranger_charges)
    schedule.after(troubles_last, [this] { plant_violation(); });
  while (judge.violations().empty() && schedule.run_next(end)) {
  }
  if (judge.violations().empty()) judge.end();
  merchant.end();
}

}  // namespace switchyard::sim
