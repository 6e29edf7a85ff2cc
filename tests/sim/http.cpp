// The HTTP client, in place of http/client: a request is a function call to a simulated provider,
// and everything that can happen on the way to it and back.
#include "http/client.h"

#include "router.h"
#include "wire.h"
#include "world.h"

namespace switchyard {

struct HttpClient::Inside {};

HttpClient::HttpClient(Metrics&, std::size_t, std::string) {}
HttpClient::~HttpClient() = default;
std::size_t HttpClient::running() const { return 0; }

namespace sim {
namespace {

using namespace std::chrono_literals;

SendOutcome without_answer(Transport transport) {
  return {.transport = transport, .problem = "simulated"};
}

SendOutcome answered(int status, std::string body) {
  return {.transport = Transport::answered, .response = {status, {}, std::move(body)}};
}

// One call on its way. The provider's part of it happens whatever becomes of the router.
class Transfer : public std::enable_shared_from_this<Transfer> {
 public:
  Transfer(World& world, std::shared_ptr<Router> router, HttpRequest request, SendOptions options,
           std::function<void(SendOutcome)> done)
      : world_(world),
        router_(std::move(router)),
        request_(std::move(request)),
        options_(options),
        done_(std::move(done)),
        provider_(world.provider_at(request_.url)) {}

  void go();

 private:
  void answer(Duration delay, SendOutcome outcome);
  void execute_after(Duration delay);
  void send_under_another_key(Duration delay);
  SendOutcome refusal();
  void write_down(const SendOutcome& outcome);
  Duration patience() { return world_.chance.time(50ms, options_.timeout); }

  World& world_;
  std::shared_ptr<Router> router_;
  HttpRequest request_;
  SendOptions options_;
  std::function<void(SendOutcome)> done_;
  Provider& provider_;
};

void Transfer::answer(Duration delay, SendOutcome outcome) {
  outcome.took = delay;
  router_->after(delay, [me = shared_from_this(), outcome = std::move(outcome)]() mutable {
    if (me->router_->reach_boundary()) return;
    if (me->world_.story.is_told()) me->write_down(outcome);
    me->done_(std::move(outcome));
  });
}

void Transfer::write_down(const SendOutcome& outcome) {
  world_.story.tell(world_.payment_of(request_), [&] {
    return "  " + request_.method + " " + request_.url + " " + request_.body + " -> " +
           std::to_string(outcome.response.status) + " " + outcome.response.body + outcome.problem;
  });
}

void Transfer::execute_after(Duration delay) {
  world_.schedule.after(delay, [me = shared_from_this()] {
    (void)me->provider_.receive(me->request_);
    me->world_.judge.arrived(me->request_);
  });
}

void Transfer::send_under_another_key(Duration delay) {
  world_.schedule.after(delay, [me = shared_from_this()] {
    HttpRequest other = me->request_;
    for (auto& [name, value] : other.headers)
      if (name == "Idempotency-Key") value += "x";
    (void)me->provider_.receive(other);
  });
}

SendOutcome Transfer::refusal() {
  static constexpr int statuses[] = {400, 401, 403, 422, 429, 302};
  return answered(statuses[world_.chance.below(6)], "state=refused&code=no_request");
}

void Transfer::go() {
  const Swarm& faults = world_.faults();
  Chance& chance = world_.chance;
  world_.judge.sent(request_, provider_.account);
  const bool is_gone = provider_.out_of_order_until > world_.schedule.now();
  if (options_.may_still_leave && !options_.may_still_leave())
    return world_.judge.arrived(request_), answer(1ms, without_answer(Transport::not_sent));
  const Duration there = chance.is(faults.slow) ? chance.time(1s, 20s) : chance.time(1ms, 200ms);
  if (chance.is(faults.not_sent))
    return world_.judge.arrived(request_), answer(there, without_answer(Transport::not_sent));
  if (is_gone || chance.is(faults.lost))
    return world_.judge.arrived(request_), answer(patience(), without_answer(Transport::no_answer));
  if (chance.is(faults.failed_before))
    return world_.judge.arrived(request_), answer(there, answered(503, "state=refused"));
  if (chance.is(faults.refused_call))
    return world_.judge.arrived(request_), answer(there, refusal());
  // A kept connection that dies is answered by a second copy.
  if (!options_.fresh_connection && chance.is(faults.twice))
    world_.schedule.after(there,
                          [me = shared_from_this()] { (void)me->provider_.receive(me->request_); });
  if (world_.is_planted(Plant::double_send)) send_under_another_key(there);
  if (chance.is(faults.executed_late)) {
    execute_after(options_.timeout + chance.time(1s, 60s));
    return answer(options_.timeout, without_answer(Transport::no_answer));
  }
  if (chance.is(faults.executed_silence)) {
    execute_after(there);
    return answer(there + patience(), without_answer(Transport::no_answer));
  }
  const bool is_garbled = chance.is(faults.executed_failed);
  world_.schedule.after(there, [me = shared_from_this(), is_garbled, there] {
    HttpResponse response = me->provider_.receive(me->request_);
    me->world_.judge.arrived(me->request_);
    if (is_garbled && me->world_.chance.is(0.5))
      response.body = "<html>";
    else if (is_garbled)
      response.status = 502;
    me->answer(there, {.transport = Transport::answered, .response = std::move(response)});
  });
}

}  // namespace
}  // namespace sim

void HttpClient::send(HttpRequest request, SendOptions options,
                      std::function<void(SendOutcome)> done) {
  sim::Router& router = sim::Router::of(this);
  if (router.reach_boundary()) return;
  std::make_shared<sim::Transfer>(sim::World::current(), router.shared_from_this(),
                                  std::move(request), options, std::move(done))
      ->go();
}

SendOutcome HttpClient::send(HttpRequest, SendOptions) {
  assert(false && "nobody in the core waits for a transfer");
  return {};
}

}  // namespace switchyard
