// The cryptography we use, all of it OpenSSL's. Bytes travel in std::string.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"

namespace switchyard {

std::string random_bytes(std::size_t count);  // from the system's generator; aborts if it fails

std::string sha256(std::string_view bytes);  // 32 raw bytes
std::string sha256_hex(std::string_view bytes);
std::string hmac_sha256(std::string_view key, std::string_view bytes);  // 32 raw bytes

std::string to_hex(std::string_view bytes);  // lower case
std::optional<std::string> from_hex(std::string_view text);
std::string to_base64(std::string_view bytes);  // standard alphabet, padded
std::optional<std::string> from_base64(std::string_view text);  // strict: alphabet and padding
std::string to_base64url(std::string_view bytes);  // no padding

// Constant time for equal lengths; different lengths are simply different.
bool equal_in_constant_time(std::string_view left, std::string_view right);

// What is encrypted at rest. AES-256-GCM with a random nonce; the first byte names the key, so that
// keys can be changed without downtime. `about` is bound to the text: what was sealed for one row
// cannot be opened as another's.
class Sealer {
 public:
  // 32 bytes, newest first; older keys only open. Throws nothing; asserts the length.
  explicit Sealer(const Secret& master_key);

  std::string seal(std::string_view plain, std::string_view about) const;
  std::optional<std::string> open(std::string_view sealed, std::string_view about) const;

  // A secret that belongs to a name and needs no storage: 26 characters of base 32, from HMAC.
  std::string derive(std::string_view purpose, std::string_view name) const;

 private:
  std::string encryption_key_;
  std::string derivation_key_;
};

}  // namespace switchyard
