// SPDX-License-Identifier: MIT
// What the user may choose about outgoing connections.
#pragma once

#include <cstddef>
#include <string>

#include "base/limits.h"
#include "http/proxy_settings.h"

namespace mcpio::http {

enum class IpVersion { any, v4, v6 };

// Files are PEM. Nothing of it is looked at before the first https request.
struct TlsSettings {
  std::string ca_file = {};      // trusted instead of the system's; empty: see find_trust()
  std::string client_cert = {};  // empty: none is shown
  std::string client_key = {};   // empty: it is in the file of the certificate
  bool insecure = false;         // believe any certificate
};

struct ClientSettings {
  std::string user_agent = {};
  ProxySettings proxies = {};
  IpVersion ip_version = IpVersion::any;
  bool http1_only = false;
  bool tcp_keepalive = true;
  TlsSettings tls = {};
  std::size_t max_header_bytes = limits::kHttpHeaderBytes;
};

}  // namespace mcpio::http
