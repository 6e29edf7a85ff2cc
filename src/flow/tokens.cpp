#include "flow/tokens.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/contain.h"
#include "base/crypto.h"
#include "base/log.h"

namespace switchyard {
namespace {

using namespace std::chrono_literals;

// Somebody who is refused a token is not asked for one by every payment that waits.
constexpr std::chrono::seconds rest_after_failure{1};

const TokenKind* find_kind(const Adapter& adapter, const std::string& name) {
  const auto found = std::find_if(adapter.tokens.begin(), adapter.tokens.end(),
                                  [&](const TokenKind& kind) { return kind.name == name; });
  return found == adapter.tokens.end() ? nullptr : &*found;
}

std::string digest_of(const HttpRequest& request) {
  std::string all = request.method + " " + request.url + "\n";
  for (const auto& [name, value] : request.headers) all += name + ": " + value + "\n";
  return sha256(all + "\n" + request.body);
}

}  // namespace

void TokenBook::get(HttpClient& http, const Clock& clock, const Account& account,
                    const Adapter& adapter, const std::string& kind, Take take) {
  const TokenKind* found = find_kind(adapter, kind);
  if (!found) return take(std::nullopt);  // the account was given to another adapter
  HttpRequest request = found->build(account);
  const Name name{account.id, kind, digest_of(request)};
  const Time now = clock.now();
  std::optional<Secret> at_hand;
  bool is_to_fetch = false;
  bool is_hopeless = false;
  {
    const std::lock_guard lock(mutex_);
    // Those of credentials that were changed are of no use any more.
    std::erase_if(entries_, [&](const auto& each) {
      return each.first.account == name.account && each.first.kind == kind && each.first != name &&
             !each.second.is_fetching;
    });
    Entry& entry = entries_[name];
    if (now < entry.ends_at) at_hand = entry.token;
    const bool is_due = now >= entry.renew_at;
    is_to_fetch = is_due && !entry.is_fetching && now >= entry.not_before;
    is_hopeless = !at_hand && !is_to_fetch && !entry.is_fetching;
    if (is_to_fetch) entry.is_fetching = true;
    if (!at_hand && !is_hopeless) entry.waiting.push_back(take);
  }
  if (at_hand || is_hopeless) take(std::move(at_hand));
  if (is_to_fetch) fetch(http, clock, account, adapter, *found, name, std::move(request));
}

void TokenBook::forget(const Account& account, const std::string& kind, const Secret& refused) {
  const std::lock_guard lock(mutex_);
  for (auto& [name, entry] : entries_)
    if (name.account == account.id && name.kind == kind && entry.token.reveal() == refused.reveal())
      entry.renew_at = entry.ends_at = Time{};
}

void TokenBook::fetch(HttpClient& http, const Clock& clock, const Account& account,
                      const Adapter& adapter, const TokenKind& kind, const Name& name,
                      HttpRequest request) {
  // The caller's account may be gone when the answer comes.
  const auto kept = std::make_shared<const Account>(account);
  const bool is_on_its_way = contain("token.fetch", [&] {
    http.send(std::move(request), {.timeout = adapter.timeout},
              [this, &clock, kept, name, read = kind.read](const SendOutcome& outcome) {
                std::optional<AccessToken> token;
                if (outcome.transport == Transport::answered)
                  contain("token.read", [&] { token = read(*kept, outcome.response); });
                if (!token)
                  log_error("token.not_had", {{"account", name.account},
                                              {"kind", name.kind},
                                              {"status", std::to_string(outcome.response.status)},
                                              {"problem", outcome.problem}});
                take_answer(name, clock, std::move(token));
              });
  });
  if (!is_on_its_way) take_answer(name, clock, std::nullopt);
}

void TokenBook::take_answer(const Name& name, const Clock& clock,
                            std::optional<AccessToken> token) {
  std::vector<Take> waiting;
  std::optional<Secret> text;
  {
    const std::lock_guard lock(mutex_);
    Entry& entry = entries_[name];
    const Time now = clock.now();
    entry.is_fetching = false;
    if (token) {
      entry.token = token->text;
      entry.renew_at = now + token->lasts * 9 / 10;
      entry.ends_at = now + token->lasts - std::min<Duration>(30s, Duration(token->lasts) / 20);
      text = token->text;
    } else {
      entry.not_before = now + rest_after_failure;
      if (now < entry.ends_at) text = entry.token;
    }
    waiting = std::exchange(entry.waiting, {});
  }
  for (const Take& take : waiting) take(text);
}

}  // namespace switchyard
