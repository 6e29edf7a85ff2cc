#include "routing/rule.h"

#include <algorithm>

#include "routing/route.h"

namespace switchyard {
namespace {

template <class Value>
bool allows(const std::vector<Value>& wanted, const Value& given) {
  return wanted.empty() || std::find(wanted.begin(), wanted.end(), given) != wanted.end();
}

bool allows_amount(const When& when, std::int64_t amount) {
  if (when.amount_from && amount < *when.amount_from) return false;
  return !when.amount_below || amount < *when.amount_below;
}

bool allows_metadata(const When& when, const Metadata& metadata) {
  return std::all_of(when.metadata.begin(), when.metadata.end(), [&](const auto& condition) {
    const auto given = metadata.find(condition.first);
    return given != metadata.end() && allows(condition.second, given->second);
  });
}

}  // namespace

bool fits(const Rule& rule, const RouteQuestion& question) {
  const When& when = rule.when;
  return allows(when.merchant, question.merchant_id) && allows(when.method, question.method.rail) &&
         allows(when.network, question.method.network) && allows(when.kind, question.method.kind) &&
         allows(when.currency, std::string(question.money.currency.code())) &&
         allows(when.country, question.country) && allows(when.mode, question.mode) &&
         allows_amount(when, question.money.amount) && allows_metadata(when, question.metadata);
}

}  // namespace switchyard
