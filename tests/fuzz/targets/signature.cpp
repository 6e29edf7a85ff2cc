// The signature of our own webhooks, as a careful receiver checks it. Four lines and the body: the
// secrets, the id, the age, and the header, in which {v} stands for what we would sign with.
#include "delivery/signature.h"

#include <charconv>

#include "../fuzz.h"
#include "base/crypto.h"

namespace switchyard {
namespace {

const Time noon = *parse_rfc3339("2026-11-20T07:00:00.000Z");

bool is_plain(std::string_view id) {
  return !id.empty() && std::all_of(id.begin(), id.end(), [](unsigned char c) {
    return c < 0x80 && (std::isalnum(c) || c == '_');
  });
}

// Written in another way: each piece of the header against each secret, as text.
bool could_be_proof(std::span<const Secret> secrets, const std::string& header,
                    const std::string& content) {
  for (const Secret& secret : secrets) {
    const std::string& text = secret.reveal();
    if (!text.starts_with("whsec_")) continue;
    const auto key = from_base64(text.substr(6));
    if (key && (" " + header + " ").find(" v1," + to_base64(hmac_sha256(*key, content)) + " ") !=
                   std::string::npos)
      return true;
  }
  return false;
}

}  // namespace

void fuzz_signature(std::string_view input) {
  const auto secrets = secrets_in(Secret(std::string(take_line(input))), noon);
  const std::string id(take_line(input));
  const std::string_view age_text = take_line(input);
  std::int64_t age = 0;
  std::from_chars(age_text.data(), age_text.data() + age_text.size(), age);
  age = std::clamp<std::int64_t>(age, -100'000, 100'000);
  std::string header(take_line(input));
  const std::string body(input);

  const Time at = noon - std::chrono::seconds(age);
  const std::string ours = is_plain(id) ? sign_message(secrets, id, at, body) : "";
  if (const std::size_t mark = header.find("{v}"); mark != std::string::npos)
    header.replace(mark, 3, ours);
  const std::string time = std::to_string(unix_seconds(at));
  const auto headers_with = [&](const std::string& signature) {
    return Headers{
        {"Webhook-Id", id}, {"webhook-timestamp", time}, {"webhook-signature", signature}};
  };

  const bool is_fresh = std::abs(age) <= 300;
  if (!ours.empty())
    require(is_signed(secrets, headers_with(ours), body, noon) == is_fresh,
            "what we sign is proof for five minutes");
  const bool is_proof = is_signed(secrets, headers_with(header), body, noon);
  require(!is_proof || (is_fresh && could_be_proof(secrets, header, id + "." + time + "." + body)),
          "only the secret's owner proves a message");
  require(!is_signed(secrets, headers_with(ours), body + " ", noon), "nor is a longer body proven");
  require(!is_signed({}, headers_with(header), body, noon), "nothing is proven without a secret");
}

}  // namespace switchyard
