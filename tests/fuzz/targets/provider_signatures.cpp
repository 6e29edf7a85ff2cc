// What proves a webhook, forged in every way but by knowing the key. An input's first line says
// "ADAPTER AGE", its second is the signature's header, in which {t} stands for the time and {v} for
// the right signature, its third what the body is followed by when it is sent; then comes the body.
#include <charconv>

#include "../fuzz.h"
#include "../provider.h"
#include "base/crypto.h"

namespace switchyard {
namespace {

// Those whose header is of this shape. The others, and whoever comes next, are the kit's to forge.
struct Scheme {
  std::string_view adapter;
  std::string_view header;
  bool has_time = true;  // "SECONDS." before the body is signed with it
};
constexpr Scheme schemes[] = {{"example", "example-signature"},
                              {"example_short", "example-signature"},
                              {"example_reference", "example-signature"},
                              {"stripe", "stripe-signature"},
                              {"soxara", "soxara-signature"},
                              {"pudgy", "pudgy-signature"},
                              {"plugipay", "x-plugipay-signature"},
                              {"mintcash", "x-signature", false}};
constexpr std::int64_t widest_window_sec = 300;

void replace_all(std::string& text, std::string_view mark, const std::string& value) {
  for (std::size_t at = 0; (at = text.find(mark, at)) != std::string::npos; at += value.size())
    text.replace(at, mark.size(), value);
}

std::string signature_of(const Scheme& scheme, const std::string& time, const std::string& body) {
  return to_hex(hmac_sha256(provider_secret, scheme.has_time ? time + "." + body : body));
}

// Whether some time in the header goes with some signature in it, by our own reading.
bool could_be_proof(const Scheme& scheme, const std::string& header, const Incoming& incoming) {
  if (!scheme.has_time) return header == signature_of(scheme, "", incoming.body);
  for (std::size_t at = header.find("t="); at != std::string::npos;
       at = header.find("t=", at + 1)) {
    const std::string time = header.substr(at + 2, header.find(',', at) - at - 2);
    if (header.find("v1=" + signature_of(scheme, time, incoming.body)) == std::string::npos)
      continue;
    std::int64_t seconds = 0;
    std::from_chars(time.data(), time.data() + time.size(), seconds);
    if (std::abs(unix_seconds(incoming.received_at) - seconds) <= widest_window_sec) return true;
  }
  return false;
}

}  // namespace

void fuzz_provider_signatures(std::string_view input) {
  std::string_view line = take_line(input);
  const Scheme& scheme =
      pick(schemes, take_word(line), [](const Scheme& each) { return each.adapter; });
  std::int64_t age = 0;
  std::from_chars(line.data(), line.data() + line.size(), age);
  std::string header(take_line(input));
  const std::string tail(take_line(input));
  const std::string body(input);

  const Time noon = *parse_rfc3339("2026-11-20T07:00:00.000Z");
  // As far as a time that a client may write; what is beyond is another test's.
  const std::int64_t sent_at =
      unix_seconds(noon) - std::clamp<std::int64_t>(age, -1'000'000, 1'000'000);
  const std::string time = std::to_string(sent_at);
  replace_all(header, "{t}", time);
  replace_all(header, "{v}", signature_of(scheme, time, body));

  const Adapter& adapter = *find_adapter(scheme.adapter);
  const Account account = account_at(adapter);
  Incoming incoming{.method = "POST", .body = body + tail, .received_at = noon};
  incoming.headers = {{std::string(scheme.header), header}};
  const Proof proof = adapter.webhook.verify(account, incoming);
  require(proof == Proof::rejected || could_be_proof(scheme, header, incoming),
          "only the key's owner proves a webhook");

  Account other = account;
  for (auto& [name, value] : other.settings) value = Secret(value.reveal() + "x");
  require(adapter.webhook.verify(other, incoming) == Proof::rejected, "another key proves nothing");
  for (auto& [name, value] : other.settings) value = Secret("");
  require(adapter.webhook.verify(other, incoming) == Proof::rejected, "no key proves nothing");
  incoming.headers.clear();
  require(adapter.webhook.verify(account, incoming) == Proof::rejected, "no header proves nothing");
}

}  // namespace switchyard
