#include "stub.h"

#include <algorithm>
#include <charconv>
#include <ctime>

#include "base/crypto.h"
#include "wire.h"

namespace bench {
namespace {

constexpr int most_webhook_connections = 32;

std::chrono::milliseconds delay_of(std::string_view path) {
  int ms = 0;
  std::from_chars(path.data() + 1, path.data() + path.size(), ms);
  return std::chrono::milliseconds(ms);
}

std::string charge_json(std::int64_t number, std::string_view request) {
  std::string json = R"({"id":"ch_)" + std::to_string(number);
  json.append(R"(","reference":")").append(text_in(request, "reference"));
  json.append(R"(","status":"paid","amount":")").append(text_in(request, "amount"));
  json.append(R"(","captured":")").append(text_in(request, "amount"));
  json.append(R"(","currency":")").append(text_in(request, "currency"));
  return json.append(R"("})");
}

std::string webhook_json(std::int64_t number, const std::string& charge) {
  return R"({"id":"whe_)" + std::to_string(number) +
         R"(","type":"charge.updated","live":false,"charge":)" + charge + "}";
}

// "http://127.0.0.1:8080/webhooks/fast" → "/webhooks/fast"
std::string path_in(std::string_view url) {
  const std::size_t path = url.find('/', url.find("//") + 2);
  return std::string(path == std::string_view::npos ? "/" : url.substr(path));
}

// Of this run alone: the router remembers the ids of earlier ones.
std::int64_t first_charge() { return static_cast<std::int64_t>(::time(nullptr)) * 10'000'000; }

}  // namespace

Stub::Stub(Loop& loop, StubPlaces places)
    : loop_(loop), places_(std::move(places)), charges_(first_charge()) {
  loop_.listen(places_.port, [this](Peer& peer) { take(peer); });
}

void Stub::take(Peer& peer) {
  const auto request = first_message(peer.input);
  if (!request) return;
  const std::string path(path_of(*request));
  const std::string body(request->body);
  peer.input.erase(0, request->bytes);
  if (path == "/events")
    deliver(peer, body);
  else
    charge(peer, path, body);
}

void Stub::charge(Peer& peer, const std::string& path, const std::string& body) {
  most_charging = std::max(most_charging, ++charging);
  const std::int64_t number = ++charges_;
  const Instant begun = Clock::now();
  const auto finish = [this, &peer, number, begun, body] {
    --charging;
    const std::string charge = charge_json(number, body);
    times_[std::string(text_in(body, "description"))] = Clock::now() - begun;
    loop_.write(peer, answer(200, charge));
    webhooks_.emplace_back(path_in(text_in(body, "notify_url")), webhook_json(number, charge));
    post_webhooks();
  };
  const auto delay = delay_of(path);
  if (delay.count() == 0) return finish();
  loop_.at(begun + delay, finish);
}

void Stub::deliver(Peer& peer, std::string_view body) {
  loop_.write(peer, answer(200, "{}"));
  if (text_in(body, "type") != "payment.succeeded") return;
  const std::string description(text_in(body, "description"));
  if (delivered_.insert(description).second)
    on_delivered(description);
  else
    ++delivered_again;
}

Clock::duration Stub::take_time(const std::string& description) {
  const auto found = times_.find(description);
  if (found == times_.end()) return {};
  const auto time = found->second;
  times_.erase(found);
  return time;
}

void Stub::post_webhooks() {
  while (!webhooks_.empty() && (!idle_.empty() || open_ < most_webhook_connections)) {
    if (idle_.empty()) idle_.push_back(&connect_to_router());
    Peer& peer = *idle_.back();
    idle_.pop_back();
    post_webhook(peer);
  }
}

void Stub::post_webhook(Peer& peer) {
  const auto [path, body] = std::move(webhooks_.front());
  webhooks_.pop_front();
  const std::string time = std::to_string(::time(nullptr));
  const std::string signature =
      switchyard::to_hex(switchyard::hmac_sha256(places_.webhook_key, time + "." + body));
  loop_.write(peer, post(path, "Example-Signature: t=" + time + ",v1=" + signature + "\r\n", body));
}

Peer& Stub::connect_to_router() {
  ++open_;
  Peer& peer = loop_.connect(places_.router_port);
  peer.on_input = [this](Peer& from) {
    const auto response = first_message(from.input);
    if (!response) return;
    ++(status_of(*response) == 200 ? webhooks_taken : webhooks_refused);
    from.input.erase(0, response->bytes);
    idle_.push_back(&from);
    post_webhooks();
  };
  peer.on_close = [this](Peer& closed) {
    --open_;
    std::erase(idle_, &closed);
  };
  return peer;
}

}  // namespace bench
