// Sends the providers' webhooks, try after try, as well or as badly as the faults order, and keeps
// a log of every try.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "http/client.h"
#include "sandbox/faults.h"
#include "sandbox/simulator.h"
#include "sandbox/timers.h"

namespace switchyard::sandbox {

class Webhooks {
 public:
  // Delays of schedules are multiplied by `speed`.
  Webhooks(Timers& timers, Faults& faults, double speed);

  void send(WebhookOrder order);
  // {"tries": [{"seq", "at", "provider", "url", "try", "outcome", "body"}]}; `outcome` is the
  // status that was answered, or "lost", "forged 401", "misaddressed 200", "timed out …".
  Json read(std::int64_t after) const;

 private:
  struct Job;
  // `follower` goes out once the first try of `order` is over.
  void begin(WebhookOrder order, std::string remark = {},
             std::optional<WebhookOrder> follower = {});
  void send_besides(const Fault& fault, WebhookOrder order);
  std::string other_address(const std::string& url);
  void hold(WebhookOrder order);
  std::optional<WebhookOrder> take_held(const std::string& provider);
  void schedule_try(std::shared_ptr<Job> job);
  void run_try(std::shared_ptr<Job> job);
  void log(const Job& job, std::string outcome);

  Timers& timers_;
  Faults& faults_;
  double speed_;
  mutable std::mutex mutex_;
  std::deque<Json> tries_;  // the latest ones
  std::int64_t last_seq_ = 0;
  std::map<std::string, WebhookOrder> held_;  // by provider, until another one has gone before
  std::set<std::string> addresses_;           // where messages have gone so far
  Metrics metrics_;
  HttpClient client_;  // last: its callbacks use all of the above
};

}  // namespace switchyard::sandbox
