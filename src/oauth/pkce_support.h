// SPDX-License-Identifier: MIT
// Does the authorization server do PKCE? (MCP 2026-07-28, authorization code protection)
#pragma once

#include "base/result.h"
#include "oauth/known_providers.h"
#include "oauth/server_metadata.h"

namespace mcpio::oauth {

struct PkceRule {
  bool allow_missing = false;  // --oauth-allow-missing-pkce-metadata
  KnownProviders providers{true};
};

// Only for the authorization code grant. A list without S256 is always refused; no list at all is
// refused unless the provider is known to do it or the user allows it. Fails with untrusted.
Result<void> check_pkce(const PkceRule& rule, const ServerMetadata& metadata);

}  // namespace mcpio::oauth
