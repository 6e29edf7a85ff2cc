// What the kit and the tables of the adapters look like on paper.
#pragma once

#include <span>
#include <string>

#include "kit/check_adapter.h"

namespace switchyard {

// For a terminal: one line a call, and every finding with what to do.
std::string report_text(const AdapterReport& report);

// docs/providers.md: for each provider its rails, currencies and calls, how its webhooks prove
// themselves, how an unknown outcome is found out, and what its documents leave open.
std::string providers_page(std::span<const AdapterReport> reports);

// Every code of these adapters, with our reason, its advice, what may follow, and how certain it is
// that no money moves, as the exchanges show it: a code that has none is a refusal's. Without any
// exchanges that column is left out.
std::string errors_table(std::span<const Adapter* const> adapters,
                         std::span<const Exchange> exchanges);

}  // namespace switchyard
