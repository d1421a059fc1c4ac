// SPDX-License-Identifier: MIT
#include "oauth/address_guard.h"

#include <arpa/inet.h>
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace mcpio::oauth {
namespace {

using Bytes = std::span<const std::uint8_t>;

struct Network {
  std::array<std::uint8_t, 16> prefix;
  std::size_t bits;
};

// RFC 6890 and what clouds put beside it; only addresses that something could answer at.
constexpr Network kPrivateV4[] = {
    {{0}, 8},                  // this host: Linux connects 0.0.0.0 to itself
    {{10}, 8},                 // RFC 1918
    {{100, 64}, 10},           // RFC 6598; Alibaba's metadata service
    {{127}, 8},                // loopback
    {{168, 63, 129, 16}, 32},  // Azure's host
    {{169, 254}, 16},          // link-local; the metadata services of AWS, Azure and Google
    {{172, 16}, 12},           // RFC 1918
    {{192, 0, 0}, 24},         // RFC 6890; Oracle's metadata service
    {{192, 168}, 16},          // RFC 1918
};

constexpr Network kPrivateV6[] = {
    {{}, 127},                          // :: and ::1
    {{0, 0x64, 0xFF, 0x9B, 0, 1}, 48},  // NAT64 of a local network (RFC 8215)
    {{0xFC}, 7},                        // unique local (RFC 4193); AWS's metadata service
    {{0xFE, 0x80}, 10},                 // link-local
    {{0xFE, 0xC0}, 10},                 // site-local (RFC 3879)
};

// IPv6 addresses that lead to an IPv4 address: the bytes at `offset`.
struct Embedding {
  Network network;
  std::size_t offset;
};
constexpr Embedding kEmbeddings[] = {
    {{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF}, 96}, 12},  // v4-mapped (RFC 4291, 2.5.5.2)
    {{{}, 96}, 12},                                          // v4-compatible (RFC 4291, 2.5.5.1)
    {{{0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF}, 96}, 12},        // v4-translated (RFC 7915)
    {{{0, 0x64, 0xFF, 0x9B}, 96}, 12},                       // NAT64 (RFC 6052)
    {{{0x20, 0x02}, 16}, 2},                                 // 6to4 (RFC 3056)
};

bool contains(const Network& network, Bytes address) {
  for (std::size_t bit = 0; bit < network.bits; ++bit) {
    const int difference = network.prefix[bit / 8] ^ address[bit / 8];
    if ((difference >> (7 - bit % 8) & 1) != 0) return false;
  }
  return true;
}

bool is_in(std::span<const Network> networks, Bytes address) {
  return std::ranges::any_of(networks, [&](const auto& n) { return contains(n, address); });
}

bool is_private_v6(Bytes address) {
  if (is_in(kPrivateV6, address)) return true;
  return std::ranges::any_of(kEmbeddings, [&](const Embedding& e) {
    return contains(e.network, address) && is_in(kPrivateV4, address.subspan(e.offset, 4));
  });
}

}  // namespace

bool is_private_address(std::string_view address) {
  const std::string text(address.substr(0, address.find('%')));
  if (text.find('\0') != text.npos) return true;
  std::array<std::uint8_t, 16> bytes = {};
  if (inet_pton(AF_INET, text.c_str(), bytes.data()) == 1) return is_in(kPrivateV4, bytes);
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1) return is_private_v6(bytes);
  return true;
}

Result<void> check_connection(const AddressRule& rule, std::string_view connected,
                              const codec::Url& endpoint) {
  if (rule.allow_private || connected.empty() || !is_private_address(connected)) return ok();
  if (!rule.server_address.empty() && is_private_address(rule.server_address)) return ok();
  return fail(ErrorKind::untrusted,
              fmt::format("{} is at the private address {}, but the MCP server is not; "
                          "--oauth-allow-private goes there all the same",
                          codec::origin_of(endpoint), connected));
}

}  // namespace mcpio::oauth
