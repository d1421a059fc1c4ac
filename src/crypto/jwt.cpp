// SPDX-License-Identifier: MIT
#include "crypto/jwt.h"

#include <openssl/pem.h>

#include <utility>

#include "codec/base64.h"
#include "crypto/evp.h"
#include "crypto/sha256.h"

namespace mcpio::crypto {
namespace {

using Certificate = Owned<X509, X509_free>;

// RFC 7515, section 5.1, step 8.
std::string signing_input(std::string_view header, std::string_view claims) {
  return codec::base64url(header) + "." + codec::base64url(claims);
}

std::string with_signature(std::string input, std::string_view signature) {
  return std::move(input) + "." + codec::base64url(signature);
}

std::unexpected<Error> no_jwt() {
  return fail(ErrorKind::protocol, "the JWT is not three parts in base64url with dots between");
}

// An encrypted certificate is none; without this OpenSSL would ask at the terminal.
int no_passphrase(char*, int, int, void*) { return -1; }

}  // namespace

std::string sign_jwt(const SigningKey& key, Algorithm algorithm, std::string_view header,
                     std::string_view claims) {
  std::string input = signing_input(header, claims);
  const std::string signature = key.sign(algorithm, input);
  return with_signature(std::move(input), signature);
}

std::string sign_jwt(const Secret& secret, std::string_view header, std::string_view claims) {
  std::string input = signing_input(header, claims);
  const std::string signature = hmac_sha256(secret.reveal(), input);
  return with_signature(std::move(input), signature);
}

Result<codec::JsonObject> peek_claims(std::string_view jwt) {
  const std::size_t first = jwt.find('.');
  const std::size_t second = jwt.find('.', first + 1);
  if (first == jwt.npos || second == jwt.npos) return no_jwt();
  const auto header = codec::decode_base64url(jwt.substr(0, first));
  const auto claims = codec::decode_base64url(jwt.substr(first + 1, second - first - 1));
  const auto signature = codec::decode_base64url(jwt.substr(second + 1));
  if (!header || !claims || !signature) return no_jwt();
  if (auto parsed = codec::JsonObject::parse(*header, "header of the JWT"); !parsed)
    return propagate(parsed);
  return codec::JsonObject::parse(*claims, "claims set of the JWT");
}

Result<std::string> certificate_thumbprint(std::string_view pem) {
  const ForgetErrors forget;
  const Bio in = reader_of(pem);
  const Certificate certificate(PEM_read_bio_X509(in.get(), nullptr, no_passphrase, nullptr));
  if (!certificate)
    return fail(ErrorKind::config,
                "there is no certificate in PEM form (-----BEGIN CERTIFICATE-----)");
  std::string digest(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  require(X509_digest(certificate.get(), EVP_sha256(), bytes_of(digest), &size) == 1, "digest");
  digest.resize(size);
  return codec::base64url(digest);
}

}  // namespace mcpio::crypto
