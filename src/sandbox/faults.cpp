#include "sandbox/faults.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace switchyard::sandbox {
namespace {

struct ActionRow {
  std::string_view name;
  bool has_number;
  bool is_about_webhooks;
};
// clang-format off
constexpr ActionRow actions[] = {
    {"status",     true,  false},
    {"html_502",   false, false},
    {"timeout",    true,  false},
    {"reset",      false, false},
    {"truncate",   false, false},
    {"slow",       true,  false},
    {"late",       true,  false},
    {"gzip",       false, false},
    {"lose",       false, true },
    {"double",     false, true },
    {"delay",      true,  true },
    {"reorder",    false, true },
    {"forge",      false, true },
    {"again",      true,  true },
    {"misaddress", false, true },
    {"garbage",    false, true },
};
constexpr std::string_view members[] = {
    "provider", "method", "path", "when", "action", "webhook", "times", "chance",
};
// clang-format on

Failure refuse(std::string message) { return fail(ErrorCode::invalid_field, std::move(message)); }

Result<void> read_action(std::string_view text, Fault& fault) {
  const std::size_t colon = std::min(text.find(':'), text.size());
  fault.action = text.substr(0, colon);
  const std::string_view number = colon < text.size() ? text.substr(colon + 1) : "";
  const auto row = std::find_if(std::begin(actions), std::end(actions),
                                [&](const ActionRow& each) { return each.name == fault.action; });
  if (row == std::end(actions) || row->is_about_webhooks != fault.is_about_webhooks)
    return refuse("there is no action \"" + fault.action + "\" here");
  if (row->has_number == number.empty())
    return refuse("\"" + fault.action + "\" " + (row->has_number ? "needs" : "takes no") +
                  " number after a colon");
  std::from_chars(number.data(), number.data() + number.size(), fault.number);
  if (row->has_number && std::to_string(fault.number) != number)
    return refuse("\"" + std::string(number) + "\" is not a whole number");
  return {};
}

Result<Fault> read_fault(const Json& order) {
  if (!order.is_object()) return refuse("a fault is an object");
  for (const auto& [name, value] : order.items())
    if (std::find(std::begin(members), std::end(members), name) == std::end(members))
      return refuse("a fault has no member \"" + name + "\"");
  Fault fault;
  fault.provider = text_at(order, "provider");
  fault.method = text_at(order, "method");
  fault.path = text_at(order, "path");
  const std::string when = text_at(order, "when");
  if (!when.empty() && when != "before" && when != "after")
    return refuse("`when` is before or after");
  fault.is_executed = when != "before";
  fault.is_about_webhooks = order.contains("webhook");
  TRY(read_action(text_at(order, fault.is_about_webhooks ? "webhook" : "action"), fault));
  fault.times_left = integer_at(order, "times").value_or(1);
  fault.is_endless = fault.times_left == 0;
  const std::string chance = decimal_at(order, "chance");
  if (!chance.empty()) fault.chance = std::strtod(chance.c_str(), nullptr);
  return fault;
}

Json to_json(const Fault& fault) {
  return {
      {"id", fault.id},
      {"provider", fault.provider},
      {"method", fault.method},
      {"path", fault.path},
      {"when", fault.is_executed ? "after" : "before"},
      {fault.is_about_webhooks ? "webhook" : "action", fault.action},
      {"number", fault.number},
      {"times_left", fault.is_endless ? Json() : Json(fault.times_left)},
      {"chance", fault.chance},
      {"hits", fault.hits},
  };
}

bool fits_or_is_open(std::string_view asked, std::string_view actual) {
  return asked.empty() || asked == actual;
}

}  // namespace

Result<Json> Faults::add(const Json& order) {
  Fault fault = TRY(read_fault(order));
  const std::lock_guard lock(mutex_);
  fault.id = ++last_id_;
  faults_.push_back(fault);
  return to_json(fault);
}

Json Faults::list() const {
  const std::lock_guard lock(mutex_);
  Json all = Json::array();
  for (const Fault& fault : faults_) all.push_back(to_json(fault));
  return all;
}

void Faults::clear() {
  const std::lock_guard lock(mutex_);
  faults_.clear();
}

template <class Fits>
std::optional<Fault> Faults::take(Fits fits) {
  const std::lock_guard lock(mutex_);
  for (auto fault = faults_.begin(); fault != faults_.end(); ++fault) {
    if (!fits(*fault)) continue;
    if (std::uniform_real_distribution<>(0, 1)(random_) >= fault->chance) continue;
    ++fault->hits;
    const Fault taken = *fault;
    if (!fault->is_endless && --fault->times_left == 0) faults_.erase(fault);
    return taken;
  }
  return std::nullopt;
}

std::optional<Fault> Faults::take_for_request(std::string_view provider, const Request& request) {
  return take([&](const Fault& fault) {
    return !fault.is_about_webhooks && fits_or_is_open(fault.provider, provider) &&
           fits_or_is_open(fault.method, request.method) &&
           request.path.find(fault.path) != std::string::npos;
  });
}

std::optional<Fault> Faults::take_for_webhook(std::string_view provider) {
  return take([&](const Fault& fault) {
    return fault.is_about_webhooks && fits_or_is_open(fault.provider, provider);
  });
}

}  // namespace switchyard::sandbox
