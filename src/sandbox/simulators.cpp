#include "sandbox/simulators.h"

namespace switchyard::sandbox {

// Of adapters/list.txt those that are played: the build finds make_NAME_simulator.
#include "simulators_declared.inc"

std::vector<std::unique_ptr<Simulator>> make_simulators(World& world) {
  std::vector<std::unique_ptr<Simulator>> all;
#include "simulators_listed.inc"
  return all;
}

}  // namespace switchyard::sandbox
