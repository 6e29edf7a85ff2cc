#include "sandbox/simulators.h"

namespace switchyard::sandbox {

// One line each, and one below.
std::unique_ptr<Simulator> make_example_simulator(World& world);
std::unique_ptr<Simulator> make_example_keyless_simulator(World& world);
std::unique_ptr<Simulator> make_example_reference_simulator(World& world);
std::unique_ptr<Simulator> make_example_short_simulator(World& world);
std::unique_ptr<Simulator> make_mintcash_simulator(World& world);
std::unique_ptr<Simulator> make_soxara_simulator(World& world);
std::unique_ptr<Simulator> make_stripe_simulator(World& world);

std::vector<std::unique_ptr<Simulator>> make_simulators(World& world) {
  std::vector<std::unique_ptr<Simulator>> all;
  all.push_back(make_example_simulator(world));
  all.push_back(make_example_keyless_simulator(world));
  all.push_back(make_example_reference_simulator(world));
  all.push_back(make_example_short_simulator(world));
  all.push_back(make_mintcash_simulator(world));
  all.push_back(make_soxara_simulator(world));
  all.push_back(make_stripe_simulator(world));
  return all;
}

}  // namespace switchyard::sandbox
