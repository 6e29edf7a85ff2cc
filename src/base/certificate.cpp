#include "base/certificate.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <cassert>
#include <vector>

namespace switchyard {
namespace {

template <auto free_it>
struct Free {
  template <class Object>
  void operator()(Object* object) const {
    free_it(object);
  }
};
using Bio = std::unique_ptr<BIO, Free<BIO_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using Store = std::unique_ptr<X509_STORE, Free<X509_STORE_free>>;
using StoreContext = std::unique_ptr<X509_STORE_CTX, Free<X509_STORE_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Free<EVP_MD_CTX_free>>;
using PrivateKey = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;

// The stack does not own what it lists.
struct FreeStack {
  void operator()(STACK_OF(X509) * stack) const { sk_X509_free(stack); }
};

constexpr std::size_t most_certificates = 10;

std::vector<Certificate> read_certificates(std::string_view pem) {
  std::vector<Certificate> all;
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  while (bio && all.size() < most_certificates) {
    Certificate next(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    if (!next) break;
    all.push_back(std::move(next));
  }
  return all;
}

std::string common_name_of(X509* certificate) {
  X509_NAME* name = X509_get_subject_name(certificate);
  const int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
  if (at < 0) return {};
  ASN1_STRING* text = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));
  unsigned char* utf8 = nullptr;
  const int size = ASN1_STRING_to_UTF8(&utf8, text);
  if (size < 0) return {};
  std::string common_name(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(size));
  OPENSSL_free(utf8);
  return common_name;
}

Store make_store(const CertificateRules& rules) {
  Store store(X509_STORE_new());
  if (!store) return store;
  if (rules.trusted_roots.empty()) {
    X509_STORE_set_default_paths(store.get());
    return store;
  }
  for (const Certificate& root : read_certificates(rules.trusted_roots))
    X509_STORE_add_cert(store.get(), root.get());
  return store;
}

// Dates and the way to a root. What a certificate is for is not asked: the signer's says TLS.
bool is_trusted(const std::vector<Certificate>& chain, const CertificateRules& rules) {
  const Store store = make_store(rules);
  const std::unique_ptr<STACK_OF(X509), FreeStack> others(sk_X509_new_null());
  const StoreContext context(X509_STORE_CTX_new());
  if (!store || !others || !context) return false;
  for (std::size_t i = 1; i < chain.size(); ++i) sk_X509_push(others.get(), chain[i].get());
  if (X509_STORE_CTX_init(context.get(), store.get(), chain.front().get(), others.get()) != 1)
    return false;
  X509_STORE_CTX_set_time(context.get(), 0, static_cast<time_t>(unix_seconds(rules.now)));
  return X509_verify_cert(context.get()) == 1;
}

bool is_signed(X509* certificate, std::string_view message, std::string_view signature) {
  EVP_PKEY* key = X509_get0_pubkey(certificate);
  if (!key || EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA) return false;
  const DigestContext context(EVP_MD_CTX_new());
  return context && EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key) == 1 &&
         EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                          signature.size(), reinterpret_cast<const unsigned char*>(message.data()),
                          message.size()) == 1;
}

}  // namespace

bool is_signed_by_certificate(std::string_view pem, const CertificateRules& rules,
                              std::string_view message, std::string_view signature) {
  const std::vector<Certificate> chain = read_certificates(pem);
  if (chain.empty() || rules.name_ends_with.empty()) return false;
  X509* signer = chain.front().get();
  return common_name_of(signer).ends_with(rules.name_ends_with) && is_trusted(chain, rules) &&
         is_signed(signer, message, signature);
}

struct CertificateSigner::Key {
  PrivateKey key;
};

CertificateSigner::~CertificateSigner() = default;

CertificateSigner::CertificateSigner(std::string_view common_name)
    : key_(std::make_unique<Key>(PrivateKey(EVP_RSA_gen(2048)))) {
  constexpr long century_sec = 100L * 365 * 24 * 3600;
  const Certificate certificate(X509_new());
  assert(key_->key && certificate);
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -24 * 3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), century_sec);
  X509_set_pubkey(certificate.get(), key_->key.get());
  X509_NAME* name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(common_name.data()),
                             static_cast<int>(common_name.size()), -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  X509_sign(certificate.get(), key_->key.get(), EVP_sha256());
  const Bio bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(bio.get(), certificate.get());
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  certificate_.assign(text, static_cast<std::size_t>(size));
}

std::string CertificateSigner::sign(std::string_view message) const {
  const DigestContext context(EVP_MD_CTX_new());
  const auto* bytes = reinterpret_cast<const unsigned char*>(message.data());
  std::size_t size = 0;
  bool is_done =
      EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_->key.get()) == 1 &&
      EVP_DigestSign(context.get(), nullptr, &size, bytes, message.size()) == 1;
  std::string signature(size, '\0');
  is_done =
      is_done && EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()),
                                &size, bytes, message.size()) == 1;
  assert(is_done);
  signature.resize(size);
  return signature;
}

}  // namespace switchyard
