// One set of credentials at one provider, as configured.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"

namespace switchyard {

enum class Mode { test, live };
inline std::string_view word_of(Mode mode) { return mode == Mode::live ? "live" : "test"; }

struct AmountLimits {
  std::int64_t minimum = 0;
  std::int64_t maximum = 0;  // 0: none
};

struct Account {
  std::string id;       // "stripe_us": the name in rules, answers and webhook URLs
  std::string adapter;  // "stripe"
  Mode mode = Mode::test;
  std::vector<std::string> merchants = {"*"};
  std::string base_url;     // no slash at the end
  std::string webhook_url;  // where this provider reaches us: public URL + /webhooks/{id}
  std::map<std::string, Secret> settings = {};      // every setting, defaults filled in
  std::vector<std::string> currencies = {};         // empty: all of the adapter's
  std::vector<std::string> countries = {};          // empty: all of the adapter's
  std::map<std::string, AmountLimits> limits = {};  // by currency
  bool forward_metadata = false;

  // The text of a setting; "" when it has none. Asked-for names are checked at start.
  const std::string& setting(std::string_view name) const {
    static const std::string none;
    const auto found = settings.find(std::string(name));
    return found == settings.end() ? none : found->second.reveal();
  }
  bool is_on(std::string_view name) const { return setting(name) == "true"; }
};

}  // namespace switchyard
