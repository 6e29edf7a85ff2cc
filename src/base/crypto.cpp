#include "base/crypto.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <zlib.h>

#include <array>
#include <cassert>
#include <cstdlib>
#include <memory>

namespace switchyard {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr std::string_view base64_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view base64url_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

unsigned value_of(char byte) { return static_cast<unsigned char>(byte); }

// Every three bytes become four characters; what is left over, one character more than its bytes.
std::string encode_base64(std::string_view bytes, std::string_view alphabet) {
  std::string text(bytes.size() / 3 * 4 + (bytes.size() % 3 > 0 ? bytes.size() % 3 + 1 : 0), '\0');
  char* out = text.data();
  while (bytes.size() >= 3) {
    const unsigned bits = value_of(bytes[0]) << 16 | value_of(bytes[1]) << 8 | value_of(bytes[2]);
    for (const int place : {18, 12, 6, 0}) *out++ = alphabet[bits >> place & 63];
    bytes.remove_prefix(3);
  }
  if (bytes.empty()) return text;
  const unsigned bits = value_of(bytes[0]) << 8 | (bytes.size() > 1 ? value_of(bytes[1]) : 0);
  *out++ = alphabet[bits >> 10];
  *out++ = alphabet[bits >> 4 & 63];
  if (bytes.size() > 1) *out++ = alphabet[bits << 2 & 63];
  return text;
}

constexpr unsigned char no_digit = 64;

// What each character of base64 stands for.
constexpr std::array<unsigned char, 256> base64_values = [] {
  std::array<unsigned char, 256> values{};
  values.fill(no_digit);
  for (std::size_t i = 0; i < base64_alphabet.size(); ++i)
    values[static_cast<unsigned char>(base64_alphabet[i])] = static_cast<unsigned char>(i);
  return values;
}();

std::optional<unsigned> hex_value(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return std::nullopt;
}

constexpr std::size_t master_key_size = 32;
constexpr std::size_t nonce_size = 12;
constexpr std::size_t tag_size = 16;
constexpr std::size_t sealed_overhead = 1 + nonce_size + tag_size;

// OpenSSL looks an algorithm up by its name whenever it is given one of EVP_aes_256_gcm() and the
// like, and that takes longer than what we have for it to do. What is found once is kept.
const EVP_CIPHER* aes_256_gcm() {
  static const EVP_CIPHER* const found = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  assert(found);
  return found;
}

const EVP_MD* sha_256() {
  static const EVP_MD* const found = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  assert(found);
  return found;
}

struct FreeMac {
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};
using Mac = std::unique_ptr<EVP_MAC_CTX, FreeMac>;

// Knows its digest already; each use begins with a key.
Mac make_hmac_sha256() {
  static EVP_MAC* const found = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  Mac mac(EVP_MAC_CTX_new(found));
  std::string digest = "SHA256";
  const OSSL_PARAM settings[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), digest.size()),
      OSSL_PARAM_construct_end()};
  const int is_set = EVP_MAC_CTX_set_params(mac.get(), settings);
  assert(is_set == 1);
  return mac;
}

struct FreeCipher {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, FreeCipher>;

enum class Direction { open = 0, seal = 1 };

// Ready for the text: key, nonce and what the text is about are set.
Cipher start_cipher(Direction direction, std::string_view key, std::string_view nonce,
                    std::string_view about) {
  Cipher cipher(EVP_CIPHER_CTX_new());
  int written = 0;
  const bool is_ready = cipher != nullptr &&
                        EVP_CipherInit_ex(cipher.get(), aes_256_gcm(), nullptr, bytes_of(key),
                                          bytes_of(nonce), static_cast<int>(direction)) == 1 &&
                        EVP_CipherUpdate(cipher.get(), nullptr, &written, bytes_of(about),
                                         static_cast<int>(about.size())) == 1;
  assert(is_ready);
  return cipher;
}

// False only when the tag does not fit.
bool run_cipher(EVP_CIPHER_CTX* cipher, std::string_view in, std::string& out) {
  out.assign(in.size(), '\0');
  int written = 0;
  const int is_read =
      EVP_CipherUpdate(cipher, bytes_of(out), &written, bytes_of(in), static_cast<int>(in.size()));
  assert(is_read == 1);
  return EVP_CipherFinal_ex(cipher, bytes_of(out) + written, &written) == 1;
}

std::optional<std::string> open_with(std::string_view key, std::string_view sealed,
                                     std::string_view about) {
  const std::string_view nonce = sealed.substr(1, nonce_size);
  const std::string_view body = sealed.substr(1 + nonce_size, sealed.size() - sealed_overhead);
  std::string tag(sealed.substr(sealed.size() - tag_size));

  const Cipher cipher = start_cipher(Direction::open, key, nonce, about);
  EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, tag_size, tag.data());
  std::string plain;
  if (!run_cipher(cipher.get(), body, plain)) return std::nullopt;
  return plain;
}

// 26 characters hold 130 bits of the digest.
std::string derive_with(std::string_view key, std::string_view purpose, std::string_view name) {
  constexpr std::string_view alphabet = "abcdefghijklmnopqrstuvwxyz234567";
  // The zero keeps ("a", "bc") and ("ab", "c") apart.
  assert(purpose.find('\0') == purpose.npos);
  const std::string about = std::string(purpose) + '\0' + std::string(name);
  const std::string digest = hmac_sha256(key, about);

  std::string text;
  for (std::size_t bit = 0; text.size() < 26; bit += 5) {
    const unsigned pair = value_of(digest[bit / 8]) << 8 | value_of(digest[bit / 8 + 1]);
    text += alphabet[pair >> (11 - bit % 8) & 31];
  }
  return text;
}

}  // namespace

std::string random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  // Without chance there are no keys and no nonces: nothing that we do afterwards would be safe.
  if (RAND_bytes(bytes_of(bytes), static_cast<int>(count)) != 1) std::abort();
  return bytes;
}

std::string sha256(std::string_view bytes) {
  std::string digest(32, '\0');
  const int is_done =
      EVP_Digest(bytes.data(), bytes.size(), bytes_of(digest), nullptr, sha_256(), nullptr);
  assert(is_done == 1);
  return digest;
}

std::string sha256_hex(std::string_view bytes) { return to_hex(sha256(bytes)); }

std::string sha512_hex(std::string_view bytes) {
  std::string digest(64, '\0');
  const int is_done =
      EVP_Digest(bytes.data(), bytes.size(), bytes_of(digest), nullptr, EVP_sha512(), nullptr);
  assert(is_done == 1);
  return to_hex(digest);
}

std::uint32_t crc32_of(std::string_view bytes) {
  return static_cast<std::uint32_t>(crc32_z(0, bytes_of(bytes), bytes.size()));
}

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
  thread_local const Mac mac = make_hmac_sha256();
  std::string digest(32, '\0');
  std::size_t written = 0;
  // A null pointer would mean the key of an earlier call, and an empty view may hold one.
  const auto* key_bytes = bytes_of(key.empty() ? std::string_view("") : key);
  const bool is_done = EVP_MAC_init(mac.get(), key_bytes, key.size(), nullptr) == 1 &&
                       EVP_MAC_update(mac.get(), bytes_of(bytes), bytes.size()) == 1 &&
                       EVP_MAC_final(mac.get(), bytes_of(digest), &written, digest.size()) == 1;
  assert(is_done && written == digest.size());
  return digest;
}

std::string to_hex(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char byte : bytes) {
    text += hex_digits[value_of(byte) >> 4];
    text += hex_digits[value_of(byte) & 15];
  }
  return text;
}

std::optional<std::string> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const auto high = hex_value(text[i]);
    const auto low = hex_value(text[i + 1]);
    if (!high || !low) return std::nullopt;
    bytes += static_cast<char>(*high << 4 | *low);
  }
  return bytes;
}

std::string to_base64(std::string_view bytes) {
  std::string text = encode_base64(bytes, base64_alphabet);
  while (text.size() % 4 != 0) text += '=';
  return text;
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::string_view digits = text;
  for (int i = 0; i < 2 && digits.ends_with('='); ++i) digits.remove_suffix(1);

  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  unsigned bits = 0;
  int bit_count = 0;
  for (const char c : digits) {
    const unsigned value = base64_values[value_of(c)];
    if (value == no_digit) return std::nullopt;
    bits = (bits << 6 | value) & 0xffff;
    bit_count += 6;
    if (bit_count < 8) continue;
    bit_count -= 8;
    bytes += static_cast<char>(bits >> bit_count & 0xff);
  }
  // One text for one value: a second spelling of a signature is not that signature.
  if (to_base64(bytes) != text) return std::nullopt;
  return bytes;
}

std::string to_base64url(std::string_view bytes) {
  return encode_base64(bytes, base64url_alphabet);
}

bool equal_in_constant_time(std::string_view left, std::string_view right) {
  if (left.size() != right.size()) return false;
  if (left.empty()) return true;
  return CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

Sealer::Sealer(const Secret& master_keys) {
  const std::string_view all = master_keys.reveal();
  assert(!all.empty() && all.size() % master_key_size == 0);
  for (std::size_t i = 0; i < all.size(); i += master_key_size) {
    const std::string_view master = all.substr(i, master_key_size);
    keys_.push_back({.name = hmac_sha256(master, "switchyard key name")[0],
                     .encryption = hmac_sha256(master, "switchyard encryption"),
                     .derivation = hmac_sha256(master, "switchyard derivation")});
  }
}

std::string Sealer::seal(std::string_view plain, std::string_view about) const {
  const Key& key = keys_.front();
  const std::string nonce = random_bytes(nonce_size);
  const Cipher cipher = start_cipher(Direction::seal, key.encryption, nonce, about);
  std::string body;
  const bool is_sealed = run_cipher(cipher.get(), plain, body);
  assert(is_sealed);
  std::string tag(tag_size, '\0');
  EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, tag_size, tag.data());
  return key.name + nonce + body + tag;
}

std::optional<std::string> Sealer::open(std::string_view sealed, std::string_view about) const {
  if (sealed.size() < sealed_overhead) return std::nullopt;
  for (const Key& key : keys_) {
    if (key.name != sealed[0]) continue;
    if (auto plain = open_with(key.encryption, sealed, about)) return plain;
  }
  return std::nullopt;
}

std::string Sealer::derive(std::string_view purpose, std::string_view name) const {
  return derive_with(keys_.front().derivation, purpose, name);
}

bool Sealer::is_derived(std::string_view text, std::string_view purpose,
                        std::string_view name) const {
  bool is_found = false;
  for (const Key& key : keys_) {
    is_found |= equal_in_constant_time(text, derive_with(key.derivation, purpose, name));
  }
  return is_found;
}

}  // namespace switchyard
