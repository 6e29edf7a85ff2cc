#include "sandbox/webhooks.h"

#include "base/clock.h"
#include "base/crypto.h"

namespace switchyard::sandbox {

using namespace std::chrono_literals;

namespace {
constexpr std::size_t tries_kept = 20'000;
// Of a mebibyte of nonsense the digest is enough.
constexpr std::size_t most_of_a_body = 16 << 10;
}  // namespace

struct Webhooks::Job {
  WebhookOrder order;
  std::size_t next_try = 0;
  std::string remark;  // put before the outcome: "forged"
  std::optional<WebhookOrder> follower;
};

Webhooks::Webhooks(Timers& timers, Faults& faults, double speed)
    : timers_(timers), faults_(faults), speed_(speed), client_(metrics_) {}

void Webhooks::send(WebhookOrder order) {
  {
    const std::lock_guard lock(mutex_);
    addresses_.insert(order.request.url);
  }
  const auto fault = order.is_certain ? std::nullopt : faults_.take_for_webhook(order.provider);
  const std::string action = fault ? fault->action : "";
  auto held = take_held(order.provider);
  if (action == "reorder" || action == "lose" || action == "delay") {
    if (held) begin(std::move(*held));
    held.reset();
  }
  if (action == "reorder") return hold(std::move(order));
  if (action == "lose") return log({.order = std::move(order)}, "lost");
  if (action == "delay")
    return timers_.after(std::chrono::milliseconds(fault->number),
                         [this, order = std::move(order)] { begin(order); });
  if (action == "double") begin(order);
  if (action == "forge" || action == "again" || action == "misaddress" || action == "garbage")
    send_besides(*fault, order);
  begin(std::move(order), {}, std::move(held));
}

void Webhooks::begin(WebhookOrder order, std::string remark, std::optional<WebhookOrder> follower) {
  if (order.schedule.empty()) order.schedule = {0ms};
  schedule_try(std::make_shared<Job>(std::move(order), 0, std::move(remark), std::move(follower)));
}

// By somebody who has seen a true message and has no key: its headers are what they were.
void Webhooks::send_besides(const Fault& fault, WebhookOrder order) {
  order.schedule = {0ms};
  if (order.before_try) order.before_try(order.request);
  order.before_try = nullptr;
  if (fault.action == "again")
    return timers_.after(std::chrono::milliseconds(fault.number),
                         [this, order = std::move(order)] { begin(order, "again "); });
  if (fault.action == "misaddress") {
    order.request.url = other_address(order.request.url);
    return begin(std::move(order), "misaddressed ");
  }
  if (fault.action == "forge") order.request.body += ' ';
  if (fault.action == "garbage") order.request.body.assign(1 << 20, '{');
  begin(std::move(order), "forged ");
}

// The next one in the order of the alphabet; `url` itself while there is no other.
std::string Webhooks::other_address(const std::string& url) {
  const std::lock_guard lock(mutex_);
  const auto next = addresses_.upper_bound(url);
  return next != addresses_.end() ? *next : *addresses_.begin();
}

void Webhooks::hold(WebhookOrder order) {
  const std::string provider = order.provider;
  {
    const std::lock_guard lock(mutex_);
    held_[provider] = std::move(order);
  }
  // Nothing may follow; it goes out all the same.
  timers_.after(5s, [this, provider] {
    if (auto held = take_held(provider)) begin(std::move(*held));
  });
}

std::optional<WebhookOrder> Webhooks::take_held(const std::string& provider) {
  const std::lock_guard lock(mutex_);
  auto held = held_.extract(provider);
  if (held.empty()) return std::nullopt;
  return std::move(held.mapped());
}

void Webhooks::schedule_try(std::shared_ptr<Job> job) {
  const auto delay = job->order.schedule[job->next_try];
  const auto scaled = std::chrono::milliseconds(
      static_cast<std::int64_t>(static_cast<double>(delay.count()) * speed_));
  timers_.after(scaled, [this, job] { run_try(job); });
}

void Webhooks::run_try(std::shared_ptr<Job> job) {
  HttpRequest request = job->order.request;
  if (job->order.before_try) job->order.before_try(request);
  ++job->next_try;
  const SendOptions options = {.timeout = 20s, .plain_http_allowed = true};
  client_.send(std::move(request), options, [this, job](const SendOutcome& outcome) {
    const bool is_answered = outcome.transport == Transport::answered;
    const int status = outcome.response.status;
    log(*job, job->remark + (is_answered ? std::to_string(status) : outcome.problem));
    if (job->follower) begin(*std::exchange(job->follower, std::nullopt));
    const bool is_taken = is_answered && status >= 200 && status < 300;
    if (!is_taken && job->next_try < job->order.schedule.size()) schedule_try(job);
  });
}

void Webhooks::log(const Job& job, std::string outcome) {
  const std::string& body = job.order.request.body;
  const bool is_long = body.size() > most_of_a_body;
  const std::lock_guard lock(mutex_);
  tries_.push_back({
      {"seq", ++last_seq_},
      {"at", to_rfc3339(SystemClock().now())},
      {"provider", job.order.provider},
      {"url", job.order.request.url},
      {"try", job.next_try},
      {"outcome", std::move(outcome)},
      {"body", is_long ? std::string() : body},
      {"sha256", is_long ? sha256_hex(body) : std::string()},
  });
  if (tries_.size() > tries_kept) tries_.pop_front();
}

Json Webhooks::read(std::int64_t after) const {
  const std::lock_guard lock(mutex_);
  Json found = Json::array();
  for (const Json& each : tries_)
    if (integer_at(each, "seq").value_or(0) > after) found.push_back(each);
  return {{"tries", std::move(found)}};
}

}  // namespace switchyard::sandbox
