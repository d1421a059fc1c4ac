// SPDX-License-Identifier: MIT
// What an MCP server says of itself as a protected resource (RFC 9728, section 2).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "oauth/known_providers.h"

namespace mcpio::oauth {

struct ResourceMetadata {
  std::optional<std::string> resource;             // no value: absent or no string
  std::vector<std::string> authorization_servers;  // issuers, as published
  std::optional<std::vector<std::string>> scopes_supported;
  bool dpop_bound_access_tokens_required = false;
};

// 4xx, or no JSON: there is no such document here.
struct NoDocument {};
// There is something that tells us nothing: a redirect, or JSON that names no authorization server.
struct UselessDocument {
  std::string why;
};
using ResourceAnswer = std::variant<ResourceMetadata, NoDocument, UselessDocument>;

// What the answer of one candidate means. Without metadata the next candidate is asked; only if
// each said NoDocument is the server taken for one of MCP 2025-03-26, which had none. An error ends
// the login: 5xx, which says nothing about the document (kind rejected).
Result<ResourceAnswer> read_resource_metadata(int status, std::string_view body);

// The authorization servers that may be asked, in the order to do so: those we hold credentials of
// (`held` are issuers), then the others as listed. Fails with protocol if check_endpoint() refuses
// every one. Not more than limits::kAuthorizationServers.
Result<std::vector<std::string>> usable_servers(std::span<const std::string> listed,
                                                std::span<const std::string> held,
                                                const KnownProviders& providers);

}  // namespace mcpio::oauth
