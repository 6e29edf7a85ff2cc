// What the provider says of its charges, and the lies that it can be told to tell.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "adapters/example/simulator_manners.h"
#include "adapters/example/simulator_parts.h"
#include "base/crypto.h"
#include "base/id.h"
#include "sandbox/simulator.h"

namespace switchyard::sandbox::example_pay {

// Setting `example.lie.ACCOUNT`, or `example.lie` for all: one of these words for every charge, or
// `mix`: every third charge meets one of them, drawn by its reference. Whoever draws a lie about
// money or names tells it in answers and webhooks, and the truth when asked again. What it does is
// written in the ledger as it is.
inline constexpr std::string_view lies[] = {
    "amount",               // another amount
    "currency",             // another currency
    "reference",            // about an attempt of nobody
    "account",              // of an account of nobody
    "swapped",              // the first answer is about the charge before this one
    "success_then_failed",  // paid, and a webhook says that it was refused after all
    "late_success",         // refused for good, and paid a while later
    "not_found",            // nobody who asks finds it for a while
    "stale",                // who asks is told for a while that it is still processing
};

struct Lie {
  std::string_view kind = "";
  bool is_drawn = false;
};

inline Lie lie_about(const std::string& setting, const std::string& reference) {
  if (setting != "mix") {
    for (const std::string_view kind : lies)
      if (kind == setting) return {kind, false};
    return {};
  }
  const std::size_t draw = std::hash<std::string>{}(reference);
  if (draw % 3 != 0) return {};
  return {lies[draw / 3 % std::size(lies)], true};
}

// What the charge says of itself under this lie.
inline Json with_lie(Json json, const SimCharge& charge, std::string_view kind) {
  const auto wrong = [&](std::int64_t amount) { return decimal(amount * 2 + 1, charge.currency); };
  if (kind == "amount") {
    json["amount"] = wrong(charge.amount);
    if (charge.captured > 0) json["captured"] = wrong(charge.captured);
  }
  if (kind == "currency") json["currency"] = charge.currency == "EUR" ? "USD" : "EUR";
  if (kind == "reference") json["reference"] = "att_of_somebody_else";
  if (kind == "account") json["account"] = "somebody_else";
  return json;
}

// Of one provider; says nothing about when.
class Voice {
 public:
  Voice(World& world, const Manners& manners) : world_(world), manners_(manners) {}

  Lie lie(const SimCharge& charge) const {
    const std::string setting =
        world_.setting("example.lie." + charge.account, world_.setting("example.lie", ""));
    return setting.empty() ? Lie{} : lie_about(setting, charge.reference);
  }

  // In answers and webhooks.
  Json told(const SimCharge& charge) const {
    return with_lie(to_json(charge), charge, lie(charge).kind);
  }

  // By who asks.
  Json seen(const SimCharge& charge) const {
    const Lie it = lie(charge);
    Json json = it.is_drawn ? to_json(charge) : told(charge);
    if (it.kind == "stale" && charge.is_young) json["status"] = "processing";
    return json;
  }

  bool is_visible(const SimCharge& charge) const {
    return !(charge.is_young && lie(charge).kind == "not_found");
  }

  // What it really did.
  void record(const std::string& operation, const SimCharge& charge, std::int64_t amount) const {
    world_.record({std::string(manners_.name), operation, charge.id, charge.reference, amount,
                   charge.currency});
  }

  void send_webhook(const std::string& type, const SimCharge& charge,
                    const std::pair<std::string, Json>& about) const {
    if (charge.notify_url.empty()) return;
    Json body = {
        {"id", new_id("evt")}, {"type", type}, {"live", false}, {"account", charge.account}};
    body[about.first] = about.second;
    using namespace std::chrono_literals;
    WebhookOrder order = {.provider = std::string(manners_.name),
                          .request = {"POST",
                                      charge.notify_url,
                                      {{"Content-Type", "application/json"}},
                                      write_json(body)},
                          .schedule = {0s, 5s, 30s, 5min, 30min, 2h},
                          // Nobody asks about what was refused for good: this is its only word.
                          .is_certain = lie(charge).kind == "late_success"};
    if (manners_.signs_webhooks) order.before_try = signer(charge.account);
    world_.send_webhook(std::move(order));
  }

 private:
  std::function<void(HttpRequest&)> signer(const std::string& account) const {
    const std::string key = world_.setting("example.webhook_key." + account,
                                           world_.setting("example.webhook_key", "whk_example"));
    return [this, key](HttpRequest& request) {
      const std::string time = std::to_string(world_.unix_time());
      const std::string signature = to_hex(hmac_sha256(key, time + "." + request.body));
      request.headers = {{"Content-Type", "application/json"},
                         {"Example-Signature", "t=" + time + ",v1=" + signature}};
    };
  }

  World& world_;
  const Manners manners_;
};

}  // namespace switchyard::sandbox::example_pay
