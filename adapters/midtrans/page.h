// Snap's page: how it is ordered, and what Snap answers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "adapters/adapter.h"

namespace switchyard::midtrans_words {

// What the page offers for this charge; none: whatever the dashboard allows.
std::vector<std::string> methods_of(const Account& account, const Charge& charge);
bool may_offer(const Account& account, const Charge& charge, std::string_view method);

HttpRequest build_create(const Account& account, const Charge& charge);
Update read_create(const Account& account, const Charge& charge, const HttpResponse& response);

}  // namespace switchyard::midtrans_words
