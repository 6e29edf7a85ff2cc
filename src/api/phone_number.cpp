#include "api/phone_number.h"

#include <phonenumbers/phonenumberutil.h>

#include <algorithm>
#include <list>
#include <optional>

namespace switchyard {
namespace {

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

struct NetworkRange {
  std::string_view prefix;
  std::string_view network;
};

// What national plans give to whom, in the countries where an adapter takes mobile money and few
// numbers move between networks (checked 2026-11 against the carrier tables of libphonenumber and,
// for Rwanda and 79 in Kenya, what the networks themselves say). Where numbers do move, as in Ghana
// and South Africa, nothing is said.
// clang-format off
constexpr NetworkRange ranges[] = {
    {"+231555", "mtn"},   {"+23177", "orange"}, {"+23188", "mtn"},                         // Liberia
    {"+22501", "moov"},   {"+22505", "mtn"},    {"+22507", "orange"},                      // Côte d'Ivoire
    {"+23767", "mtn"},    {"+23769", "orange"},                      // Cameroon
    {"+237650", "mtn"},   {"+237651", "mtn"},   {"+237652", "mtn"},   {"+237653", "mtn"},
    {"+237654", "mtn"},   {"+237655", "orange"}, {"+237656", "orange"}, {"+237657", "orange"},
    {"+237658", "orange"}, {"+237659", "orange"}, {"+237680", "mtn"}, {"+237681", "mtn"},
    {"+237682", "mtn"},   {"+237683", "mtn"},   {"+237686", "orange"}, {"+237687", "orange"},
    {"+24205", "airtel"}, {"+24206", "mtn"},                                               // Congo
    {"+25072", "airtel"}, {"+25073", "airtel"}, {"+25078", "mtn"},    {"+25079", "mtn"},   // Rwanda
    {"+25470", "mpesa"},  {"+25471", "mpesa"},  {"+25472", "mpesa"},  {"+25479", "mpesa"}, // Kenya
    {"+25670", "airtel"}, {"+25675", "airtel"}, {"+25676", "mtn"},    {"+25677", "mtn"},   // Uganda
    {"+25678", "mtn"},
    {"+26075", "zamtel"}, {"+26076", "mtn"},    {"+26077", "airtel"}, {"+26095", "zamtel"}, // Zambia
    {"+26096", "mtn"},    {"+26097", "airtel"},
};
// clang-format on

const PhoneNumberUtil& plans() { return *PhoneNumberUtil::GetInstance(); }

// The form is checked before; what is left is whether the country code exists.
std::optional<PhoneNumber> parse(std::string_view text) {
  if (!is_phone_number(text)) return std::nullopt;
  PhoneNumber number;
  const auto problem = plans().Parse(std::string(text), "ZZ", &number);
  if (problem != PhoneNumberUtil::NO_PARSING_ERROR) return std::nullopt;
  return number;
}

std::string region_of(const PhoneNumber& number) {
  std::string region;
  plans().GetRegionCodeForNumber(number, &region);
  if (region.size() == 2 && region != "ZZ") return region;
  // No number of any plan that is known here, but perhaps of the one country with that code.
  std::list<std::string> regions;
  plans().GetRegionCodesForCountryCallingCode(number.country_code(), &regions);
  const bool is_clear = regions.size() == 1 && regions.front().size() == 2;
  return is_clear ? regions.front() : std::string();
}

std::string whose(const PhoneNumber& number) {
  const std::string region = region_of(number);
  return "a phone number of " + (region.empty() ? "" : region + ", ") + "+" +
         std::to_string(number.country_code());
}

}  // namespace

bool is_phone_number(std::string_view text) {
  if (text.size() < 8 || text.size() > 16 || text[0] != '+' || text[1] == '0') return false;
  return std::ranges::all_of(text.substr(1), [](char c) { return c >= '0' && c <= '9'; });
}

std::string phone_problem(std::string_view phone_number) {
  const auto number = parse(phone_number);
  if (!number) return "has a country code that does not exist";
  std::string written;
  plans().Format(*number, PhoneNumberUtil::E164, &written);
  switch (plans().IsPossibleNumberWithReason(*number)) {
    case PhoneNumberUtil::TOO_SHORT:
      return "is too short for " + whose(*number);
    case PhoneNumberUtil::TOO_LONG:
      return "is too long for " + whose(*number);
    case PhoneNumberUtil::INVALID_LENGTH:
    case PhoneNumberUtil::IS_POSSIBLE_LOCAL_ONLY:
      return "has too many digits, or too few, for " + whose(*number);
    case PhoneNumberUtil::INVALID_COUNTRY_CODE:
      return "has a country code that does not exist";
    case PhoneNumberUtil::IS_POSSIBLE:
      break;
  }
  if (written != phone_number)
    return "must be " + written + ", without the digits that are dialled within the country only";
  return "";
}

std::string country_of_phone(std::string_view phone_number) {
  const auto number = parse(phone_number);
  return number ? region_of(*number) : std::string();
}

std::string_view network_of_phone(std::string_view phone_number) {
  if (!is_phone_number(phone_number)) return {};
  for (const NetworkRange& range : ranges)
    if (phone_number.starts_with(range.prefix)) return range.network;
  return {};
}

}  // namespace switchyard
