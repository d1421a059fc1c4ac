// SPDX-License-Identifier: MIT
// Which proxy stands between us and a server, by option or by the environment.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/environment.h"

namespace mcpio::http {

// Where a request goes, as far as proxies are concerned.
struct Destination {
  std::string_view scheme;  // "http" or "https"
  std::string_view host;    // without brackets
  std::uint16_t port = 0;
};

// A proxy for each scheme and the hosts that are reached without one. Values are what curl takes:
// [scheme://][user:password@]host[:port], where the scheme may be http, https, socks4, socks4a,
// socks5 or socks5h.
class ProxySettings {
 public:
  // `chosen` is for both schemes; empty: http_proxy, https_proxy and all_proxy decide. NO_PROXY
  // counts in both cases. Lower-case names win over upper-case ones. (curl does not read
  // HTTP_PROXY, because a CGI program gets it from the client's Proxy field. This is no CGI
  // program.)
  static ProxySettings from_environment(std::string chosen, const Environment& environment);

  bool none() const { return for_http_.empty() && for_https_.empty(); }
  // The proxies of the schemes; empty: none. They may hold credentials.
  const std::string& for_http() const { return for_http_; }
  const std::string& for_https() const { return for_https_; }

  // Empty: no proxy.
  std::string_view proxy_for(const Destination& destination) const;

  // Does another machine see what is sent there, because the proxy runs on it? Of https it sees
  // nothing but the host's name.
  bool is_through_another_machine(const Destination& destination) const;

 private:
  std::string for_http_, for_https_, except_;
};

// Is the destination in the list, as curl reads NO_PROXY? Entries stand between commas or blanks: a
// host with all that is below it, an address, a network (10.0.0.0/8), each with or without `:port`;
// a `*` alone is everything. Names are not looked up.
bool is_excepted(std::string_view list, const Destination& destination);

}  // namespace mcpio::http
