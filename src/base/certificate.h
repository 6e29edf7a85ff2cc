// Signatures that are proven by a certificate, all of it OpenSSL's.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace switchyard {

struct CertificateRules {
  std::string name_ends_with;      // of the subject's common name: ".paypal.com"
  std::string trusted_roots = {};  // PEM; "" for those that the system trusts
  Time now{};
};

// Whether `signature` (raw bytes) is RSA PKCS#1 v1.5 with SHA-256 over `message` by the first
// certificate of `pem`, whose name fits, whose dates include now, and which leads to a trusted root
// by way of the others. False for anything that cannot be read.
bool is_signed_by_certificate(std::string_view pem, const CertificateRules& rules,
                              std::string_view message, std::string_view signature);

// A key of its own with a certificate that it has signed itself, for the sandbox and tests.
class CertificateSigner {
 public:
  explicit CertificateSigner(std::string_view common_name);  // RSA-2048, made now, for 100 years
  ~CertificateSigner();
  const std::string& certificate() const { return certificate_; }  // PEM
  std::string sign(std::string_view message) const;                // raw bytes

 private:
  struct Key;
  std::unique_ptr<Key> key_;
  std::string certificate_;
};

}  // namespace switchyard
