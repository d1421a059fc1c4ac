// SPDX-License-Identifier: MIT
#include "crypto/certificate.h"

#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>

#include "codec/base64.h"
#include "crypto/evp.h"
#include "crypto/jwk_writer.h"
#include "crypto/jwt.h"
#include "crypto/key_kind.h"
#include "crypto/pem.h"

namespace mcpio::crypto {
namespace {

using X509Certificate = Owned<X509, X509_free>;

std::string text_in(BIO& bio) {
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(&bio, &bytes);
  return std::string(bytes, static_cast<std::size_t>(std::max(size, 0L)));
}

Bio writer() {
  Bio bio(BIO_new(BIO_s_mem()));
  require(bio != nullptr, "writer");
  return bio;
}

std::string x5c_of(X509& certificate) {
  const Bio out = writer();
  require(i2d_X509_bio(out.get(), &certificate) == 1, "certificate");
  return codec::base64(text_in(*out));
}

// OpenSSL's flags are called after RFC 2253, of which RFC 4514 is the successor. What is not ASCII
// is written as \XX, which both allow.
std::string subject_of(const X509& certificate) {
  const Bio out = writer();
  require(
      X509_NAME_print_ex(out.get(), X509_get_subject_name(&certificate), 0, XN_FLAG_RFC2253) >= 0,
      "subject");
  return text_in(*out);
}

std::string public_jwk_of(const X509& certificate) {
  const EVP_PKEY* const key = X509_get0_pubkey(&certificate);
  if (key == nullptr) return {};
  const auto kind = kind_of(*key);
  return kind ? public_jwk(*key, **kind).text() : std::string();
}

// TLS reads the file itself, and would ask at the terminal.
bool is_encrypted(const Secret& pem) {
  return pem.reveal().contains("BEGIN ENCRYPTED PRIVATE KEY") ||
         pem.reveal().contains("Proc-Type: 4,ENCRYPTED");
}

}  // namespace

Result<TlsCertificate> read_certificate(std::string_view text, const Secret& key_text) {
  const ForgetErrors forget;
  auto thumbprint = certificate_thumbprint(text);
  if (!thumbprint) return propagate(thumbprint);
  if (is_encrypted(key_text))
    return fail(ErrorKind::config,
                "the key is encrypted: write it without a passphrase into a file that only you can "
                "read, with `openssl pkey -in FILE -out NEW`");
  const Secret no_passphrase;
  auto key = key_from_pem(key_text, no_passphrase);
  if (!key) return propagate(key);
  const Bio in = reader_of(text);
  const X509Certificate certificate(PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr));
  if (X509_check_private_key(certificate.get(), key->get()) != 1)
    return fail(ErrorKind::config, "the key is not that of the certificate");
  return TlsCertificate{.x5c = x5c_of(*certificate),
                        .subject = subject_of(*certificate),
                        .public_jwk = public_jwk_of(*certificate),
                        .thumbprint = *std::move(thumbprint),
                        .is_self_signed = X509_self_signed(certificate.get(), 1) == 1};
}

}  // namespace mcpio::crypto
