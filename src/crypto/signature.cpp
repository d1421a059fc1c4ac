// SPDX-License-Identifier: MIT
#include "crypto/signature.h"

#include <openssl/ecdsa.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <utility>

namespace mcpio::crypto {
namespace {

using DigestContext = Owned<EVP_MD_CTX, EVP_MD_CTX_free>;
using EcSignature = Owned<ECDSA_SIG, ECDSA_SIG_free>;

struct Scheme {
  Algorithm algorithm;
  const char* digest;  // null: the algorithm has its own
  int rsa_padding;     // 0: it is not RSA
  std::size_t half;    // of r and of s, in bytes; 0: it is not ECDSA
};

constexpr Scheme kSchemes[] = {
    {Algorithm::rs256, "SHA256", RSA_PKCS1_PADDING, 0},
    {Algorithm::ps256, "SHA256", RSA_PKCS1_PSS_PADDING, 0},
    {Algorithm::es256, "SHA256", 0, 32},
    {Algorithm::es384, "SHA384", 0, 48},
    {Algorithm::eddsa, nullptr, 0, 0},
};

const Scheme& scheme_of(Algorithm algorithm) {
  const auto* const found = std::ranges::find(kSchemes, algorithm, &Scheme::algorithm);
  require(found != std::end(kSchemes), "an algorithm of no key pair");
  return *found;
}

using Init = int (*)(EVP_MD_CTX*, EVP_PKEY_CTX**, const char*, OSSL_LIB_CTX*, const char*,
                     EVP_PKEY*, const OSSL_PARAM*);

DigestContext context_for(Init init, EVP_PKEY& key, const Scheme& scheme) {
  DigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* options = nullptr;
  require(
      context && init(context.get(), &options, scheme.digest, nullptr, nullptr, &key, nullptr) == 1,
      "signature");
  if (scheme.rsa_padding != 0)
    require(EVP_PKEY_CTX_set_rsa_padding(options, scheme.rsa_padding) == 1, "padding");
  // RFC 7518, section 3.5: the salt is as long as the hash.
  if (scheme.rsa_padding == RSA_PKCS1_PSS_PADDING)
    require(EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) == 1, "salt");
  return context;
}

// RFC 7518, section 3.4: r and s side by side. OpenSSL has them in DER.
std::string side_by_side(std::string_view der, std::size_t half) {
  const unsigned char* at = bytes_of(der);
  const EcSignature parts(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  require(parts != nullptr, "ECDSA");
  std::string raw(2 * half, '\0');
  const int size = static_cast<int>(half);
  require(BN_bn2binpad(ECDSA_SIG_get0_r(parts.get()), bytes_of(raw), size) == size, "r");
  require(BN_bn2binpad(ECDSA_SIG_get0_s(parts.get()), bytes_of(raw) + half, size) == size, "s");
  return raw;
}

std::string in_der(std::string_view raw) {
  const int half = static_cast<int>(raw.size() / 2);
  Number r(BN_bin2bn(bytes_of(raw), half, nullptr));
  Number s(BN_bin2bn(bytes_of(raw) + half, half, nullptr));
  const EcSignature parts(ECDSA_SIG_new());
  require(r && s && parts && ECDSA_SIG_set0(parts.get(), r.get(), s.get()) == 1, "ECDSA");
  (void)r.release();
  (void)s.release();
  std::string der(static_cast<std::size_t>(i2d_ECDSA_SIG(parts.get(), nullptr)), '\0');
  unsigned char* at = bytes_of(der);
  i2d_ECDSA_SIG(parts.get(), &at);
  return der;
}

}  // namespace

std::optional<std::string> sign(EVP_PKEY& key, Algorithm algorithm, std::string_view bytes) {
  const ForgetErrors forget;
  const Scheme& scheme = scheme_of(algorithm);
  const DigestContext context = context_for(EVP_DigestSignInit_ex, key, scheme);
  std::size_t size = static_cast<std::size_t>(EVP_PKEY_get_size(&key));
  std::string signature(size, '\0');
  if (EVP_DigestSign(context.get(), bytes_of(signature), &size, bytes_of(bytes), bytes.size()) != 1)
    return std::nullopt;
  signature.resize(size);
  return scheme.half == 0 ? std::move(signature) : side_by_side(signature, scheme.half);
}

bool verify(EVP_PKEY& key, Algorithm algorithm, std::string_view bytes,
            std::string_view signature) {
  const ForgetErrors forget;
  const Scheme& scheme = scheme_of(algorithm);
  if (scheme.half != 0 && signature.size() != 2 * scheme.half) return false;
  const std::string form = scheme.half == 0 ? std::string(signature) : in_der(signature);
  const DigestContext context = context_for(EVP_DigestVerifyInit_ex, key, scheme);
  return EVP_DigestVerify(context.get(), bytes_of(form), form.size(), bytes_of(bytes),
                          bytes.size()) == 1;
}

}  // namespace mcpio::crypto
