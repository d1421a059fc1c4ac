// SPDX-License-Identifier: MIT
#include "auth/client_certificate.h"

#include <utility>

namespace mcpio::auth {

Result<ClientCertificate> read_client_certificate(http::ClientCertificate files,
                                                  const std::string& text, const Secret& key) {
  auto facts = crypto::read_certificate(text, key);
  if (!facts) return propagate(facts);
  return ClientCertificate{
      .facts = *std::move(facts),
      .files = std::make_shared<const http::ClientCertificate>(std::move(files))};
}

}  // namespace mcpio::auth
