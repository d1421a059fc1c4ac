// SPDX-License-Identifier: MIT
// What is to be known of a certificate by which a client shows in TLS who it is.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace mcpio::crypto {

struct TlsCertificate {
  std::string x5c = {};      // base64 of its DER (RFC 7517, section 4.7)
  std::string subject = {};  // RFC 4514
  std::string public_jwk =
      {};  // as SigningKey::public_jwk(); empty: there is no such form of its key
  std::string thumbprint = {};  // x5t#S256 (RFC 8705, section 3.1)
  bool is_self_signed = false;
};

// The first certificate of a PEM text, and whether that key is its key. Fails with config: one of
// them is missing or damaged, they do not belong together, or the key is encrypted.
Result<TlsCertificate> read_certificate(std::string_view certificate, const Secret& key);

}  // namespace mcpio::crypto
