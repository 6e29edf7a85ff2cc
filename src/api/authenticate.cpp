#include "api/authenticate.h"

#include <algorithm>

#include "store/merchants.h"

namespace switchyard {
namespace {

constexpr std::chrono::milliseconds remembered_for{900};
constexpr std::size_t most_remembered = 10'000;
constexpr std::string_view key_words[] = {"sk_test_", "sk_live_", "pk_test_", "pk_live_"};

// The same for every reason, so that nobody learns which keys exist.
Failure unauthenticated() {
  return fail(ErrorCode::unauthenticated,
              "Send a valid API key in the header Authorization: Bearer KEY, and nowhere else.");
}

bool looks_like_a_key(std::string_view text) {
  return std::ranges::any_of(key_words,
                             [&](std::string_view word) { return text.starts_with(word); });
}

bool has_key_in_query(const Request& request) {
  return std::ranges::any_of(request.query, [](const auto& field) {
    return field.first == "api_key" || field.first == "access_token" ||
           looks_like_a_key(field.second);
  });
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// What follows the scheme, whose name is not case-sensitive; "" for another scheme.
std::string_view credentials_after(std::string_view header, std::string_view lower_case_scheme) {
  const std::size_t length = lower_case_scheme.size();
  if (header.size() <= length || header[length] != ' ') return {};
  if (!std::equal(lower_case_scheme.begin(), lower_case_scheme.end(), header.begin(),
                  [](char wanted, char given) { return wanted == lower(given); }))
    return {};
  header.remove_prefix(std::min(header.find_first_not_of(' ', length), header.size()));
  return header;
}

}  // namespace

void Authenticator::remember(const std::string& hash, Known known) {
  const std::lock_guard lock(mutex_);
  // What is remembered is worth a second's work at most, so nothing is lost by forgetting all of
  // it.
  if (known_.size() >= most_remembered) known_.clear();
  known_[hash] = std::move(known);
}

Result<Asker> Authenticator::look_up(const std::string& key) {
  const std::string hash = sha256_hex(key);
  const auto now = std::chrono::steady_clock::now();
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = known_.find(hash); found != known_.end() && found->second.until > now) {
      if (!found->second.is_valid) return unauthenticated();
      return found->second.asker;
    }
  }
  const auto owner = TRY(find_key_by_hash(database_, hash));
  Known known{.is_valid = owner.has_value(), .until = now + remembered_for};
  if (owner)
    known.asker = {.merchant_id = owner->key.merchant_id,
                   .mode = owner->key.mode,
                   .is_publishable = owner->key.is_publishable,
                   .key_id = owner->key.id,
                   .return_hosts = owner->return_hosts};
  remember(hash, known);
  if (!known.is_valid) return unauthenticated();
  return known.asker;
}

// Basic pk:sk, as browsers' libraries send it: the secret one counts, and must fit the other.
Result<Asker> Authenticator::look_up_pair(const std::string& first, const std::string& second) {
  const Asker left = TRY(look_up(first));
  const Asker right = TRY(look_up(second));
  if (left.merchant_id != right.merchant_id || left.mode != right.mode) return unauthenticated();
  return left.is_publishable ? right : left;
}

Result<Asker> Authenticator::authenticate(const Request& request, Access access) {
  if (has_key_in_query(request)) return unauthenticated();
  const std::string_view header = request.header("authorization");
  const auto ask = [&]() -> Result<Asker> {
    if (const auto key = credentials_after(header, "bearer"); !key.empty())
      return look_up(std::string(key));
    const auto pair = from_base64(credentials_after(header, "basic"));
    if (!pair || pair->empty()) return unauthenticated();
    const std::size_t colon = pair->find(':');
    const std::string second = colon == std::string::npos ? "" : pair->substr(colon + 1);
    if (second.empty()) return look_up(pair->substr(0, colon));
    return look_up_pair(pair->substr(0, colon), second);
  };
  Asker asker = TRY(ask());
  if (asker.is_publishable && access == Access::secret)
    return fail(ErrorCode::key_scope,
                "A publishable key may not make this call: use a secret key, on your server only.");
  return asker;
}

}  // namespace switchyard
