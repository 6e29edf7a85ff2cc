// Names that resolve to what a test says, in this process alone: `getaddrinfo` of the test program
// stands before the system's, and libcurl asks it.
#pragma once

#include <string>
#include <vector>

namespace switchyard {

// From now on the name resolves to these IPv4 addresses, in this order.
void set_name(const std::string& name, const std::vector<std::string>& addresses);
// How often it was asked for.
int times_resolved(const std::string& name);

}  // namespace switchyard
