// Rules as text: for people, and in one exact form whose digest is the version of the rules.
#pragma once

#include <string>
#include <vector>

#include "routing/rule.h"

namespace switchyard {

// "method is card or hosted_page, currency is USD, amount is from 100 to below 500000",
// or "any payment" without conditions.
std::string describe_when(const When& when);
// "mtn_lr, then soxara_main", "70 of 100 to stripe_us, 30 of 100 to pudgy_main, then mintcash_main"
std::string describe_accounts(const Rule& rule);

// Two files whose rules route every payment alike may differ here; two that differ here may not.
// The order of values within a condition and of shares within a split changes nothing.
std::string canonical_text(const std::vector<Rule>& rules);

// A book with its version: the first 12 hex digits of the SHA-256 of the canonical text.
RuleBook make_rule_book(std::vector<Rule> rules);

}  // namespace switchyard
