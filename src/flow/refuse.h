// A verb's refusal: an Error that names the payment it is about.
#pragma once

#include <string>

#include "base/result.h"
#include "domain/payment.h"

namespace switchyard {

inline Failure refuse(ErrorCode code, const Payment& payment, std::string why,
                      std::string param = {}) {
  Error error{.code = code, .message = std::move(why), .param = std::move(param)};
  error.payment_id = payment.id;
  return fail(std::move(error));
}

}  // namespace switchyard
