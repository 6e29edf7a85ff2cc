#include "flow/inquiry.h"

#include <cassert>
#include <future>
#include <memory>

#include "base/log.h"

namespace switchyard {
namespace {

using namespace std::chrono_literals;

// The provider waits for our answer to its message meanwhile.
constexpr std::chrono::milliseconds patience{5'000};
constexpr std::size_t most_bytes = 64 << 10;
// An account has one or two certificates at a time; somebody who makes up more URLs gains nothing.
constexpr std::size_t most_kept = 100;
// Each holds a worker of the server while it waits: more come again later.
constexpr int most_at_once = 8;

// Not "try again later", nor anything about ourselves: what we asked for does not exist.
bool is_definite_no(int status) {
  return status >= 400 && status < 500 && status != 401 && status != 403 && status != 408 &&
         status != 429;
}

// One of those that are under way, until it is left, however.
struct Turn {
  explicit Turn(std::atomic<int>& all) : all_(all), number(++all) {}
  ~Turn() { --all_; }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  std::atomic<int>& all_;

 public:
  const int number;
};

std::optional<Secret> wait_for_token(const Account& account, const Adapter& adapter,
                                     const std::string& kind, HttpClient& http, const Clock& clock,
                                     TokenBook& tokens) {
  const auto promise = std::make_shared<std::promise<std::optional<Secret>>>();
  auto token = promise->get_future();
  tokens.get(http, clock, account, adapter, kind,
             [promise](std::optional<Secret> text) { promise->set_value(std::move(text)); });
  if (token.wait_for(patience) != std::future_status::ready) return std::nullopt;
  return token.get();
}

bool refuses_token(const Adapter& adapter, const SendOutcome& outcome) {
  if (outcome.transport != Transport::answered) return false;
  return adapter.refuses_token ? adapter.refuses_token(outcome.response)
                               : outcome.response.status == 401;
}

// With an access token where the request needs one; a refused one is renewed once. Nothing without.
std::optional<SendOutcome> send(const Account& account, const Adapter& adapter,
                                const HttpRequest& request, HttpClient& http, const Clock& clock,
                                TokenBook& tokens) {
  const SendOptions options{.timeout = patience, .answer_bytes = most_bytes};
  if (request.token.empty()) return http.send(request, options);
  std::optional<SendOutcome> outcome;
  for (int turn = 0; turn < 2; ++turn) {
    const auto token = wait_for_token(account, adapter, request.token, http, clock, tokens);
    if (!token) return outcome;
    HttpRequest with_token = request;
    with_token.headers.emplace_back("Authorization", "Bearer " + token->reveal());
    outcome = http.send(std::move(with_token), options);
    if (!refuses_token(adapter, *outcome)) return outcome;
    tokens.forget(account, request.token, *token);
  }
  return outcome;
}

}  // namespace

std::optional<HttpResponse> Inquirer::kept(const Name& name, Time now) {
  const std::lock_guard lock(mutex_);
  const auto found = kept_.find(name);
  if (found == kept_.end() || now >= found->second.until) return std::nullopt;
  return found->second.response;
}

void Inquirer::keep(const Name& name, const HttpResponse& response, Time until) {
  const std::lock_guard lock(mutex_);
  if (kept_.size() >= most_kept) kept_.clear();
  kept_[name] = {response, until};
}

std::optional<Proof> Inquirer::ask(const Account& account, const Adapter& adapter,
                                   const Incoming& incoming, HttpClient& http, const Clock& clock,
                                   TokenBook& tokens) {
  const Inquiry& inquiry = adapter.webhook.inquiry;
  assert(inquiry.build && inquiry.read && "who asks says how");
  const HttpRequest request = inquiry.build(account, incoming);
  const bool may_be_kept = request.method == "GET" && inquiry.keeps_for > 0s;
  const Name name{account.id, request.url};
  if (may_be_kept)
    if (const auto response = kept(name, clock.now()))
      return inquiry.read(account, incoming, *response);
  const Turn turn(under_way_);
  if (turn.number > most_at_once) {
    log_warning("webhook.not_judged", {{"account", account.id}, {"problem", "too many at once"}});
    return std::nullopt;
  }
  const auto outcome = send(account, adapter, request, http, clock, tokens);
  if (outcome && outcome->transport == Transport::answered &&
      is_definite_no(outcome->response.status))
    return Proof::rejected;
  if (!outcome || outcome->transport != Transport::answered || outcome->response.status != 200) {
    log_warning("webhook.not_judged",
                {{"account", account.id},
                 {"status", std::to_string(outcome ? outcome->response.status : 0)},
                 {"problem", outcome ? outcome->problem : "no access token could be had"}});
    return std::nullopt;
  }
  const Proof proof = inquiry.read(account, incoming, outcome->response);
  if (may_be_kept && proof != Proof::rejected)
    keep(name, outcome->response, clock.now() + inquiry.keeps_for);
  return proof;
}

}  // namespace switchyard
