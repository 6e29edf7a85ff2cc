#include "delivery/schedule.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

namespace switchyard {
namespace {

using namespace std::chrono;

constexpr milliseconds longest_wait = 24h;
constexpr milliseconds first_rest = 5s, longest_rest = 5min;

// FNV-1a: the jitter needs to be spread, not to be secret, and a repeated computation must agree.
std::uint64_t spread(std::string_view text, int number) {
  std::uint64_t hash = 14'695'981'039'346'656'037u;
  const auto stir = [&](unsigned char byte) { hash = (hash ^ byte) * 1'099'511'628'211u; };
  for (const char c : text) stir(static_cast<unsigned char>(c));
  stir(static_cast<unsigned char>(number));
  return hash ^ (hash >> 32);
}

std::optional<seconds> read_whole_seconds(std::string_view text) {
  std::int64_t count = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (problem == std::errc::result_out_of_range && text.front() != '-')
    return longest_wait / 1s * 1s;
  if (problem != std::errc() || end != text.data() + text.size() || count < 0) return std::nullopt;
  return std::min(seconds(count), duration_cast<seconds>(longest_wait));
}

// "Fri, 20 Nov 2026 07:00:00 GMT", the one form that is still to be sent (RFC 9110, 5.6.7).
std::optional<Time> read_http_date(const std::string& text) {
  constexpr std::array months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  char weekday[4] = {}, month_name[4] = {};
  unsigned day_of_month = 0, hour = 0, minute = 0, second = 0;
  int year_number = 0, length = -1;
  std::sscanf(text.c_str(), "%3[A-Za-z], %2u %3[A-Za-z] %4d %2u:%2u:%2u GMT%n", weekday,
              &day_of_month, month_name, &year_number, &hour, &minute, &second, &length);
  const auto found = std::ranges::find(months, std::string_view(month_name));
  if (length != static_cast<int>(text.size()) || found == months.end()) return std::nullopt;
  const year_month_day date{year{year_number},
                            month{static_cast<unsigned>(found - months.begin()) + 1},
                            day{day_of_month}};
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  return Time{sys_days{date}} + hours(hour) + minutes(minute) + seconds(second);
}

}  // namespace

Schedule default_schedule() { return {0s, 5s, 5min, 30min, 2h, 5h, 10h, 14h, 20h, 24h}; }

Meaning meaning_of(const SendOutcome& outcome) {
  if (outcome.transport != Transport::answered) return Meaning::failed;
  const int status = outcome.response.status;
  if (status >= 200 && status < 300) return Meaning::delivered;
  if (status == 410) return Meaning::gone;
  if (status == 429 || status == 502 || status == 504) return Meaning::throttled;
  return Meaning::failed;
}

std::string_view word_of(Meaning meaning) {
  switch (meaning) {
    case Meaning::delivered:
      return "delivered";
    case Meaning::failed:
      return "failed";
    case Meaning::throttled:
      return "throttled";
    case Meaning::gone:
      return "gone";
  }
  return "";
}

std::optional<milliseconds> retry_after(const SendOutcome& outcome, Time now) {
  if (outcome.transport != Transport::answered) return std::nullopt;
  const std::string text = header_of(outcome.response.headers, "retry-after");
  if (text.empty()) return std::nullopt;
  if (const auto wait = read_whole_seconds(text)) return *wait;
  const auto until = read_http_date(text);
  if (!until) return std::nullopt;
  return std::clamp(ceil<milliseconds>(*until - now), 0ms, longest_wait);
}

std::optional<milliseconds> wait_before_next(const Schedule& schedule, std::string_view delivery_id,
                                             int tries_made,
                                             std::optional<milliseconds> asked_for) {
  if (tries_made < 0 || static_cast<std::size_t>(tries_made) >= schedule.size())
    return std::nullopt;
  const milliseconds gap = schedule[static_cast<std::size_t>(tries_made)];
  // From -20 % to +20 % in steps of a hundredth of a percent.
  const auto share = static_cast<std::int64_t>(spread(delivery_id, tries_made) % 4'001) - 2'000;
  return std::max(gap + gap * share / 10'000, asked_for.value_or(0ms));
}

milliseconds rest_of_endpoint(int throttles_in_a_row, std::optional<milliseconds> asked_for) {
  const int doublings = std::clamp(throttles_in_a_row - 1, 0, 10);
  return std::max(std::min(first_rest * (1 << doublings), longest_rest), asked_for.value_or(0ms));
}

int share_just_spent(int tries_made, std::size_t tries_in_all) {
  const auto percent = [&](int tries) { return tries * 100 / static_cast<int>(tries_in_all); };
  if (tries_in_all == 0) return 0;
  for (const int mark : {90, 70, 50})
    if (percent(tries_made) >= mark && percent(tries_made - 1) < mark) return mark;
  return 0;
}

}  // namespace switchyard
