// Customers: kept for their shop, found by their email or the shop's own id, and told of by
// webhook.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/plugipay/simulator_calls.h"
#include "adapters/plugipay/simulator_webhooks.h"

namespace switchyard::sandbox::plugipay_simulator {

// Not safe by itself: the simulator's mutex guards it.
class Customers {
 public:
  Customers(const Voice& voice, Hooks& hooks) : voice_(voice), hooks_(hooks) {}

  // As a session shows it; null for one that is not known.
  Json brief(const std::string& id, const std::string& scope) const {
    const auto found = customers_.find(id);
    if (found == customers_.end() || found->second.scope != scope) return nullptr;
    Json json = Json::object();
    for (const auto* name : {"id", "name", "email", "phone", "externalId"})
      json[name] = found->second.json[name];
    return json;
  }

  // One of them, or with an empty id a list.
  Reply read(const Request& request, const std::string& id, const Caller& caller) const {
    const std::string_view email = request.query_value("email");
    const std::string_view external_id = request.query_value("externalId");
    std::vector<Json> found;
    for (const auto& [its_id, customer] : customers_) {
      if (customer.scope != caller.scope()) continue;
      if (its_id == id) return voice_.success(customer.json);
      if (!email.empty() && text_at(customer.json, "email") != email) continue;
      if (!external_id.empty() && text_at(customer.json, "externalId") != external_id) continue;
      found.push_back(customer.json);
    }
    return id.empty() ? page_of(request, voice_, std::move(found)) : voice_.missing();
  }

  Reply create(const Json& body, const Caller& caller) {
    const std::string id = new_id("cus");
    if (is_taken(text_at(body, "externalId"), id, caller)) return taken();
    Customer customer = {.scope = caller.scope(), .json = new_json(id, caller)};
    fill(customer.json, body);
    hooks_.send("customer.created", caller, customer.json);
    customers_[id] = customer;
    return voice_.success(customer.json, 201);
  }

  Reply update(const std::string& id, const Json& body, const Caller& caller) {
    Customer* customer = find(id, caller);
    if (!customer) return voice_.missing();
    if (is_taken(text_at(body, "externalId"), id, caller)) return taken();
    fill(customer->json, body);
    hooks_.send("customer.updated", caller, customer->json);
    return voice_.success(customer->json);
  }

  // Whoever has paid stays.
  Reply remove(const std::string& id, const Caller& caller, bool has_paid) {
    const Customer* customer = find(id, caller);
    if (!customer) return voice_.missing();
    if (has_paid) return voice_.failure(409, "conflict", "payments hang on this customer");
    hooks_.send("customer.deleted", caller, customer->json);
    customers_.erase(id);
    return voice_.deleted(id);
  }

 private:
  struct Customer {
    std::string scope = {};
    Json json = Json::object();
  };

  Customer* find(const std::string& id, const Caller& caller) {
    const auto found = customers_.find(id);
    const bool is_there = found != customers_.end() && found->second.scope == caller.scope();
    return is_there ? &found->second : nullptr;
  }

  bool is_taken(const std::string& external_id, const std::string& id, const Caller& caller) const {
    for (const auto& [its_id, customer] : customers_)
      if (its_id != id && customer.scope == caller.scope() && !external_id.empty() &&
          text_at(customer.json, "externalId") == external_id)
        return true;
    return false;
  }
  Reply taken() const {
    return voice_.failure(409, "conflict", "another customer has this externalId", "externalId");
  }

  void fill(Json& customer, const Json& body) const {
    for (const auto* name : {"email", "name", "phone", "externalId", "taxId", "metadata"})
      if (body.is_object() && body.contains(name)) customer[name] = body[name];
    customer["updatedAt"] = voice_.time();
  }

  Json new_json(const std::string& id, const Caller& caller) const {
    return {{"id", id},
            {"arn", "arn:plugipay:customer:" + id},
            {"accountId", caller.account},
            {"email", nullptr},
            {"name", nullptr},
            {"phone", nullptr},
            {"externalId", nullptr},
            {"taxId", nullptr},
            {"metadata", nullptr},
            {"createdAt", voice_.time()},
            {"updatedAt", voice_.time()}};
  }

  const Voice& voice_;
  Hooks& hooks_;
  std::map<std::string, Customer> customers_;
};

}  // namespace switchyard::sandbox::plugipay_simulator
