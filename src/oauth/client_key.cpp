// SPDX-License-Identifier: MIT
#include "oauth/client_key.h"

#include <fmt/core.h>

#include <utility>

#include "crypto/jwt.h"

namespace mcpio::oauth {
namespace {

bool is_json(const Secret& text) {
  const std::string_view bytes = text.reveal();
  const auto first = bytes.find_first_not_of(" \t\r\n");
  return first != bytes.npos && bytes[first] == '{';
}

// Editors end a file with a line break.
Secret without_line_break(const Secret& text) {
  std::string_view bytes = text.reveal();
  while (bytes.ends_with('\n') || bytes.ends_with('\r')) bytes.remove_suffix(1);
  return Secret(std::string(bytes));
}

Result<crypto::Algorithm> parse_signature(const std::string& name) {
  const auto algorithm = crypto::parse_algorithm(name);
  if (algorithm && *algorithm != crypto::Algorithm::hs256) return *algorithm;
  return fail(ErrorKind::config,
              fmt::format("'{}' is no algorithm for --client-key-alg, use RS256, PS256, ES256, "
                          "ES384 or EdDSA",
                          name));
}

}  // namespace

Result<ClientKey> read_client_key(const ClientKeyTexts& texts) {
  auto key = is_json(texts.key)
                 ? crypto::SigningKey::from_jwk(texts.key)
                 : crypto::SigningKey::from_pem(texts.key, without_line_break(texts.passphrase));
  if (!key) return propagate(key);
  ClientKey client_key{.key = *std::move(key), .id = texts.id};
  if (!texts.certificate.empty()) {
    auto thumbprint = crypto::certificate_thumbprint(texts.certificate);
    if (!thumbprint) return propagate(thumbprint, "the certificate");
    client_key.certificate_thumbprint = *std::move(thumbprint);
  }
  if (!texts.algorithm.empty()) {
    auto algorithm = parse_signature(texts.algorithm);
    if (!algorithm) return propagate(algorithm);
    client_key.algorithm = *algorithm;
    auto possible = algorithm_for(client_key, std::nullopt);
    if (!possible) return propagate(possible);
  }
  return client_key;
}

}  // namespace mcpio::oauth
