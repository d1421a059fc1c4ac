// SPDX-License-Identifier: MIT
// The certificate by which TLS tells an authorization server who we are (RFC 8705).
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "base/secret.h"
#include "crypto/certificate.h"
#include "http/message.h"

namespace mcpio::auth {

struct ClientCertificate {
  crypto::TlsCertificate facts;
  // From which it is shown, as they are at that moment. Never null.
  std::shared_ptr<const http::ClientCertificate> files;
};

// `text` and `key` are what stands in the files now. Fails with config, as
// crypto::read_certificate() does.
Result<ClientCertificate> read_client_certificate(http::ClientCertificate files,
                                                  const std::string& text, const Secret& key);

}  // namespace mcpio::auth
