// Providers' webhooks: keep the raw bytes, answer, and only then work on them. What proves itself
// is recorded through the one door; what does not only triggers a look-up.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "flow/services.h"
#include "web/message.h"

namespace switchyard {

// POST or PUT /webhooks/{account} and below: 200 kept and believed to come from the provider (or
// from one that signs nothing), 401 kept in quarantine, 404 no such account, 503 not kept.
Result<Reply> receive_webhook(Services& services, const Request& request);

// Works through what was received, by this process or by one that is gone: matches each message to
// an attempt, checks it, records it. Messages that match nothing yet are parked and tried again,
// since they may precede our own row.
class WebhookWorker {
 public:
  explicit WebhookWorker(Services& services);
  ~WebhookWorker() { stop(); }
  WebhookWorker(const WebhookWorker&) = delete;
  WebhookWorker& operator=(const WebhookWorker&) = delete;

  // One that was stored as ours. Once stopped, or with too many at hand, it is let go: its lease
  // runs out, and then it is claimed like one that another router left.
  void take(ReceivedWebhook webhook);
  void stop();  // finishes what it works on; idempotent

 private:
  void work();
  void post(ReceivedWebhook webhook);
  void handle(const ReceivedWebhook& webhook);

  Services& services_;
  std::mutex mutex_;
  std::condition_variable stopping_;
  bool is_stopping_ = false;
  std::atomic<int> running_{0};
  std::thread thread_;
};

}  // namespace switchyard
