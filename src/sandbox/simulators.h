// The list of simulators, one line each.
#pragma once

#include "sandbox/simulator.h"

namespace switchyard::sandbox {

std::vector<std::unique_ptr<Simulator>> make_simulators(World& world);

}  // namespace switchyard::sandbox
