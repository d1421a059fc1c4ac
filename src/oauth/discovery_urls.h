// SPDX-License-Identifier: MIT
// Where the documents of OAuth may be, in the order in which they are asked for.
//
// Userinfo and fragments are left out everywhere. What is asked for stays on the origin that the
// URL names, but for the address in a challenge.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "codec/url.h"

namespace mcpio::oauth {

// The resource metadata of an MCP server: `named`, what check_endpoint() made of the address in its
// challenge (none: it refused it, or there is none), then the well-known URI of the server's path,
// which keeps the query (RFC 9728, section 3.1), then that of the root. Each address once.
std::vector<std::string> resource_metadata_urls(const codec::Url& server,
                                                const std::optional<codec::Url>& named);

// The metadata of an authorization server (MCP 2026-07-28, authorization server discovery): RFC
// 8414, section 3.1, then OpenID Connect Discovery with its part inserted, then appended. An issuer
// without a path has two of them. A query, which no issuer may have, is left out.
std::vector<std::string> server_metadata_urls(const codec::Url& issuer);

struct MetadataCandidate {
  std::string url;
  std::string issuer;  // what the document there must name
  friend bool operator==(const MetadataCandidate&, const MetadataCandidate&) = default;
};

// For a server without resource metadata: the same documents on its origin, as MCP 2025-03-26 has
// it, then on its whole URL, where Keycloak's realms and Cognito's pools have theirs.
std::vector<MetadataCandidate> legacy_metadata_candidates(const codec::Url& server);

}  // namespace mcpio::oauth
