#include "ingest/receive.h"

#include "base/failpoint.h"
#include "base/id.h"
#include "base/log.h"
#include "base/seeded_bug.h"
#include "flow/calls.h"
#include "flow/record_news.h"

namespace switchyard {
namespace {

// What one address may leave in quarantine within an hour; beyond, its messages are refused unread.
constexpr std::int64_t quarantine_quota = 1000;
constexpr int most_at_once = 200;
// Few enough that each is worked on well before its lease is over.
constexpr int most_at_hand = 500;
constexpr std::chrono::milliseconds look_every{500};

std::string_view word_of(Proof proof) {
  switch (proof) {
    case Proof::verified:
      return "verified";
    case Proof::unproven:
      return "unproven";
    case Proof::rejected:
    case Proof::asks:
      return "rejected";
  }
  return "rejected";
}

Incoming incoming_of(const Request& request, Time now) {
  Incoming incoming{.method = request.method, .headers = request.headers, .body = request.body};
  const std::string_view rest = request.param("rest");
  if (!rest.empty()) incoming.path = "/" + std::string(rest);
  incoming.received_at = now;
  return incoming;
}

// Where a provider sends several things in one message, the first names it.
std::string event_id_of(const std::vector<News>& news) {
  return news.empty() ? "" : news.front().provider_event_id;
}

Result<void> check_quota(Services& services, const std::string& peer) {
  if (TRY(count_quarantined(services.database, peer)) < quarantine_quota) return {};
  return fail(Error{.code = ErrorCode::rate_limited,
                    .message = "Too many unproven messages came from this address.",
                    .retry_after_sec = 600});
}

}  // namespace

Result<Reply> receive_webhook(Services& services, const Request& request) {
  // Our own deliveries carry this header: an endpoint that points back at us would go round for
  // ever.
  if (!request.header("switchyard-hop").empty())
    return fail(ErrorCode::malformed_request,
                "This is an event that Switchyard sent: a webhook endpoint must not point here.");
  const auto setup = services.setup.get();
  const Account* account = setup->find_account(std::string(request.param("account")));
  const Adapter* adapter = account ? find_adapter(account->adapter) : nullptr;
  if (!adapter || !adapter->webhook.verify)
    return fail(ErrorCode::not_found, "No account of that name receives webhooks.");
  Incoming incoming = incoming_of(request, services.clock.now());
  if (adapter->webhook.comes_to_attempts) {
    incoming.attempt_id = attempt_of_address(*account, incoming.path, services.sealer);
    if (incoming.attempt_id.empty())
      return fail(ErrorCode::not_found, "Nothing is received at this address.");
  }
  Proof proof = adapter->webhook.verify(*account, incoming);
  // Whoever sends what does not prove itself again and again makes us ask nobody.
  if (proof == Proof::rejected || proof == Proof::asks) TRY(check_quota(services, request.peer));
  if (proof == Proof::asks) {
    const auto judged = services.inquirer->ask(*account, *adapter, incoming, services.http,
                                               services.clock, *services.tokens);
    if (!judged)
      return fail(Error{.code = ErrorCode::starting,
                        .message = "The message could not be checked just now; send it again.",
                        .retry_after_sec = 5});
    proof = *judged == Proof::asks ? Proof::rejected : *judged;
  }
  services.metrics
      .counter("provider_webhooks_total",
               "account=\"" + account->id + "\",proof=\"" + std::string(word_of(proof)) + "\"")
      .add();
  ReceivedWebhook webhook{
      .id = new_id("whk"), .account = account->id, .proof = std::string(word_of(proof))};
  if (proof != Proof::rejected)
    webhook.provider_event_id = event_id_of(adapter->webhook.read(*account, incoming));
  webhook.method = request.method;
  webhook.path = incoming.path;
  webhook.headers = request.headers;
  webhook.body = request.body;
  webhook.peer = request.peer;
  webhook.received_at = incoming.received_at;
  webhook.is_ours = proof != Proof::rejected;
  Command keep;
  keep.decide = [webhook](Draft& draft) -> Result<void> {
    FAILPOINT("wh.before_store");
    draft.webhooks_received.push_back(webhook);
    return {};
  };
  if (SEEDED_BUG("X6")) {
    services.writer.submit(std::move(keep));
    return Reply{.status = 200, .body = R"({"received":true})"};
  }
  if (const auto kept = services.writer.write(std::move(keep)); !kept)
    return fail(Error{.code = ErrorCode::starting,
                      .message = "The message could not be kept; send it again.",
                      .retry_after_sec = 5});
  FAILPOINT("wh.after_store_before_ack");
  if (proof == Proof::rejected) {
    log_warning("webhook.quarantined",
                {{"account", account->id}, {"webhook", webhook.id}, {"peer", request.peer}});
    return fail(ErrorCode::unauthenticated,
                "The message does not prove that it comes from the provider.");
  }
  return Reply{.status = 200, .body = R"({"received":true})"};
}

WebhookWorker::WebhookWorker(Services& services)
    : services_(services), thread_([this] { work(); }) {}

void WebhookWorker::stop() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  stopping_.notify_all();
  if (thread_.joinable()) thread_.join();
  while (running_ > 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

void WebhookWorker::take(ReceivedWebhook webhook) {
  const std::lock_guard lock(mutex_);
  if (!is_stopping_ && running_ < most_at_hand) post(std::move(webhook));
}

void WebhookWorker::post(ReceivedWebhook webhook) {
  ++running_;
  services_.pool.post([this, webhook = std::move(webhook)] { handle(webhook); });
}

// Others' messages and parked ones come without a call.
void WebhookWorker::work() {
  bool is_more = false;
  std::unique_lock lock(mutex_);
  while (!is_stopping_) {
    if (!is_more) stopping_.wait_for(lock, look_every, [&] { return is_stopping_; });
    if (is_stopping_) return;
    lock.unlock();
    auto claimed = running_ < most_at_hand
                       ? claim_webhooks(services_.database, services_.sealer, most_at_once)
                       : std::vector<ReceivedWebhook>();
    is_more = claimed && static_cast<int>(claimed->size()) == most_at_once;
    if (claimed)
      for (ReceivedWebhook& webhook : *claimed) post(std::move(webhook));
    lock.lock();
  }
}

void WebhookWorker::handle(const ReceivedWebhook& webhook) {
  // Until nobody holds it any more, however that comes about.
  const std::shared_ptr<void> at_work(nullptr, [this](void*) { --running_; });
  FAILPOINT("wh.before_apply");
  record_news(services_, webhook, [at_work] { FAILPOINT("wh.after_apply"); });
}

}  // namespace switchyard
