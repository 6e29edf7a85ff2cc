// How a provider that speaks Example Pay's API behaves.
#pragma once

#include <cstdint>
#include <string_view>

namespace switchyard::sandbox::example_pay {

struct Manners {
  std::string_view name = "example";
  std::int64_t key_lasts_sec = 24 * 60 * 60;  // 0: it has no keys
  // A repeated key is answered with what became of the charge, not with the first answer's bytes.
  bool replays_latest = false;
  bool remembers_references = true;  // false: a repeated reference is charged again
  bool refuses_repeats = false;      // a repeated reference is told that it exists, no more
  bool answers_later = false;        // the first answer only says that it was accepted
  bool signs_webhooks = true;
};

// [relatives]
inline constexpr Manners short_memory = {.name = "example_short",
                                         .key_lasts_sec = 20,
                                         .replays_latest = true,
                                         .remembers_references = false};
inline constexpr Manners keyed_by_reference = {.name = "example_reference",
                                               .key_lasts_sec = 0,
                                               .refuses_repeats = true,
                                               .answers_later = true};
inline constexpr Manners without_keys = {.name = "example_keyless",
                                         .key_lasts_sec = 0,
                                         .remembers_references = false,
                                         .signs_webhooks = false};
// [end]

}  // namespace switchyard::sandbox::example_pay
