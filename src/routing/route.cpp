#include "routing/route.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

#include "base/crypto.h"

namespace switchyard {
namespace {

// An endless row of numbers that belongs to one payment under one rule. SHA-256 spreads the ids,
// which differ in few characters; the rest (SplitMix64) only has to be quick.
class Draws {
 public:
  Draws(std::string_view payment_id, std::string_view rule) {
    // The newline keeps ("pay_1", "2x") and ("pay_12", "x") apart.
    const std::string digest = sha256(std::string(payment_id) + "\n" + std::string(rule));
    for (std::size_t i = 0; i < 8; ++i)
      state_ = state_ << 8 | static_cast<unsigned char>(digest[i]);
  }

  // From 0 to total - 1. Totals are tiny beside 2^64, so the remainder favours nobody noticeably.
  std::int64_t below(std::int64_t total) {
    return static_cast<std::int64_t>(draw() % static_cast<std::uint64_t>(total));
  }

 private:
  std::uint64_t draw() {
    state_ += 0x9e3779b97f4a7c15;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111eb;
    return mixed ^ mixed >> 31;
  }

  std::uint64_t state_ = 0;
};

struct Candidate {
  std::string account;
  std::string reason;
};

std::string ordinal(std::size_t number) {
  constexpr std::array<std::string_view, 10> words = {"first", "second", "third",   "fourth",
                                                      "fifth", "sixth",  "seventh", "eighth",
                                                      "ninth", "tenth"};
  if (number <= words.size()) return std::string(words[number - 1]);
  return "number " + std::to_string(number);
}

std::int64_t total_of(const std::vector<Share>& shares) {
  std::int64_t total = 0;
  for (const Share& share : shares) {
    assert(share.weight > 0);
    total += share.weight;
  }
  return total;
}

// Takes one share out of what is left, each as likely as its weight says.
Share draw_share(std::vector<Share>& left, Draws& draws) {
  std::int64_t ticket = draws.below(total_of(left));
  auto chosen = left.begin();
  while (ticket >= chosen->weight) ticket -= (chosen++)->weight;
  const Share share = *chosen;
  left.erase(chosen);
  return share;
}

// Choosing again among the rest means that, when an account is passed over, its payments go to the
// others in proportion to their weights.
void add_split(std::vector<Candidate>& candidates, const Rule& rule, std::string_view payment_id) {
  Draws draws(payment_id, rule.name);
  std::vector<Share> left = rule.split;
  // The order in which a file lists the shares must not move payments about.
  std::sort(left.begin(), left.end(),
            [](const Share& a, const Share& b) { return a.account < b.account; });
  const std::string of_total = " of " + std::to_string(total_of(left));
  for (std::size_t choice = 1; !left.empty(); ++choice) {
    const Share share = draw_share(left, draws);
    std::string reason = "weight " + std::to_string(share.weight) + of_total;
    if (choice > 1) reason += ", " + ordinal(choice) + " choice";
    candidates.push_back({share.account, std::move(reason)});
  }
}

std::vector<Candidate> candidates_of(const Rule& rule, std::string_view payment_id) {
  std::vector<Candidate> candidates;
  for (std::size_t i = 0; i < rule.use.size(); ++i)
    candidates.push_back({rule.use[i], ordinal(i + 1) + " of use"});
  add_split(candidates, rule, payment_id);
  for (std::size_t i = 0; i < rule.then.size(); ++i)
    candidates.push_back({rule.then[i], "then " + std::to_string(i + 1)});
  return candidates;
}

bool is_among_first(const std::vector<Candidate>& candidates, std::size_t index) {
  const auto self = candidates.begin() + static_cast<std::ptrdiff_t>(index);
  return std::none_of(candidates.begin(), self,
                      [&](const Candidate& earlier) { return earlier.account == self->account; });
}

void follow(const Rule& rule, const RouteQuestion& question, const Objection& objection,
            RouteAnswer& answer) {
  const std::vector<Candidate> candidates = candidates_of(rule, question.payment_id);
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (!is_among_first(candidates, i)) continue;
    const auto& [account, reason] = candidates[i];
    std::string against = objection ? objection(account, question) : std::string();
    if (!against.empty()) {
      answer.passed_over.push_back({account, std::move(against)});
      continue;
    }
    const int rank = static_cast<int>(answer.stops.size()) + 1;
    answer.stops.push_back({account, rule.name, reason, rank});
  }
}

}  // namespace

RouteAnswer find_route(const RuleBook& rules, const RouteQuestion& question,
                       const Objection& objection) {
  RouteAnswer answer{.rule = {}, .rules_version = rules.version};
  const auto rule = std::find_if(rules.rules.begin(), rules.rules.end(),
                                 [&](const Rule& each) { return fits(each, question); });
  if (rule == rules.rules.end()) return answer;
  answer.rule = rule->name;
  follow(*rule, question, objection, answer);
  return answer;
}

}  // namespace switchyard
