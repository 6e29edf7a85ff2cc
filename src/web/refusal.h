// Why bytes were not let in. Reasons are few and fixed: they label the metric gate_refusals_total.
#pragma once

#include <string_view>

#include "base/error_code.h"

namespace switchyard {

struct Refusal {
  ErrorCode code = ErrorCode::malformed_request;
  std::string_view reason = {};   // "bare_lf"; a literal
  std::string_view message = {};  // for the client; a literal that echoes nothing it sent

  bool operator==(const Refusal&) const = default;
};

}  // namespace switchyard
