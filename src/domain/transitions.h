// Checks on tables of changes that the compiler makes, so that a wrong table does not build.
#pragma once

#include <cstddef>

namespace switchyard {

// Two rows are about the same pair when both start at the same status and name the same change,
// or, in a table without named changes, the same end.
template <class Row>
constexpr bool is_same_pair(const Row& a, const Row& b) {
  if constexpr (requires { a.change; })
    return a.from == b.from && a.change == b.change;
  else
    return a.from == b.from && a.to == b.to;
}

template <class Row, std::size_t N>
constexpr bool each_pair_appears_once(const Row (&table)[N]) {
  for (std::size_t i = 0; i < N; ++i)
    for (std::size_t j = i + 1; j < N; ++j)
      if (is_same_pair(table[i], table[j])) return false;
  return true;
}

}  // namespace switchyard
