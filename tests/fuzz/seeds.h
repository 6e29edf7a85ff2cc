// Where the fuzzers begin: beside the files in corpus/, what the exchanges of the adapters hold.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace switchyard {

struct Seed {
  std::string target;
  std::string name;
  std::string bytes;
};

// Of all targets: answers, webhooks, their signatures, and the JSON of both.
std::vector<Seed> seeds_from_exchanges();

}  // namespace switchyard
