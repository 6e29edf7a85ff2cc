// The conformance kit: everything that can be said of an adapter without its provider. Pure but for
// what the exchanges were read from.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "kit/check_exchange.h"

namespace switchyard {

// Something that is wrong, and what to do about it.
struct Finding {
  std::string what;
  std::string to_do;
};
using Findings = std::vector<Finding>;

struct CallReport {
  OfferedCall call;
  int exchanges = 0;              // that show it
  int documented = 0;             // of which the provider's own pages show
  std::string undocumented = {};  // why its pages show none: the rest of `source`, "none: …"
  int faults = 0;                 // of a hostile provider that its answers were put through
  Findings findings = {};
};

struct AdapterReport {
  const Adapter* adapter = nullptr;
  std::vector<CallReport> calls = {};
  int exchanges = 0;
  int webhook_attacks = 0;
  Findings findings = {};  // about no call in particular

  bool is_sound() const;
};

// `exchanges` are this adapter's own. Those of others count as well where their adapter makes the
// very same call, as relatives in one folder do.
AdapterReport check_adapter(const Adapter& adapter, std::span<const Exchange> exchanges,
                            std::span<const Exchange> of_others = {});
// With all exchanges in `folder`.
std::vector<AdapterReport> check_adapters(std::span<const Adapter* const> adapters,
                                          const std::string& folder);

// The laws of the contract that concern what is declared and what is built.
void check_declarations(const Adapter& adapter, Findings& findings);
void check_requests(const Adapter& adapter, std::span<const Exchange> exchanges,
                    Findings& findings);
// What a provider that fails, or lies, answers instead of the exchange's answer. How many there
// were.
int meet_faults(const Adapter& adapter, const Exchange& exchange, const OfferedCall& call,
                Findings& findings);
// Messages that somebody else made, or changed. How many there were.
int meet_forgers(const Adapter& adapter, const Exchange& exchange, Findings& findings);

}  // namespace switchyard
