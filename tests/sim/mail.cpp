#include "mail.h"

#include "wire.h"
#include "world.h"

namespace switchyard::sim {
namespace {

using namespace std::chrono_literals;

// As those do that give up after days.
constexpr Duration gaps[] = {1s, 1min, 10min, 1h, 6h, 24h, 24h};

std::string with(std::string_view body, std::string_view name, std::string_view value) {
  std::string text;
  for (std::size_t at = 0; at < body.size();) {
    const std::size_t end = std::min(body.find('&', at), body.size());
    const std::string_view pair = body.substr(at, end - at);
    const std::size_t equals = pair.find('=');
    add_field(text, pair.substr(0, equals),
              pair.substr(0, equals) == name ? value : pair.substr(equals + 1));
    at = end + 1;
  }
  return text;
}

}  // namespace

void Mail::post(Message message) {
  const Swarm& faults = world_.faults();
  Chance& chance = world_.chance;
  add_field(message.body, "event", "ev" + std::to_string(++count_));
  if (chance.is(faults.webhook_forged)) forge(message);
  if (!message.is_certain && chance.is(faults.webhook_lost)) return;
  const int copies = chance.is(faults.webhook_again) ? 2 : 1;
  for (int i = 0; i < copies; ++i) {
    const Duration late = chance.is(faults.webhook_late) ? chance.time(1s, 3h) : 0s;
    world_.schedule.after(late + chance.time(1ms, 500ms), [this, message] { deliver(message, 0); });
  }
}

// Somebody claims that money came, without the signature; or with it, but about another sum.
void Mail::forge(const Message& message) {
  Message other = message;
  other.body =
      with(with(message.body, "state", "captured"), "event", "ev" + std::to_string(++count_));
  other.is_forged = true;
  // A signed lie of one that cannot be asked would be believed by people, and rightly so.
  if (message.account != "resend" && world_.chance.is(0.5)) {
    other.is_forged = false;
    other.body = with(other.body, "amount", "1");
  }
  world_.schedule.after(world_.chance.time(1ms, 10min), [this, other] { deliver(other, 0); });
}

void Mail::deliver(const Message& message, int tries) {
  const auto router = world_.serving();
  if (!router) return try_again(message, tries);
  router->run([this, router, message, tries] {
    ReceivedWebhook webhook{.id = "whk_" + std::to_string(world_.next_number()),
                            .account = message.account};
    webhook.method = "POST";
    webhook.headers = {{"signature", message.is_forged ? "theirs" : "ours"}};
    webhook.body = message.body;
    webhook.received_at = world_.schedule.now();
    const Adapter& adapter = *find_adapter(message.account);
    const Account& account = *world_.setup()->find_account(message.account);
    const Proof proof = adapter.webhook.verify(
        account, {webhook.method, webhook.path, webhook.headers, webhook.body});
    webhook.proof = proof == Proof::verified   ? "verified"
                    : proof == Proof::unproven ? "unproven"
                                               : "rejected";
    if (proof != Proof::rejected) webhook.provider_event_id = field(message.body, "event");
    webhook.is_ours = proof != Proof::rejected;
    const bool is_taken = router->receive_webhook(std::move(webhook));
    if (!is_taken) try_again(message, tries);
  });
}

void Mail::try_again(const Message& message, int tries) {
  if (tries == static_cast<int>(std::size(gaps))) return;
  world_.schedule.after(gaps[tries], [this, message, tries] { deliver(message, tries + 1); });
}

}  // namespace switchyard::sim
