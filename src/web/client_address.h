// Who really asks, when proxies that we trust stand between.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace switchyard {

// `peer` is whom the socket names. X-Forwarded-For is believed only as far as trusted proxies wrote
// it: from its right end, past every trusted address, to the first that is not. `trusted` holds
// addresses and networks ("10.0.0.0/8").
std::string client_address(const std::string& peer, std::string_view forwarded_for,
                           const std::vector<std::string>& trusted);

bool is_trusted_address(std::string_view address, const std::vector<std::string>& trusted);

}  // namespace switchyard
