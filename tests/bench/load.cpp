#include "load.h"

#include "base/crypto.h"
#include "wire.h"

namespace bench {

Load::Load(Loop& loop, Stub& stub, LoadPlan plan)
    : loop_(loop),
      stub_(stub),
      plan_(std::move(plan)),
      run_(switchyard::to_hex(switchyard::random_bytes(6))) {
  clients_.resize(static_cast<std::size_t>(plan_.clients));
  stub_.on_delivered = [this](const std::string& description) {
    const auto found = undelivered_.find(description);
    if (found == undelivered_.end()) return;
    const auto [begun, slot] = found->second;
    undelivered_.erase(found);
    deliveries.push_back({Clock::now(), Clock::now() - begun, {}});
    if (plan_.awaits_events) end_part(slot);
  };
}

void Load::start() {
  planned_ = Clock::now();
  for (std::size_t slot = 0; slot < clients_.size(); ++slot) {
    open(slot);
    if (plan_.rate > 0)
      free_.push_back(slot);
    else
      begin(slot, Clock::now());
  }
  if (plan_.rate > 0) keep_pace();
}

void Load::open(std::size_t slot) {
  Peer& peer = loop_.connect(plan_.router_port);
  peer.slot = slot;
  peer.on_input = [this](Peer& from) { take(from); };
  peer.on_close = [](Peer&) { give_up("the router closed a connection"); };
  clients_[slot].peer = &peer;
}

std::string Load::request_of(const std::string& description) const {
  std::string headers = "Authorization: Bearer " + plan_.api_key + "\r\n";
  if (plan_.sends_keys) headers += "Idempotency-Key: " + description + "\r\n";
  std::string body = R"({"amount":4999,"currency":"USD","description":")" + description + R"(")";
  if (plan_.confirms)
    body += R"(,"confirm":true,"payment_method":{"type":"card","token":"tok_ok"},)"
            R"("metadata":{"account":")" +
            plan_.account + R"("})";
  return post("/v1/payments", headers, body + "}");
}

void Load::begin(std::size_t slot, Instant planned) {
  Client& client = clients_[slot];
  client.description = run_ + "_" + std::to_string(++made_);
  client.begun = planned;
  client.parts_left = plan_.awaits_events ? 2 : 1;
  ++under_way_;
  if (plan_.confirms) undelivered_[client.description] = {planned, slot};
  loop_.write(*client.peer, request_of(client.description));
}

void Load::take(Peer& peer) {
  const auto response = first_message(peer.input);
  if (!response) return;
  const int status = status_of(*response);
  if (status != 201 && statuses[status] == 0 && status != 202)
    std::fprintf(stderr, "switchyard-bench: %.*s\n", static_cast<int>(response->body.size()),
                 response->body.data());
  ++statuses[status];
  peer.input.erase(0, response->bytes);
  Client& client = clients_[peer.slot];
  --under_way_;
  const Instant now = Clock::now();
  answers.push_back({now, now - client.begun, stub_.take_time(client.description)});
  const bool is_refused = status != 201 && status != 202;
  if (is_refused) undelivered_.erase(client.description);
  if (is_refused) client.parts_left = 1;
  end_part(peer.slot);
}

// The event may well come before the answer, and one connection holds one request at a time.
void Load::end_part(std::size_t slot) {
  if (--clients_[slot].parts_left > 0) return;
  if (plan_.rate > 0)
    free_.push_back(slot);
  else if (!is_stopping_)
    begin(slot, Clock::now());
}

// An open loop: what the router does not answer in time is not taken off the clients' load, and
// counts from when it should have begun.
void Load::keep_pace() {
  const auto gap =
      std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(1 / plan_.rate));
  for (const Instant now = Clock::now(); planned_ <= now && !is_stopping_; planned_ += gap) {
    if (free_.empty()) {
      ++late;
      break;
    }
    const std::size_t slot = free_.front();
    free_.pop_front();
    begin(slot, planned_);
  }
  if (!is_stopping_) loop_.at(Clock::now() + std::chrono::milliseconds(1), [this] { keep_pace(); });
}

}  // namespace bench
