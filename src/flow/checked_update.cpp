#include "flow/checked_update.h"

#include <algorithm>
#include <array>

#include "domain/card_number.h"

namespace switchyard {
namespace {

constexpr std::size_t longest_code = 100;
constexpr std::string_view not_a_code = "unreadable";
constexpr std::string_view left_out = "(left out: it held a card number)";

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Merchants see codes, so a code is a word or a few, and not a page or a secret's hiding place.
bool is_code(std::string_view text) {
  return text.size() <= longest_code && !holds_card_number(text) &&
         std::ranges::all_of(text, [](char c) {
           return is_letter(c) || is_digit(c) ||
                  std::string_view(" _-.,:/()#*+%").find(c) != std::string_view::npos;
         });
}

bool may_stand_in_a_link(char c) {
  return c > 0x20 && c < 0x7f && c != '"' && c != '<' && c != '>' && c != '\\';
}

std::string_view scheme_of(std::string_view url) {
  const std::size_t colon = url.find(':');
  const std::string_view scheme = url.substr(0, colon == std::string_view::npos ? 0 : colon);
  const bool is_word =
      !scheme.empty() && is_letter(scheme[0]) && std::ranges::all_of(scheme, [](char c) {
        return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
      });
  return is_word ? scheme : std::string_view();
}

bool is_same_word(std::string_view left, std::string_view lower_case) {
  return std::ranges::equal(left, lower_case, [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b;
  });
}

// An app is opened by a scheme of its own; these would run or show something in the shop's page.
bool is_safe_link(std::string_view url, bool is_to_a_page) {
  constexpr std::array<std::string_view, 6> never = {"javascript", "vbscript", "data",
                                                     "file",       "blob",     "about"};
  const std::string_view scheme = scheme_of(url);
  if (scheme.empty() || !std::ranges::all_of(url, may_stand_in_a_link)) return false;
  const bool is_web = is_same_word(scheme, "https") || is_same_word(scheme, "http");
  if (is_web || is_to_a_page) return is_web && url.substr(scheme.size()).starts_with("://");
  return std::ranges::none_of(never,
                              [&](std::string_view each) { return is_same_word(scheme, each); });
}

// Next actions are {"type": T, T: {…, "url": U}}.
bool leads_somewhere_safe(const Json& action) {
  const std::string type = text_at(action, "type");
  const Json& url = member_at(action, type + ".url");
  if (url.is_null()) return true;
  return url.is_string() && (text_at(action, type + ".url").empty() ||
                             is_safe_link(text_at(action, type + ".url"), type == "redirect"));
}

void refuse_action(Update& update) {
  update.verdict = Verdict::refused;
  update.is_still_payable = true;
  update.decline = Decline::provider_error;
  update.provider_message = "The payer would have been sent to what is no web address.";
  update.next_action = nullptr;
}

}  // namespace

Update checked_against(const Account& account, Update update) {
  const std::string& expected = account.setting("account_name");
  update.is_foreign_account =
      !update.account_echo.empty() && !expected.empty() && update.account_echo != expected;
  if (!is_code(update.provider_code)) update.provider_code = not_a_code;
  if (holds_card_number(update.provider_message)) update.provider_message = left_out;
  if (!leads_somewhere_safe(update.next_action)) refuse_action(update);
  return update;
}

}  // namespace switchyard
