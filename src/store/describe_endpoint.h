// A webhook endpoint as its merchant sees it, in answers and in events: without its secret.
#pragma once

#include "base/json.h"
#include "store/endpoints.h"

namespace switchyard {

Json describe_endpoint(const Endpoint& endpoint);

}  // namespace switchyard
