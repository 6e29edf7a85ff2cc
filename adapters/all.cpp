#include "adapters/adapter.h"

namespace switchyard {

// One line per adapter.
extern const Adapter example;

std::span<const Adapter* const> all_adapters() {
  static const Adapter* const list[] = {&example};
  return list;
}

const Adapter* find_adapter(std::string_view name) {
  for (const Adapter* adapter : all_adapters())
    if (adapter->name == name) return adapter;
  return nullptr;
}

}  // namespace switchyard
