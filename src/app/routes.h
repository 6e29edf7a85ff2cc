// Every URL on one screen.
#pragma once

#include <functional>
#include <vector>

#include "api/context.h"
#include "web/message.h"

namespace switchyard {

std::vector<Route> public_routes(Api& api, std::function<bool()> is_draining);
std::vector<Route> operations_routes(Api& api);

}  // namespace switchyard
