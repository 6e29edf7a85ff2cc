// The cryptography we use, all of it OpenSSL's. Bytes travel in std::string.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"

namespace switchyard {

std::string random_bytes(std::size_t count);  // from the system's generator; aborts if it fails

std::string sha256(std::string_view bytes);  // 32 raw bytes
std::string sha256_hex(std::string_view bytes);
std::string sha512_hex(std::string_view bytes);
std::string hmac_sha256(std::string_view key, std::string_view bytes);  // 32 raw bytes
std::uint32_t crc32_of(std::string_view bytes);                         // IEEE 802.3, as in zlib

std::string to_hex(std::string_view bytes);  // lower case
std::optional<std::string> from_hex(std::string_view text);
std::string to_base64(std::string_view bytes);                  // standard alphabet, padded
std::optional<std::string> from_base64(std::string_view text);  // strict: alphabet and padding
std::string to_base64url(std::string_view bytes);               // no padding

// Constant time for equal lengths; different lengths are simply different.
bool equal_in_constant_time(std::string_view left, std::string_view right);

// What is encrypted at rest. AES-256-GCM with a random nonce; the first byte names the key, so that
// keys can be changed without downtime. `about` is bound to the text: what was sealed for one row
// cannot be opened as another's.
class Sealer {
 public:
  // One key of 32 bytes, or several one after the other, newest first: the first one seals, every
  // one opens. Throws nothing; asserts the length.
  explicit Sealer(const Secret& master_keys);

  std::string seal(std::string_view plain, std::string_view about) const;
  // Nothing when it was not sealed by one of the keys, about this, or was changed since.
  std::optional<std::string> open(std::string_view sealed, std::string_view about) const;

  // A secret that belongs to a name and needs no storage: 26 characters of base 32, from HMAC.
  std::string derive(std::string_view purpose, std::string_view name) const;
  // Whether any of the keys derives this text, so that what was given out before a change of keys
  // still holds. Takes the same time whatever the text.
  bool is_derived(std::string_view text, std::string_view purpose, std::string_view name) const;

 private:
  struct Key {
    char name;  // the first byte of what it sealed; two keys may share one
    std::string encryption;
    std::string derivation;
  };

  std::vector<Key> keys_;
};

}  // namespace switchyard
