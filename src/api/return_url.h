// Where a payer may be sent back to.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "domain/account.h"

namespace switchyard {

// What speaks against sending a payer to this URL, "" if nothing. https, or in test mode http to
// this machine; no user, no fragment; one of the hosts, when there are any ("*.example.com" is all
// below example.com).
std::string return_url_problem(std::string_view url, Mode mode,
                               const std::vector<std::string>& hosts);

}  // namespace switchyard
