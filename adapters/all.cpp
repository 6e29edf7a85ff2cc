// The list itself is list.txt, one line an adapter; the build makes these two of it.
#include "adapters/adapter.h"

namespace switchyard {

#include "adapters_declared.inc"

std::span<const Adapter* const> all_adapters() {
  static const Adapter* const list[] = {
#include "adapters_listed.inc"
  };
  return list;
}

const Adapter* find_adapter(std::string_view name) {
  for (const Adapter* adapter : all_adapters())
    if (adapter->name == name) return adapter;
  return nullptr;
}

}  // namespace switchyard
