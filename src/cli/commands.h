// One line per command; serve and dev are in app/main.cpp.
#pragma once

#include "cli/program.h"

namespace switchyard::cli {

void offer_adapters(Program& program);
void offer_migrate(Program& program);
void offer_merchants(Program& program);
void offer_keys(Program& program);
void offer_routing(Program& program);
void offer_states(Program& program);

}  // namespace switchyard::cli
