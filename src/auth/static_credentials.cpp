// SPDX-License-Identifier: MIT
#include "auth/static_credentials.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstddef>
#include <utility>

#include "codec/percent.h"

namespace mcpio::auth {

namespace {

// RFC 4648, section 4.
std::string base64(std::string_view bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
    unsigned group = 0;
    for (std::size_t i = 0; i < 3; ++i)
      group = group << 8 | (i < count ? static_cast<unsigned char>(bytes[at + i]) : 0u);
    for (std::size_t i = 0; i < 4; ++i)
      text += i <= count ? kDigits[group >> (18 - 6 * i) & 63] : '=';
  }
  return text;
}

// Fields in which the relay speaks MCP itself.
bool is_spoken_by_relay(std::string_view name) {
  for (std::string_view own : {"Mcp-Session-Id", "Mcp-Protocol-Version", "Last-Event-ID"})
    if (http::equals_ignoring_case(name, own)) return true;
  return false;
}

}  // namespace

CredentialField bearer(const Secret& token) {
  return {.name = "Authorization", .value = Secret(fmt::format("Bearer {}", token.reveal()))};
}

CredentialField basic(std::string_view userinfo) {
  auto plain = codec::percent_decode(userinfo);
  std::string pair = plain ? *std::move(plain) : std::string(userinfo);
  if (userinfo.find(':') == std::string_view::npos) pair += ':';
  return {.name = "Authorization", .value = Secret("Basic " + base64(pair))};
}

Result<void> check_hop(const codec::Url& server, const http::ProxySettings& proxies,
                       bool allow_http) {
  if (server.is_https() || allow_http) return ok();
  if (!codec::is_loopback(server.host))
    return fail(
        ErrorKind::config,
        fmt::format("credentials would cross the network to {} in plain text, use https:// or "
                    "add --allow-http if the network is yours",
                    codec::origin_of(server)));
  const http::Destination destination{
      .scheme = server.scheme, .host = server.host, .port = codec::port_of(server)};
  if (!proxies.is_through_another_machine(destination)) return ok();
  return fail(ErrorKind::config,
              fmt::format("credentials for {} would cross the network to a proxy in plain text, "
                          "put {} into NO_PROXY to go there directly, or add --allow-http if the "
                          "network is yours",
                          codec::origin_of(server), server.host));
}

StaticCredentials::StaticCredentials(codec::Url server, std::vector<CredentialField> fields,
                                     const http::ProxySettings& proxies, bool allow_http)
    : server_(std::move(server)),
      fields_(std::move(fields)),
      hop_is_safe_(check_hop(server_, proxies, allow_http).has_value()) {}

bool StaticCredentials::belongs_to(const http::Request& request) const {
  const auto url = codec::parse_url(request.url);
  return hop_is_safe_ && url && codec::same_origin(*url, server_);
}

awaitable<Result<int>> StaticCredentials::authorize(http::Request& request) {
  if (!belongs_to(request)) co_return 0;
  for (const CredentialField& field : fields_) {
    if (is_spoken_by_relay(field.name) && request.fields.find(field.name)) continue;
    request.fields.set(field.name, field.value.reveal());
  }
  co_return 0;
}

awaitable<Result<bool>> StaticCredentials::challenged(http::Refusal) { co_return false; }

}  // namespace mcpio::auth
