// What the providers really did, numbered and never changed: the truth our books are compared with.
#pragma once

#include <fstream>
#include <mutex>
#include <string>
#include <vector>

#include "sandbox/simulator.h"

namespace switchyard::sandbox {

class Ledger {
 public:
  // Lines are also appended to that file, as JSON; "" for none.
  explicit Ledger(const std::string& file);

  void append(const LedgerLine& line);
  // {"lines": [{"seq", "at", "provider", ...}], "has_more"}: those after that number, oldest first.
  Json read(std::int64_t after, std::string_view provider, std::size_t limit) const;

 private:
  mutable std::mutex mutex_;
  std::vector<Json> lines_;
  std::ofstream file_;
};

}  // namespace switchyard::sandbox
