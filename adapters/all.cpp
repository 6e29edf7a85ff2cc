#include "adapters/adapter.h"

namespace switchyard {

// One line per adapter.
extern const Adapter example;
extern const Adapter example_keyless;
extern const Adapter example_reference;
extern const Adapter example_short;
extern const Adapter manual;
extern const Adapter mintcash;
extern const Adapter soxara;
extern const Adapter stripe;

std::span<const Adapter* const> all_adapters() {
  static const Adapter* const list[] = {&example,       &example_keyless, &example_reference,
                                        &example_short, &manual,          &mintcash,
                                        &soxara,        &stripe};
  return list;
}

const Adapter* find_adapter(std::string_view name) {
  for (const Adapter* adapter : all_adapters())
    if (adapter->name == name) return adapter;
  return nullptr;
}

}  // namespace switchyard
