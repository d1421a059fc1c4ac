// SPDX-License-Identifier: MIT
#include "codec/url.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "codec/percent.h"

namespace mcpio::codec {
namespace {

constexpr bool is_not_allowed(char c) {
  return c == ' ' || c == '"' || c == '<' || c == '>' || c == '\\' || c == '`';
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return lower(c); });
  return out;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }

std::unexpected<Error> refuse(std::string_view why) {
  return fail(ErrorKind::protocol, "bad URL: " + std::string(why));
}

// ---- A reference's five parts (RFC 3986, appendix B): views, nothing decoded.

struct Parts {
  std::optional<std::string_view> scheme, authority;
  std::string_view path;
  std::optional<std::string_view> query, fragment;
};

// Takes what stands behind the first `mark` off the text.
std::optional<std::string_view> cut_tail(std::string_view& text, char mark) {
  const std::size_t at = text.find(mark);
  if (at == text.npos) return std::nullopt;
  const std::string_view tail = text.substr(at + 1);
  text = text.substr(0, at);
  return tail;
}

bool is_scheme(std::string_view text) {
  return !text.empty() && is_letter(text.front()) && std::ranges::all_of(text, [](char c) {
    return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
  });
}

Parts split(std::string_view text) {
  Parts parts;
  parts.fragment = cut_tail(text, '#');
  parts.query = cut_tail(text, '?');
  const std::size_t colon = text.find(':');
  if (colon != text.npos && is_scheme(text.substr(0, colon))) {
    parts.scheme = text.substr(0, colon);
    text.remove_prefix(colon + 1);
  }
  if (text.starts_with("//")) {
    text.remove_prefix(2);
    const std::size_t end = std::min(text.find('/'), text.size());
    parts.authority = text.substr(0, end);
    text.remove_prefix(end);
  }
  parts.path = text;
  return parts;
}

Result<void> check_characters(std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80) return refuse("a character beyond ASCII must be percent-encoded");
    if (byte < ' ' || byte == 0x7F) return refuse("it holds a control character");
    if (is_not_allowed(c)) {
      return refuse("it holds a space, a quote, < > or a backslash");
    }
  }
  if (!is_percent_encoded(text)) return refuse("a % is not followed by two hexadecimal digits");
  return ok();
}

// ---- The authority.

// The address that a text without brackets stands for. inet_pton ends at a NUL, so none may be in
// it.
std::optional<in6_addr> ipv6_from(std::string_view text) {
  in6_addr address;
  if (text.find('\0') != text.npos) return std::nullopt;
  if (inet_pton(AF_INET6, std::string(text).c_str(), &address) != 1) return std::nullopt;
  return address;
}

std::optional<in_addr> ipv4_from(std::string_view text) {
  in_addr address;
  if (text.find('\0') != text.npos) return std::nullopt;
  if (inet_pton(AF_INET, std::string(text).c_str(), &address) != 1) return std::nullopt;
  return address;
}

Result<std::string> parse_address(std::string_view text) {
  const auto address = ipv6_from(text);
  if (!address) return refuse("what stands in brackets is no IPv6 address");
  std::array<char, INET6_ADDRSTRLEN> shown = {};
  inet_ntop(AF_INET6, &*address, shown.data(), shown.size());
  return std::string("[").append(shown.data()).append("]");
}

bool is_hex_digit(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// What browsers take for an IPv4 address, however it is written: 127.1, 2130706433, 0x7f.1 (WHATWG
// URL, "ends in a number checker"). Others look it up as a name.
bool ends_in_number(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  const std::string_view label = host.substr(host.rfind('.') + 1);
  const bool is_hexadecimal = label.starts_with("0x") || label.starts_with("0X");
  if (is_hexadecimal) return std::ranges::all_of(label.substr(2), is_hex_digit);
  return !label.empty() && std::ranges::all_of(label, is_digit);
}

Result<std::string> parse_name(std::string_view text) {
  if (text.empty()) return refuse("it has no host");
  const bool plain = std::ranges::all_of(
      text, [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_'; });
  if (!plain) return refuse("its host holds a character that no host name has");
  if (ends_in_number(text) && !ipv4_from(text))
    return refuse("its host is neither a name nor an IPv4 address of four numbers");
  return lower(text);
}

// RFC 3986, section 3.2.3: an empty port is the scheme's own.
Result<std::optional<std::uint16_t>> parse_port(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) {
    return refuse("its port is not a number from 1 to 65535");
  }
  return port;
}

Result<void> parse_host_and_port(std::string_view text, Url& url) {
  const bool in_brackets = text.starts_with('[');
  const std::size_t closing = in_brackets ? text.find(']') : 0;
  if (closing == text.npos) return refuse("a bracket is not closed");
  const std::size_t colon = std::min(text.find(':', closing), text.size());
  if (in_brackets && colon != closing + 1) return refuse("text stands between its host and port");

  auto host =
      in_brackets ? parse_address(text.substr(1, closing - 1)) : parse_name(text.substr(0, colon));
  if (!host) return propagate(host);
  auto port = parse_port(text.substr(std::min(colon + 1, text.size())));
  if (!port) return propagate(port);
  url.host = *std::move(host);
  url.port = *port;
  return ok();
}

Result<void> parse_authority(std::string_view text, Url& url) {
  const std::size_t sign = text.find('@');
  if (sign == text.npos) return parse_host_and_port(text, url);
  // A second @ would end up in the host, where it is refused: readers disagree on which one counts.
  url.userinfo = std::string(text.substr(0, sign));
  return parse_host_and_port(text.substr(sign + 1), url);
}

// ---- Putting together.

std::uint16_t default_port(const Url& url) { return url.is_https() ? 443 : 80; }

std::string host_and_port(const Url& url) {
  return url.port ? url.host + ":" + std::to_string(*url.port) : url.host;
}

std::string authority_of(const Url& url) {
  return url.userinfo ? *url.userinfo + "@" + host_and_port(url) : host_and_port(url);
}

// RFC 3986, section 5.2.4, for a path that is empty or begins with a slash.
std::string remove_dot_segments(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const std::string_view segment = path.substr(0, path.find('/', 1));
    path.remove_prefix(segment.size());
    if (segment == "/..") out.erase(std::min(out.rfind('/'), out.size()));
    if (segment != "/." && segment != "/..") {
      out.append(segment);
    } else if (path.empty()) {
      out += '/';
    }
  }
  return out;
}

// RFC 3986, sections 5.2.2 and 5.2.3.
std::string path_from(std::string_view base, std::string_view path) {
  if (path.empty()) return std::string(base);
  if (path.front() == '/') return remove_dot_segments(path);
  const std::string_view folder = base.empty() ? "/" : base.substr(0, base.rfind('/') + 1);
  return remove_dot_segments(std::string(folder).append(path));
}

void append_part(std::string& out, char mark, std::optional<std::string_view> part) {
  if (part) (out += mark).append(*part);
}

}  // namespace

Result<Url> parse_url(std::string_view text) {
  if (auto clean = check_characters(text); !clean) return propagate(clean);
  const Parts parts = split(text);

  Url url;
  url.scheme = lower(parts.scheme.value_or(""));
  if (url.scheme != "http" && url.scheme != "https") {
    return refuse("it does not begin with http:// or https://");
  }
  if (!parts.authority) return refuse("it has no host");
  if (auto done = parse_authority(*parts.authority, url); !done) return propagate(done);
  url.path = parts.path;
  url.query = parts.query;
  url.fragment = parts.fragment;
  return url;
}

std::string to_string(const Url& url) {
  std::string out = url.scheme + "://" + authority_of(url) + url.path;
  append_part(out, '?', url.query);
  append_part(out, '#', url.fragment);
  return out;
}

std::uint16_t port_of(const Url& url) { return url.port.value_or(default_port(url)); }

std::string origin_of(const Url& url) {
  const bool is_default = port_of(url) == default_port(url);
  return url.scheme + "://" + (is_default ? url.host : host_and_port(url));
}

bool same_origin(const Url& a, const Url& b) {
  return a.scheme == b.scheme && a.host == b.host && port_of(a) == port_of(b);
}

Result<Url> resolve(const Url& base, std::string_view reference) {
  const Parts parts = split(reference);
  std::string target(parts.scheme.value_or(base.scheme));
  target += ':';
  if (parts.scheme || parts.authority) {
    if (parts.authority) target.append("//").append(*parts.authority);
    target.append(remove_dot_segments(parts.path));
    append_part(target, '?', parts.query);
  } else {
    target.append("//").append(authority_of(base)).append(path_from(base.path, parts.path));
    const bool keeps_query = parts.path.empty() && !parts.query;
    append_part(target, '?', keeps_query ? base.query : parts.query);
  }
  append_part(target, '#', parts.fragment);
  return parse_url(target);
}

bool is_loopback(std::string_view host) {
  const std::string name = lower(host);
  if (name == "localhost" || name == "localhost.") return true;
  if (const auto address = ipv4_from(host)) return ntohl(address->s_addr) >> 24 == 127;

  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const auto address = ipv6_from(host);
  if (!address) return false;
  const bool is_mapped = IN6_IS_ADDR_V4MAPPED(&*address);
  return IN6_IS_ADDR_LOOPBACK(&*address) || (is_mapped && address->s6_addr[12] == 127);
}

std::string for_log(const Url& url) {
  return url.scheme + "://" + host_and_port(url) + url.path + (url.query ? "?<redacted>" : "");
}

std::string for_log(std::string_view text) {
  const auto url = parse_url(text);
  return url ? for_log(*url) : "<url>";
}

}  // namespace mcpio::codec
