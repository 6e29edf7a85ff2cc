#include "adapters/wire.h"

#include <algorithm>
#include <vector>

#include "base/crypto.h"
#include "domain/money.h"

namespace switchyard {

std::int64_t number_in(const Account& account, std::string_view setting, std::int64_t otherwise) {
  return amount_from_decimal(account.setting(setting), 0).value_or(otherwise);
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
  constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (plain.find(c) != std::string_view::npos)
      out += c;
    else
      out += {'%', digits[byte >> 4], digits[byte & 15]};
  }
  return out;
}

Form& Form::add(std::string_view name, std::string_view value) {
  if (!text_.empty()) text_ += '&';
  text_ += percent_encoded(name) + "=" + percent_encoded(value);
  return *this;
}

Form& Form::add_unless_empty(std::string_view name, std::string_view value) {
  return value.empty() ? *this : add(name, value);
}

std::string basic_authorization(std::string_view user, std::string_view password) {
  return "Basic " + to_base64(std::string(user) + ":" + std::string(password));
}

HttpRequest with_json(HttpRequest request, const Json& body) {
  request.headers.emplace_back("Content-Type", "application/json");
  request.body = write_json(body);
  return request;
}

HttpRequest with_form(HttpRequest request, const Form& body) {
  request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
  request.body = body.text();
  return request;
}

void add_refusal(Update& update, std::span<const DeclineRow> table, const std::string& code,
                 const std::string& message) {
  update.provider_code = code;
  update.provider_message = message;
  update.decline = decline_from(table, code);
}

std::optional<Money> money_from(std::string_view decimal, std::string_view currency) {
  const auto known = find_currency(currency);
  const auto amount = known ? amount_from_decimal(decimal, known->exponent()) : std::nullopt;
  return amount ? std::optional(Money{*amount, *known}) : std::nullopt;
}

void believe_only_readable_money(Update& update) {
  const bool is_money =
      update.verdict == Verdict::captured || update.verdict == Verdict::authorized;
  if (is_money && !update.money) update.verdict = Verdict::unknown;
}

std::string plain_id(std::string_view id, std::size_t longest) {
  constexpr std::string_view plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
  const bool is_plain =
      id.size() <= longest && id.find_first_not_of(plain) == std::string_view::npos;
  return is_plain ? std::string(id) : std::string();
}

Json redirect_to(const std::string& url) {
  return {{"type", "redirect"}, {"redirect", {{"url", url}}}};
}

Json approve_on_phone(std::string_view network, std::string_view phone_number,
                      const std::string& ends_at) {
  return {{"type", "approve_on_phone"},
          {"approve_on_phone",
           {{"network", network}, {"phone_number", phone_number}, {"expires_at", ends_at}}}};
}

std::string remember_prompt_end(Update& update, const Charge& charge, std::chrono::seconds lasts) {
  std::string ends_at = text_at(charge.memory, "prompt_ends_at");
  if (ends_at.empty()) ends_at = to_rfc3339(charge.now + lasts);
  update.memory["prompt_ends_at"] = ends_at;
  return ends_at;
}

std::string amount_objection(std::string_view provider, Money money, std::int64_t minimum,
                             std::int64_t maximum) {
  const auto takes = [&](std::string_view no, std::int64_t limit) {
    return std::string(provider) + " takes no " + std::string(no) + " than " +
           Money{limit, money.currency}.display();
  };
  if (money.amount < minimum) return takes("less", minimum);
  return maximum > 0 && money.amount > maximum ? takes("more", maximum) : "";
}

std::optional<AccessToken> read_bearer_token(const Account&, const HttpResponse& response) {
  constexpr std::int64_t an_hour = 3600, most = 90 * 24 * 3600;
  const Json body = parse_json(response.body);
  const std::string text = text_at(body, "access_token");
  const Json& lasts_for = member_at(body, "expires_in");
  const auto lasts = lasts_for.is_null() ? std::optional(an_hour)
                                         : amount_from_decimal(decimal_at(body, "expires_in"), 0);
  const bool is_success = response.status == 200 || response.status == 201;
  const bool is_word =
      !text.empty() && std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7F'; });
  if (!is_success || !is_word || !lasts || *lasts <= 0) return std::nullopt;
  return AccessToken{Secret(text), std::chrono::seconds(std::min(*lasts, most))};
}

bool is_signed_with_time(std::string_view header, std::string_view key, std::string_view body,
                         Time now, std::chrono::seconds tolerance) {
  std::string time;
  std::vector<std::string_view> signatures;
  while (!header.empty()) {
    const std::size_t end = std::min(header.find(','), header.size());
    std::string_view part = header.substr(0, end);
    header.remove_prefix(std::min(end + 1, header.size()));
    while (part.starts_with(' ')) part.remove_prefix(1);
    if (part.starts_with("t=") && time.empty()) time = part.substr(2);
    if (part.starts_with("v1=")) signatures.push_back(part.substr(3));
  }
  const auto sent_at = amount_from_decimal(time, 0);
  if (!sent_at || key.empty()) return false;
  if (std::chrono::abs(now - from_unix_seconds(*sent_at)) > tolerance) return false;
  const std::string ours = to_hex(hmac_sha256(key, time + "." + std::string(body)));
  return std::ranges::any_of(
      signatures, [&](std::string_view theirs) { return equal_in_constant_time(ours, theirs); });
}

Proof proof_by_time(const Account& account, const Incoming& incoming, std::string_view header) {
  // What is no number tolerates nothing, not even the same second.
  const std::chrono::seconds tolerance(number_in(account, webhook_tolerance.name, -1));
  const bool is_theirs =
      is_signed_with_time(header_of(incoming.headers, header), account.setting("webhook_secret"),
                          incoming.body, incoming.received_at, tolerance);
  return is_theirs ? Proof::verified : Proof::rejected;
}

Proof proof_by_address(const Account&, const Incoming& incoming) {
  return incoming.attempt_id.empty() ? Proof::rejected : Proof::unproven;
}

}  // namespace switchyard
