// What the simulated providers did, written down by themselves. Nothing the router says enters.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/clock.h"

namespace switchyard::sim {

enum class State { pending, action, authorized, captured, refused, canceled, expired };

inline std::string_view word_of(State state) {
  static constexpr std::string_view words[] = {"pending", "action",   "authorized", "captured",
                                               "refused", "canceled", "expired"};
  return words[static_cast<int>(state)];
}
// Money is held or taken, or could still be.
inline bool is_open(State state) { return state <= State::captured; }

enum class Lie { none, amount, currency, foreign_reference, takes_back, late_success };

struct LedgerCharge {
  std::string id;
  std::string reference;  // the attempt that asked for it
  std::string payment;
  std::string account;
  std::int64_t amount = 0;
  std::string currency;
  bool is_manual = false;
  bool is_payable_after_refusal = false;  // refused, but the payer may try again until it is closed
  State state = State::pending;
  State said_before = State::pending;  // what a stale look-up still says
  Time made_at{};
  Time changed_at{};
  std::string code = {};
  std::int64_t captured = 0;
  std::int64_t refunding = 0;
  std::string capture_reference = {};
  Lie lie = Lie::none;
  bool has_lied = false;
  bool is_tombstone = false;  // closed before it was seen
};

struct LedgerRefund {
  std::string id;
  std::string reference;
  std::string charge;
  std::int64_t amount = 0;
  std::string currency;
  std::string state = "pending";  // pending, succeeded, failed
  Time made_at{};
};

struct Ledger {
  std::vector<LedgerCharge> charges = {};
  std::vector<LedgerRefund> refunds = {};

  LedgerCharge* by_id(std::string_view id) { return find(charges, &LedgerCharge::id, id); }
  LedgerCharge* by_reference(std::string_view ref) {
    return find(charges, &LedgerCharge::reference, ref);
  }
  LedgerRefund* refund_by_id(std::string_view id) { return find(refunds, &LedgerRefund::id, id); }
  LedgerRefund* refund_by_reference(std::string_view ref) {
    return find(refunds, &LedgerRefund::reference, ref);
  }

 private:
  template <class Rows, class Member>
  static auto find(Rows& rows, Member member, std::string_view value) -> decltype(rows.data()) {
    if (!value.empty())
      for (auto& row : rows)
        if (row.*member == value) return &row;
    return nullptr;
  }
};

}  // namespace switchyard::sim
