// One configured rule, and whether it fits a payment. A RuleBook is compiled once from the
// configuration and never changes: a reload makes another one.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/payment.h"

namespace switchyard {

struct RouteQuestion;

// Conditions; an absent one fits everything. Several values of one condition: any of them.
struct When {
  std::vector<std::string> merchant = {};
  std::vector<Rail> method = {};
  std::vector<std::string> network = {};  // mobile_money
  std::vector<std::string> kind = {};     // wallet
  std::vector<std::string> currency = {};
  std::vector<std::string> country = {};
  std::vector<Mode> mode = {};
  std::optional<std::int64_t> amount_from = {};   // inclusive
  std::optional<std::int64_t> amount_below = {};  // exclusive
  std::map<std::string, std::vector<std::string>> metadata = {};
};

struct Share {
  std::string account;
  int weight = 0;  // above 0
};

struct Rule {
  std::string name;
  When when = {};
  std::vector<std::string> use = {};   // in this order; or
  std::vector<Share> split = {};       // by weight, sticky per payment,
  std::vector<std::string> then = {};  // and after the split these, in order
};

bool fits(const Rule& rule, const RouteQuestion& question);

struct RuleBook {
  std::vector<Rule> rules = {};  // the first that fits wins
  std::string version = {};      // first 12 hex digits of the SHA-256 of their canonical text
};

}  // namespace switchyard
