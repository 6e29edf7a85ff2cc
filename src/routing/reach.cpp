#include "routing/reach.h"

#include <algorithm>

#include "routing/route.h"

namespace switchyard {
namespace {

constexpr std::size_t most_pieces = 4096;

template <class Value>
bool covers(const std::vector<Value>& outer, const std::vector<Value>& inner) {
  if (outer.empty()) return true;
  return !inner.empty() && std::all_of(inner.begin(), inner.end(), [&](const Value& value) {
    return std::find(outer.begin(), outer.end(), value) != outer.end();
  });
}

bool covers_amounts(const When& outer, const When& inner) {
  // No amount is below zero, so "from 0" is no condition.
  if (outer.amount_from.value_or(0) > inner.amount_from.value_or(0)) return false;
  return !outer.amount_below || (inner.amount_below && *inner.amount_below <= *outer.amount_below);
}

bool covers_metadata(const When& outer, const When& inner) {
  return std::all_of(outer.metadata.begin(), outer.metadata.end(), [&](const auto& condition) {
    const auto same_key = inner.metadata.find(condition.first);
    return same_key != inner.metadata.end() && covers(condition.second, same_key->second);
  });
}

// Says aloud what the conditions imply, so that two ways of writing one thing compare equal.
When spelled_out(When when) {
  if (when.method.empty() && !when.network.empty()) when.method = {Rail::mobile_money};
  if (when.method.empty() && !when.kind.empty()) when.method = {Rail::wallet};
  if (when.method.empty())
    for (const auto& [rail, word] : rail_words) when.method.push_back(rail);
  if (when.mode.empty()) when.mode = {Mode::test, Mode::live};
  return when;
}

// Each piece once per value of one condition.
template <class Value>
void divide_by(std::vector<When>& pieces, std::vector<Value> When::*condition) {
  std::vector<When> smaller;
  for (const When& piece : pieces) {
    if ((piece.*condition).empty()) smaller.push_back(piece);
    for (const Value& value : piece.*condition) {
      smaller.push_back(piece);
      smaller.back().*condition = {value};
    }
    if (smaller.size() > most_pieces) return;
  }
  pieces = std::move(smaller);
}

std::vector<When> pieces_of(const When& when) {
  std::vector<When> pieces = {spelled_out(when)};
  divide_by(pieces, &When::method);
  divide_by(pieces, &When::mode);
  divide_by(pieces, &When::currency);
  divide_by(pieces, &When::network);
  divide_by(pieces, &When::kind);
  divide_by(pieces, &When::country);
  divide_by(pieces, &When::merchant);
  return pieces;
}

}  // namespace

bool takes_all_of(const When& outer, const When& inner) {
  return covers(outer.merchant, inner.merchant) && covers(outer.method, inner.method) &&
         covers(outer.network, inner.network) && covers(outer.kind, inner.kind) &&
         covers(outer.currency, inner.currency) && covers(outer.country, inner.country) &&
         covers(outer.mode, inner.mode) && covers_amounts(outer, inner) &&
         covers_metadata(outer, inner);
}

std::vector<std::string> rules_that_hide(std::span<const Rule> above, const Rule& rule) {
  std::vector<bool> is_needed(above.size(), false);
  for (const When& piece : pieces_of(rule.when)) {
    const auto taker = std::find_if(above.begin(), above.end(), [&](const Rule& earlier) {
      return takes_all_of(earlier.when, piece);
    });
    if (taker == above.end()) return {};
    is_needed[static_cast<std::size_t>(taker - above.begin())] = true;
  }
  std::vector<std::string> hiding;
  for (std::size_t i = 0; i < above.size(); ++i)
    if (is_needed[i]) hiding.push_back(above[i].name);
  return hiding;
}

}  // namespace switchyard
