// SPDX-License-Identifier: MIT
// Decides whether tokens are to be bound to a key (RFC 9449).
#pragma once

#include <optional>

#include "base/result.h"
#include "oauth/challenges.h"
#include "oauth/resource_metadata.h"
#include "oauth/server_metadata.h"

namespace mcpio::oauth {

// Required if the user (--dpop) or the resource's metadata want it, or if the MCP server's
// challenge speaks of DPoP alone. A server that takes both kinds gets a bound token where the
// authorization server says that it can make one (dpop_signing_alg_values_supported), and does so;
// else a bearer token. Fails with protocol if it is required and that list is there without ES256,
// which is what we sign with.
Result<TokenBinding> binding_for(bool user_wants_it, const ServerChallenge& challenge,
                                 const std::optional<ResourceMetadata>& resource,
                                 const ServerMetadata& server);

// Is a client that registers itself to say that all its tokens are bound (RFC 9449, section 5.2)?
// Only where it will never want another one: the server refuses it a bearer token from then on.
bool registers_for_dpop(bool user_wants_it, const std::optional<ResourceMetadata>& resource);

}  // namespace mcpio::oauth
