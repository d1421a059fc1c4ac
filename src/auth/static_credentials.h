// SPDX-License-Identifier: MIT
// Credentials that are known from the start: a bearer token, header fields, the userinfo of the
// URL.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "codec/url.h"
#include "http/authorizer.h"
#include "http/proxy_settings.h"

namespace mcpio::auth {

struct CredentialField {
  std::string name;
  Secret value;
};

// Authorization fields (RFC 6750, section 2.1, and RFC 7617, section 2). `userinfo` is as it stands
// in a URL: user:password, percent-encoded.
CredentialField bearer(const Secret& token);
CredentialField basic(std::string_view userinfo);

// Refuses to carry credentials over a network in plain text, to the server itself or to the proxy
// on the way to it; says what to do instead.
Result<void> check_hop(const codec::Url& server, const http::ProxySettings& proxies,
                       bool allow_http);

// Gives the same fields to every request to the server's origin, and to no other. They replace what
// the request has, but for the fields the relay itself speaks MCP with (Mcp-Session-Id and the
// like): those are the user's only until the relay has a value of its own.
class StaticCredentials final : public http::Authorizer {
 public:
  // Where check_hop() refuses, no request gets anything.
  StaticCredentials(codec::Url server, std::vector<CredentialField> fields,
                    const http::ProxySettings& proxies, bool allow_http);

  awaitable<Result<int>> authorize(http::Request& request) override;
  // There are no others to try.
  awaitable<Result<bool>> challenged(http::Refusal refusal) override;

 private:
  bool belongs_to(const http::Request& request) const;

  const codec::Url server_;
  const std::vector<CredentialField> fields_;
  const bool hop_is_safe_;
};

}  // namespace mcpio::auth
