// SPDX-License-Identifier: MIT
#include "http/proxy_settings.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <initializer_list>
#include <optional>
#include <utility>

#include "codec/url.h"
#include "http/curl_url.h"
#include "http/message.h"

namespace mcpio::http {
namespace {

std::string first_set(const Environment& environment, std::initializer_list<const char*> names) {
  for (const char* name : names)
    if (auto value = environment(name); value && !value->empty()) return *std::move(value);
  return {};
}

struct Address {
  std::array<unsigned char, 16> bytes{};
  unsigned bits = 0;  // 32 or 128
};

std::optional<Address> parse_address(std::string_view text) {
  const std::string terminated(text);
  Address address;
  address.bits = 32;
  if (::inet_pton(AF_INET, terminated.c_str(), address.bytes.data()) == 1) return address;
  address.bits = 128;
  if (::inet_pton(AF_INET6, terminated.c_str(), address.bytes.data()) == 1) return address;
  return std::nullopt;
}

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

bool share_prefix(const Address& a, const Address& b, unsigned bits) {
  for (unsigned bit = 0; bit < bits; ++bit) {
    const unsigned mask = 0x80u >> (bit % 8);
    if ((a.bytes[bit / 8] & mask) != (b.bytes[bit / 8] & mask)) return false;
  }
  return true;
}

bool is_in_network(const Address& host, std::string_view entry) {
  const auto slash = entry.find('/');
  const auto network = parse_address(entry.substr(0, slash));
  if (!network || network->bits != host.bits) return false;
  if (slash == std::string_view::npos) return share_prefix(host, *network, host.bits);
  const auto bits = parse_number<unsigned>(entry.substr(slash + 1));
  return bits && *bits <= host.bits && share_prefix(host, *network, *bits);
}

// "example.com" and ".example.com" alike are the host and all that is below it.
bool is_below(std::string_view host, std::string_view entry) {
  if (entry.starts_with('.')) entry.remove_prefix(1);
  if (entry.ends_with('.')) entry.remove_suffix(1);
  if (host.ends_with('.')) host.remove_suffix(1);
  if (entry.empty() || host.size() < entry.size()) return false;
  const auto above = host.size() - entry.size();
  return equals_ignoring_case(host.substr(above), entry) && (above == 0 || host[above - 1] == '.');
}

struct Entry {
  std::string_view host;
  std::optional<std::uint16_t> port;
};

// A colon is before a port unless there are several: then it is an IPv6 address without brackets.
Entry parse_entry(std::string_view text) {
  Entry entry{.host = text, .port = std::nullopt};
  const auto colon = text.rfind(':');
  const bool bracketed = text.starts_with('[');
  const bool has_port = colon != std::string_view::npos &&
                        (bracketed ? text[colon - 1] == ']' : text.find(':') == colon);
  if (has_port) {
    entry.port = parse_number<std::uint16_t>(text.substr(colon + 1)).value_or(0);
    entry.host = text.substr(0, colon);
  }
  if (bracketed && entry.host.ends_with(']'))
    entry.host = entry.host.substr(1, entry.host.size() - 2);
  return entry;
}

bool matches(const Entry& entry, const Destination& destination,
             const std::optional<Address>& address) {
  if (entry.port && *entry.port != destination.port) return false;
  return address ? is_in_network(*address, entry.host) : is_below(destination.host, entry.host);
}

}  // namespace

ProxySettings ProxySettings::from_environment(std::string chosen, const Environment& environment) {
  ProxySettings settings;
  settings.except_ = first_set(environment, {"no_proxy", "NO_PROXY"});
  settings.for_http_ = chosen;
  settings.for_https_ = std::move(chosen);
  if (!settings.none()) return settings;
  settings.for_http_ =
      first_set(environment, {"http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"});
  settings.for_https_ =
      first_set(environment, {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"});
  return settings;
}

std::string_view ProxySettings::proxy_for(const Destination& destination) const {
  const std::string& proxy = destination.scheme == "https" ? for_https_ : for_http_;
  return proxy.empty() || is_excepted(except_, destination) ? std::string_view() : proxy;
}

bool ProxySettings::is_through_another_machine(const Destination& destination) const {
  const std::string_view proxy = proxy_for(destination);
  if (proxy.empty()) return false;
  const auto url = CurlUrl::parse(std::string(proxy));
  return !url || !codec::is_loopback(url->host);
}

bool is_excepted(std::string_view list, const Destination& destination) {
  constexpr std::string_view kBetween = ", \t";
  const auto address = parse_address(destination.host);
  for (;;) {
    list.remove_prefix(std::min(list.find_first_not_of(kBetween), list.size()));
    if (list.empty()) return false;
    const auto entry = list.substr(0, list.find_first_of(kBetween));
    list.remove_prefix(entry.size());
    if (entry == "*" || matches(parse_entry(entry), destination, address)) return true;
  }
}

}  // namespace mcpio::http
