// docs/states.md, drawn from the tables that the code runs on.
#pragma once

#include <string>

namespace switchyard {

std::string states_markdown();

}  // namespace switchyard
