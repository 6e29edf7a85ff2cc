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

// An address of an attempt's own is proof of that attempt alone, whatever the message names.
std::optional<AttemptPlace> place_of(Services& services, const Account& account, const News& news,
                                     bool is_by_address) {
  const auto by =
      [&](const Result<std::optional<AttemptPlace>>& found) -> std::optional<AttemptPlace> {
    // A message of one account never touches another account's attempts.
    if (!found || !*found || (*found)->account != account.id) return std::nullopt;
    return *found;
  };
  if (!is_by_address && news.about == News::About::refund && !news.refund_reference.empty())
    if (auto place = by(find_attempt_place(services.database, account.id, news.refund_reference)))
      return place;
  if (!news.our_reference.empty())
    if (auto place = by(find_attempt_place(services.database, news.our_reference))) return place;
  if (is_by_address) return std::nullopt;
  // A refund that is not one of ours leads to its charge.
  if (!news.provider_reference.empty())
    if (auto place = by(find_attempt_place(services.database, account.id, news.provider_reference)))
      return place;
  return std::nullopt;
}

// Whether what the provider calls it is the name of another attempt: one charge of theirs pays for
// one of ours.
Result<bool> names_another(Services& services, const Account& account, const News& news,
                           const AttemptPlace& place) {
  const std::string& name =
      news.about == News::About::refund ? news.refund_reference : news.provider_reference;
  if (name.empty()) return false;
  const auto found = TRY(find_attempt_place(services.database, account.id, name));
  return found && found->attempt_id != place.attempt_id;
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
  bool is_hint = false;  // not proven, and what it names is to be remembered
  bool names_another = false;
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

// Says of a charge that something was given back, and not by which refund.
bool names_no_refund(const Attempt& charge, const Applying& what) {
  return what.is_proven && what.news.about == News::About::refund &&
         charge.operation == Operation::charge && what.news.refund_reference.empty() &&
         what.news.update.verdict == Verdict::captured;
}

// Which messages of that kind were taken for a refund of ours (true), and which were made
// elsewhere. Every refund of ours that ended well has one, also where its answer said so at once:
// only more of them than those tell of another refund.
class RefundsTold {
 public:
  RefundsTold(Decision& decision, Attempt& charge, const Applying& what)
      : record_(decision.record), charge_(charge), told_(charge.memory["refunds_told"]) {
    if (!told_.is_object()) told_ = Json::object();
    id_ = what.news.provider_event_id.empty() ? sha256_hex(what.webhook.body)
                                              : what.news.provider_event_id;
    decision.touch(charge);
    was_elsewhere_ = told_.contains(id_) && told_[id_] == false;
    if (!was_elsewhere_) told_[id_] = true;
  }
  // One that comes again, or belongs to a refund that has ended, tells nothing.
  bool is_of_one_more() const {
    const auto ours =
        std::ranges::count_if(told_, [](const Json& is_ours) { return is_ours == true; });
    return !was_elsewhere_ && ours > count(RefundStatus::succeeded);
  }
  void is_elsewhere() { told_[id_] = false; }
  // The one that waits for its end and has been acknowledged. Null for one whose answer is still on
  // its way, or was lost: the same bytes under its key tell of that one.
  Attempt* refund() const {
    Attempt* found = nullptr;
    for (Attempt& each : record_.attempts)
      if (is_open(each) && !each.provider_reference.empty()) {
        if (found) return nullptr;
        found = &each;
      }
    return found;
  }
  bool has_unanswered() const {
    return std::ranges::any_of(record_.attempts, [&](const Attempt& each) {
      return is_open(each) && each.provider_reference.empty();
    });
  }

 private:
  bool is_open(const Attempt& each) const {
    return each.operation == Operation::refund && each.charge_attempt_id == charge_.id &&
           is_in_doubt(each.status);
  }
  std::ptrdiff_t count(RefundStatus status) const {
    return std::ranges::count_if(record_.refunds, [&](const Refund& refund) {
      return refund.charge_attempt_id == charge_.id && refund.status == status &&
             !refund.made_elsewhere;
    });
  }

  PaymentRecord& record_;
  Attempt& charge_;
  Json& told_;
  std::string id_;
  bool was_elsewhere_ = false;
};

void apply(Draft& draft, Services& services, const Applying& what, std::vector<Send>& sends) {
  Attempt* attempt = draft.record.find_attempt(what.place.attempt_id);
  const Surroundings around{services.setup.get(), services.sealer, services.policies};
  Decision decision(draft.record, draft.changes, services.clock.now(),
                    cause_of(what.webhook, what.news));
  const Account* account = around.setup->find_account(what.webhook.account);
  const Adapter* adapter = account ? find_adapter(account->adapter) : nullptr;
  Wishes wishes;
  Update update = account ? checked_against(*account, what.news.update) : what.news.update;
  bool is_known = false;
  std::optional<WebhookOutcome> outcome = what.outcome;
  if (attempt && names_no_refund(*attempt, what)) {
    RefundsTold told(decision, *attempt, what);
    is_known = !told.is_of_one_more();
    if (Attempt* refund = told.refund()) {
      if (!is_known) attempt = refund;
    } else if (!is_known && told.has_unanswered()) {
      is_known = true;
      if (outcome) outcome = park(what.webhook, "a refund has not been answered yet");
    } else if (!is_known) {
      told.is_elsewhere();
    }
  }
  if (is_known) {
    // Nothing has changed since, or its turn comes later.
  } else if (attempt && adapter && what.news.about == News::About::refund &&
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
    if (what.is_hint && what.names_another)
      decision.note_anomaly(*attempt, "hint about another attempt",
                            {{"provider_reference", update.provider_reference}});
    else if (what.is_hint)
      remember_hint(decision, *attempt, update);
    record_message(decision, *attempt, update, what.is_proven, services.policies,
                   static_cast<bool>(lookup_of(*attempt, *adapter)), wishes);
  }
  sends = fulfil(decision, std::move(wishes), around);
  if (outcome) draft.webhook_outcomes.push_back(*outcome);
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
  Incoming incoming{webhook.method, webhook.path, webhook.headers, webhook.body,
                    webhook.received_at};
  if (adapter->webhook.comes_to_attempts)
    incoming.attempt_id = attempt_of_address(*account, incoming.path, services.sealer);
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
    const auto place = place_of(services, *account, news, adapter->webhook.comes_to_attempts);
    const bool is_proven = webhook.proof == "verified";
    const bool is_hint = !is_proven && adapter->webhook.proves_sender;
    const auto of_another =
        place && is_hint ? names_another(services, *account, news, *place) : Result<bool>(false);
    if (place && of_another)
      all->push_back({webhook, news, *place, is_proven, is_hint, *of_another});
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
