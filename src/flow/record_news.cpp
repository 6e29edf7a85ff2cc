#include "flow/record_news.h"

#include "base/log.h"
#include "base/seeded_bug.h"
#include "flow/checked_update.h"
#include "flow/fulfil.h"
#include "flow/run_calls.h"
#include "store/payments.h"

namespace switchyard {
namespace {

// A message that fails, or ends the process, at each try must not do so for ever. It stays
// readable, and what it is about is looked up without it.
constexpr int most_tries = 30;

// A message that matches no attempt may be earlier than our own row, or not be ours at all: it is
// tried for three days, less and less often, and stays readable afterwards.
std::optional<std::chrono::milliseconds> parked_for(int tries) {
  using namespace std::chrono_literals;
  static constexpr std::chrono::seconds gaps[] = {1s,   2s,    5s,     15s,    60s,   300s,
                                                  900s, 3600s, 21600s, 86400s, 86400s};
  if (tries > static_cast<int>(std::size(gaps))) return std::nullopt;
  return gaps[std::max(0, tries - 1)];
}

WebhookOutcome done_with(const ReceivedWebhook& webhook, std::string outcome) {
  return {webhook.id, "done", std::move(outcome)};
}

WebhookOutcome park(const ReceivedWebhook& webhook, std::string outcome) {
  if (SEEDED_BUG("X7")) return done_with(webhook, std::move(outcome));
  if (const auto gap = parked_for(webhook.tries))
    return {webhook.id, "parked", std::move(outcome), *gap};
  return done_with(webhook, std::move(outcome));
}

std::optional<AttemptPlace> place_of(Services& services, const Account& account, const News& news) {
  const auto by =
      [&](const Result<std::optional<AttemptPlace>>& found) -> std::optional<AttemptPlace> {
    // A message of one account never touches another account's attempts.
    if (!found || !*found || (*found)->account != account.id) return std::nullopt;
    return *found;
  };
  if (news.about == News::About::refund && !news.refund_reference.empty())
    if (auto place = by(find_attempt_place(services.database, account.id, news.refund_reference)))
      return place;
  if (!news.our_reference.empty())
    if (auto place = by(find_attempt_place(services.database, news.our_reference))) return place;
  // A refund that is not one of ours leads to its charge.
  if (!news.provider_reference.empty())
    if (auto place = by(find_attempt_place(services.database, account.id, news.provider_reference)))
      return place;
  return std::nullopt;
}

Json cause_of(const ReceivedWebhook& webhook, const News& news) {
  return {{"kind", "provider_webhook"},
          {"account", webhook.account},
          {"provider_event_id", news.provider_event_id},
          {"type", news.type},
          {"raw_sha256", sha256_hex(webhook.body)}};
}

struct Applying {
  ReceivedWebhook webhook;
  News news;
  AttemptPlace place;
  bool is_proven = false;
  std::optional<WebhookOutcome> outcome = {};  // of the whole message, with its last part
};

// A refund that is none of ours. What does not prove itself, or cannot be right, is no reason to
// believe in one: the charge is asked instead.
void apply_to_charge(Decision& decision, Attempt& charge, const Applying& what, const Update& said,
                     bool has_lookup, Wishes& wishes) {
  const bool is_possible = said.money && said.money->amount > 0 &&
                           said.money->currency == charge.money.currency &&
                           !said.is_foreign_account;
  if (what.is_proven && has_lookup && is_possible && !what.news.refund_reference.empty())
    return note_refund_elsewhere(decision, charge, what.news.refund_reference, *said.money);
  if (what.is_proven)
    decision.note_anomaly(charge, "a refund that cannot be recorded",
                          {{"reference", what.news.refund_reference}});
  look_up_soon(decision, charge, what.is_proven, wishes);
}

void apply(Draft& draft, Services& services, const Applying& what, std::vector<Send>& sends) {
  Attempt* attempt = draft.record.find_attempt(what.place.attempt_id);
  const Surroundings around{services.setup.get(), services.sealer, services.policies};
  Decision decision(draft.record, draft.changes, services.clock.now(),
                    cause_of(what.webhook, what.news));
  const Account* account = around.setup->find_account(what.webhook.account);
  const Adapter* adapter = account ? find_adapter(account->adapter) : nullptr;
  Wishes wishes;
  Update update = account ? checked_against(*account, what.news.update) : what.news.update;
  if (attempt && adapter && what.news.about == News::About::refund &&
      attempt->operation == Operation::charge) {
    apply_to_charge(decision, *attempt, what, update, static_cast<bool>(adapter->lookup_refund),
                    wishes);
  } else if (attempt && adapter) {
    // Our own reference must agree with the provider's where both are known; record_update
    // compares.
    if (update.our_reference.empty()) update.our_reference = what.news.our_reference;
    if (update.provider_reference.empty())
      update.provider_reference = attempt->operation == Operation::refund
                                      ? what.news.refund_reference
                                      : what.news.provider_reference;
    record_message(decision, *attempt, update, what.is_proven, services.policies,
                   static_cast<bool>(lookup_of(*attempt, *adapter)), wishes);
  }
  sends = fulfil(decision, std::move(wishes), around);
  if (what.outcome) draft.webhook_outcomes.push_back(*what.outcome);
}

// `done` hears whether it was applied.
void submit(Services& services, Applying what, std::function<void(bool)> done) {
  auto sends = std::make_shared<std::vector<Send>>();
  Command command{.payment_id = what.place.payment_id};
  command.done = [&services, sends, done = std::move(done),
                  id = what.webhook.id](Result<void> outcome) {
    services.pool.post([&services, sends, done, outcome, id] {
      if (outcome)
        run_calls(services, std::move(*sends));
      else
        log_warning("webhook.not_applied", {{"webhook", id}, {"problem", outcome.error().message}});
      done(outcome.has_value());
    });
  };
  command.decide = [&services, what = std::move(what), sends](Draft& draft) -> Result<void> {
    apply(draft, services, what, *sends);
    return {};
  };
  services.writer.submit(std::move(command));
}

void finish(Services& services, WebhookOutcome outcome, std::function<void()> done) {
  Command command;
  command.decide = [outcome = std::move(outcome)](Draft& draft) -> Result<void> {
    draft.webhook_outcomes.push_back(outcome);
    return {};
  };
  command.done = [done = std::move(done)](const Result<void>&) { done(); };
  services.writer.submit(std::move(command));
}

bool is_of_another_mode(const Account& account, const News& news) {
  return news.is_live && *news.is_live != (account.mode == Mode::live);
}

// One part at a time through the door; the last one marks the whole message. One that could not be
// applied ends it unmarked: all of it is tried again when its lease has run out, and what was
// applied already changes nothing then.
void record_from(Services& services, const ReceivedWebhook& webhook,
                 std::shared_ptr<std::vector<Applying>> all, std::size_t index,
                 std::function<void()> done) {
  if (index == all->size()) return done();
  submit(services, (*all)[index], [&services, webhook, all, index, done](bool is_applied) {
    if (!is_applied) return done();
    record_from(services, webhook, all, index + 1, done);
  });
}

}  // namespace

void record_news(Services& services, const ReceivedWebhook& webhook, std::function<void()> done) {
  const auto setup = services.setup.get();
  const Account* account = setup->find_account(webhook.account);
  const Adapter* adapter = account ? find_adapter(account->adapter) : nullptr;
  if (webhook.tries > most_tries) {
    log_error("webhook.given_up", {{"webhook", webhook.id}, {"account", webhook.account}});
    return finish(services, done_with(webhook, "could not be applied"), std::move(done));
  }
  if (!adapter || !adapter->webhook.read)
    return finish(services, park(webhook, "the account is not configured"), std::move(done));
  const Incoming incoming{webhook.method, webhook.path, webhook.headers, webhook.body,
                          webhook.received_at};
  auto all = std::make_shared<std::vector<Applying>>();
  bool is_parked = false;
  std::vector<News> all_news;
  const auto read = without_throwing([&]() -> Result<void> {
    all_news = adapter->webhook.read(*account, incoming);
    return {};
  });
  if (!read) return finish(services, park(webhook, "it cannot be read"), std::move(done));
  for (const News& news : all_news) {
    if (news.about != News::About::charge && news.about != News::About::refund) continue;
    if (is_of_another_mode(*account, news)) {
      log_warning("webhook.of_another_mode", {{"webhook", webhook.id}, {"account", account->id}});
      continue;
    }
    if (const auto place = place_of(services, *account, news))
      all->push_back({webhook, news, *place, webhook.proof == "verified"});
    else
      is_parked = true;
  }
  if (all->empty())
    return finish(services,
                  is_parked ? park(webhook, "no attempt of ours yet")
                            : done_with(webhook, "nothing about a payment"),
                  std::move(done));
  // A part whose attempt is not there yet is worth another try of the whole.
  all->back().outcome =
      is_parked ? park(webhook, "applied in part") : done_with(webhook, "applied");
  record_from(services, webhook, all, 0, std::move(done));
}

}  // namespace switchyard
