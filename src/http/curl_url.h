// SPDX-License-Identifier: MIT
// A URL as libcurl understands it, so that routes and messages speak of the host it connects to.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "http/proxy_settings.h"

namespace mcpio::http {

struct CurlUrl {
  std::string scheme;
  std::string host;  // an IPv6 address without its brackets
  std::uint16_t port = 0;

  // Also takes a proxy's [scheme://][user:password@]host[:port].
  static std::optional<CurlUrl> parse(const std::string& url);

  Destination destination() const { return {.scheme = scheme, .host = host, .port = port}; }
  // "host:port", "[::1]:port". Never holds credentials, path or query.
  std::string place() const;
};

}  // namespace mcpio::http
