#include "delivery/signature.h"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <optional>

#include "base/crypto.h"

namespace switchyard {
namespace {

constexpr std::string_view secret_prefix = "whsec_";
constexpr std::string_view version_prefix = "v1,";
constexpr std::int64_t tolerance_sec = 300;

// Calls `use` with each piece between single spaces.
template <class Use>
void for_each_token(std::string_view text, Use use) {
  while (true) {
    const std::size_t end = text.find(' ');
    use(text.substr(0, end));
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
  }
}

std::optional<std::int64_t> read_seconds(std::string_view text) {
  if (text.empty() || text.size() > 12 || text.front() == '0') return std::nullopt;
  if (!std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; })) return std::nullopt;
  std::int64_t seconds = 0;
  std::from_chars(text.data(), text.data() + text.size(), seconds);
  return seconds;
}

std::optional<std::string> key_of(const Secret& secret) {
  const std::string_view text = secret.reveal();
  if (!text.starts_with(secret_prefix)) return std::nullopt;
  auto key = from_base64(text.substr(secret_prefix.size()));
  if (!key || key->empty()) return std::nullopt;
  return key;
}

std::string signed_content(std::string_view id, std::string_view timestamp, std::string_view body) {
  std::string content;
  content.reserve(id.size() + timestamp.size() + body.size() + 2);
  content.append(id).append(".").append(timestamp).append(".").append(body);
  return content;
}

bool is_plain_id(std::string_view id) {
  return !id.empty() && std::ranges::all_of(id, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  });
}

}  // namespace

std::vector<Secret> secrets_in(const Secret& sealed_text, Time now) {
  std::vector<Secret> secrets;
  for_each_token(sealed_text.reveal(), [&](std::string_view token) {
    const std::size_t at = token.find('@');
    if (at != std::string_view::npos) {
      const auto until = read_seconds(token.substr(at + 1));
      if (!until || *until <= unix_seconds(now)) return;
    }
    if (at != 0 && !token.empty()) secrets.emplace_back(std::string(token.substr(0, at)));
  });
  return secrets;
}

std::string sign_message(std::span<const Secret> secrets, std::string_view id, Time at,
                         std::string_view body) {
  assert(is_plain_id(id));
  const std::string content = signed_content(id, std::to_string(unix_seconds(at)), body);
  std::string list;
  for (const Secret& secret : secrets) {
    const auto key = key_of(secret);
    if (!key) continue;
    if (!list.empty()) list += ' ';
    list.append(version_prefix).append(to_base64(hmac_sha256(*key, content)));
  }
  return list;
}

bool is_signed(std::span<const Secret> secrets, const Headers& headers, std::string_view body,
               Time now) {
  const std::string id = header_of(headers, "webhook-id");
  const std::string timestamp = header_of(headers, "webhook-timestamp");
  const auto seconds = read_seconds(timestamp);
  if (id.empty() || !seconds) return false;
  const std::int64_t age = unix_seconds(now) - *seconds;
  if (age > tolerance_sec || age < -tolerance_sec) return false;

  const std::string content = signed_content(id, timestamp, body);
  bool is_match = false;  // no way out of the loops: time must not tell which one matched
  for (const Secret& secret : secrets) {
    const auto key = key_of(secret);
    if (!key) continue;
    const std::string wanted = hmac_sha256(*key, content);
    for_each_token(header_of(headers, "webhook-signature"), [&](std::string_view token) {
      if (!token.starts_with(version_prefix)) return;
      const auto given = from_base64(token.substr(version_prefix.size()));
      if (given && equal_in_constant_time(*given, wanted)) is_match = true;
    });
  }
  return is_match;
}

}  // namespace switchyard
