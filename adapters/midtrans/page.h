// Snap's page: how it is ordered, and what Snap answers.
#pragma once

#include <string>

#include "adapters/adapter.h"

namespace switchyard::midtrans_words {

// What the page offers for this charge, comma between; "": whatever the dashboard allows.
std::string methods_of(const Account& account, const Charge& charge);

HttpRequest build_create(const Account& account, const Charge& charge);
Update read_create(const Account& account, const Charge& charge, const HttpResponse& response);

}  // namespace switchyard::midtrans_words
