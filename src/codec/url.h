// SPDX-License-Identifier: MIT
// Absolute http and https URLs: reading, resolving, comparing, showing (RFC 3986).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace mcpio::codec {

// As parse_url() made it: valid, scheme and host in lower case, an IPv6 address in brackets and in
// the form of RFC 5952; everything else byte for byte as it was. An empty query is not a missing
// one.
struct Url {
  std::string scheme;  // "http" or "https"
  std::optional<std::string> userinfo;
  std::string host;
  std::optional<std::uint16_t> port;  // as written, also if it is the scheme's own
  std::string path;                   // empty, or begins with a slash
  std::optional<std::string> query;
  std::optional<std::string> fragment;

  bool is_https() const { return scheme == "https"; }
  friend bool operator==(const Url&, const Url&) = default;
};

// Stricter than RFC 3986 where readers of URLs disagree (the host must be a plain name or an
// address, without percent codes or a zone), laxer in that path, query and fragment may hold what
// browsers leave as it is: [ ] { } | ^. Fails with protocol; the text of the error never quotes the
// URL, which may hold a password.
Result<Url> parse_url(std::string_view text);

// parse_url(to_string(url)) == url.
std::string to_string(const Url& url);

// The port that is connected to.
std::uint16_t port_of(const Url& url);

// scheme://host[:port], the port only if it is not the scheme's own (RFC 6454, section 6.2).
std::string origin_of(const Url& url);
bool same_origin(const Url& a, const Url& b);

// What a link in a document at `base` means (RFC 3986, section 5.2, strict). Fails as parse_url()
// does if that is no http or https URL. An origin without a path and a reference without one stay
// so.
Result<Url> resolve(const Url& base, std::string_view reference);

// Does this name or address (in brackets or not) always mean this machine? `localhost`,
// 127.0.0.0/8,
// ::1 and IPv4 loopback addresses mapped into IPv6, in every form that is well formed.
bool is_loopback(std::string_view host);

// For people: scheme, host, port and path; a query is `?<redacted>`. `<url>` if it is none.
std::string for_log(const Url& url);
std::string for_log(std::string_view text);

}  // namespace mcpio::codec
