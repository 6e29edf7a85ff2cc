#include "domain/card_number.h"

#include <algorithm>
#include <span>
#include <string>
#include <vector>

namespace switchyard {
namespace {

// Digits with single spaces or dashes between them, cut where those stand.
struct Run {
  std::vector<std::string_view> groups;
  bool follows_letter = false;  // as in the IBAN "DE44 5001 …"
};

struct Issuer {
  int digits;  // how many leading digits the two bounds have
  int from;
  int to;
  std::size_t only_length = 0;  // 0: any
};

// clang-format off
constexpr Issuer issuers[] = {
    {1, 4,    4      },                       // Visa
    {2, 51,   55     }, {4, 2221, 2720},      // Mastercard
    {2, 34,   34,  15}, {2, 37,   37,   15},  // American Express
    {4, 3528, 3589   },                       // JCB
    {3, 300,  305    }, {2, 36,   36  }, {2, 38, 39},  // Diners Club
    {2, 50,   50     }, {2, 56,   58  },      // Maestro
    {1, 6,    6      },                       // Discover, UnionPay and Maestro share it
};
// clang-format on

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool begins_like_a_card(std::string_view digits) {
  return std::ranges::any_of(issuers, [&](const Issuer& issuer) {
    int prefix = 0;
    for (const char c : digits.substr(0, static_cast<std::size_t>(issuer.digits)))
      prefix = prefix * 10 + (c - '0');
    return prefix >= issuer.from && prefix <= issuer.to &&
           (issuer.only_length == 0 || issuer.only_length == digits.size());
  });
}

bool passes_luhn(std::string_view digits) {
  int sum = 0;
  bool is_doubled = false;
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit, is_doubled = !is_doubled) {
    const int value = (*digit - '0') * (is_doubled ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 == 0;
}

bool is_card(std::span<const std::string_view> groups) {
  std::string digits;
  for (const std::string_view group : groups) {
    digits += group;
    if (digits.size() > 19) return false;
  }
  return digits.size() >= 14 && begins_like_a_card(digits) && passes_luhn(digits);
}

// How many groups from the first on are spaced as on a card: 4-4-4-4, 4-6-5 or 4-6-4. Else 0.
std::size_t printed_groups(std::span<const std::string_view> groups) {
  const auto has = [&](std::initializer_list<std::size_t> sizes) {
    return groups.size() >= sizes.size() &&
           std::equal(
               sizes.begin(), sizes.end(), groups.begin(),
               [](std::size_t size, std::string_view group) { return group.size() == size; });
  };
  if (has({4, 4, 4, 4})) return 4;
  return has({4, 6, 5}) || has({4, 6, 4}) ? 3 : 0;
}

// "4242 4242 4242 4242 12/27": an expiry month or a security code beside the number must not hide
// it. More groups of four beside it do: then it is a longer number, such as an IBAN.
bool holds_printed_card(const Run& run) {
  const std::span<const std::string_view> groups = run.groups;
  for (std::size_t first = 0; first < groups.size(); ++first) {
    const std::size_t count = printed_groups(groups.subspan(first));
    if (count == 0) continue;
    const std::size_t end = first + count;
    const bool starts_alone = first == 0 || (groups[first - 1].size() < 4 && !run.follows_letter);
    const bool ends_alone = end == groups.size() || groups[end].size() < 4;
    if (starts_alone && ends_alone && is_card(groups.subspan(first, count))) return true;
  }
  return false;
}

bool holds_card(const Run& run) {
  if (is_card(run.groups)) return true;
  for (const std::string_view& group : run.groups)
    if (is_card({&group, 1})) return true;
  return holds_printed_card(run);
}

bool may_stand_in_digest(char c) { return is_digit(c) || is_letter(c) || c == '-'; }

bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

bool begins_with_uuid(std::string_view text) {
  constexpr std::string_view shape = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  return text.size() >= shape.size() &&
         std::ranges::equal(shape, text.substr(0, shape.size()), [](char wanted, char given) {
           return wanted == '-' ? given == '-' : is_hex(given);
         });
}

// How long a UUID or a digest of 32 or more hexadecimal digits at the front is; 0 when there is
// none. One UUID in 1600 holds what would pass for a card number, and merchants name their orders
// so.
std::size_t digest_length(std::string_view text) {
  std::size_t length = begins_with_uuid(text) ? 36 : 0;
  if (length == 0)
    while (length < text.size() && is_hex(text[length])) ++length;
  const bool is_whole = length == text.size() || !may_stand_in_digest(text[length]);
  return length >= 32 && is_whole && std::ranges::any_of(text.substr(0, length), is_letter) ? length
                                                                                            : 0;
}

std::size_t end_of_digits(std::string_view text, std::size_t at) {
  while (at < text.size() && is_digit(text[at])) ++at;
  return at;
}

// Reads the run that begins at `at`, a digit, and moves `at` behind it.
Run read_run(std::string_view text, std::size_t& at) {
  Run run{.groups = {}, .follows_letter = at > 0 && is_letter(text[at - 1])};
  for (;;) {
    const std::size_t end = end_of_digits(text, at);
    run.groups.push_back(text.substr(at, end - at));
    at = end;
    const bool goes_on =
        at + 1 < text.size() && (text[at] == ' ' || text[at] == '-') && is_digit(text[at + 1]);
    if (!goes_on) return run;
    ++at;
  }
}

}  // namespace

bool holds_card_number(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const bool begins_a_word = at == 0 || !may_stand_in_digest(text[at - 1]);
    if (const std::size_t length = begins_a_word ? digest_length(text.substr(at)) : 0; length > 0) {
      at += length;
    } else if (!is_digit(text[at])) {
      ++at;
    } else if (holds_card(read_run(text, at))) {
      return true;
    }
  }
  return false;
}

}  // namespace switchyard
