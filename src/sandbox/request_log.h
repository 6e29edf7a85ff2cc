// Every request that reached a provider, when, and with what fault it met: what a referee needs to
// tell whether a key was used twice, or before its intent was committed.
#pragma once

#include <fstream>
#include <mutex>
#include <optional>
#include <string>

#include "sandbox/faults.h"
#include "web/message.h"

namespace switchyard::sandbox {

class RequestLog {
 public:
  // Appends JSON lines to that file; "" for none.
  explicit RequestLog(const std::string& file);

  void append(const std::string& provider, const Request& request,
              const std::optional<Fault>& fault);

 private:
  std::mutex mutex_;
  std::ofstream file_;
};

}  // namespace switchyard::sandbox
