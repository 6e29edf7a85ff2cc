#include "sandbox/simulators.h"

namespace switchyard::sandbox {

std::vector<std::unique_ptr<Simulator>> make_simulators(World&) { return {}; }

}  // namespace switchyard::sandbox
