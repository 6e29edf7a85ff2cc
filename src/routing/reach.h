// Whether a rule can ever be reached, given the rules above it.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "routing/rule.h"

namespace switchyard {

// True when every payment that fits `inner` fits `outer` too, judging by the conditions alone.
bool takes_all_of(const When& outer, const When& inner);

// The rules above that together take every payment this one would, in their order; empty when
// some payment can still reach it. Very long lists of values are judged as a whole, which may miss
// that several rules share them, never the other way round.
std::vector<std::string> rules_that_hide(std::span<const Rule> above, const Rule& rule);

}  // namespace switchyard
