// SPDX-License-Identifier: MIT
// Which certificate authorities an outgoing connection believes.
#pragma once

#include <string>

#include "http/client_settings.h"

namespace mcpio::http {

// At least one is set. A directory holds one file per authority, named by the hash of its subject,
// so that OpenSSL reads only those it needs; a bundle is parsed as a whole for every connection
// (20 ms for Debian's against 3 ms).
struct Trust {
  std::string bundle;
  std::string directory;
};

// What the build of the TLS library takes for the system's authorities.
struct SystemTrust {
  std::string bundle;
  std::string directory;
};

// In this order: the user's file alone; SSL_CERT_FILE and SSL_CERT_DIR, which libcurl does not
// read; the system's directory, if it is hashed; the system's bundle.
Trust find_trust(const TlsSettings& settings, const SystemTrust& system);

}  // namespace mcpio::http
