// What must be true of the demo payments, compared with what the providers and the merchant saw.
#pragma once

#include <string>
#include <vector>

#include "app/dev_demo.h"

namespace switchyard {

// Sentences; none when all is well.
std::vector<std::string> problems_with(const DemoResult& result, const DemoPlace& place);

// Prints a table of them with what is wrong below it; whether nothing is.
bool check_demo_payments(const std::vector<DemoResult>& results, const DemoPlace& place);

}  // namespace switchyard
