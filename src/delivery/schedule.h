// When the next try is made, and what an answer means for the endpoint.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "http/client.h"

namespace switchyard {

// The gap before each try; as many tries as gaps.
using Schedule = std::vector<std::chrono::seconds>;
// The example of the Standard Webhooks specification: ten tries within 75 h 35 m 05 s.
Schedule default_schedule();

enum class Meaning {
  delivered,  // 2xx
  failed,     // no answer, or any other status; a redirect is never followed
  throttled,  // 429, 502, 504: the whole endpoint is given a rest
  gone,       // 410: the endpoint wants nothing any more
};
Meaning meaning_of(const SendOutcome& outcome);
std::string_view word_of(Meaning meaning);

// How long the answer asks us to wait, in seconds or as an HTTP date; at most 24 hours.
std::optional<std::chrono::milliseconds> retry_after(const SendOutcome& outcome, Time now);

// The wait before the try that follows `tries_made`: the gap give or take a fifth, always the same
// for the same delivery and try, and never shorter than was asked for. Nothing when none is left.
std::optional<std::chrono::milliseconds> wait_before_next(
    const Schedule& schedule, std::string_view delivery_id, int tries_made,
    std::optional<std::chrono::milliseconds> asked_for);

// The rest of an endpoint that throttles, after so many such answers in a row.
std::chrono::milliseconds rest_of_endpoint(int throttles_in_a_row,
                                           std::optional<std::chrono::milliseconds> asked_for);

// Whether this try was the one that spent 50, 70 or 90 percent of the tries: the percentage, or 0.
int share_just_spent(int tries_made, std::size_t tries_in_all);

}  // namespace switchyard
