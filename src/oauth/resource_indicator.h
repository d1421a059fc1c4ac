// SPDX-License-Identifier: MIT
// What we name as the resource that a token is for (RFC 8707; MCP 2026-07-28, canonical server
// URI).
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "codec/url.h"

namespace mcpio::oauth {

// The server's URL without userinfo and fragment; no slash is added or taken away.
std::string canonical_resource(const codec::Url& server);

struct ResourceRule {
  std::optional<std::string> value;  // --oauth-resource, sent as it is
  bool omit = false;                 // --no-resource-indicator
};

// The value of the `resource` parameter; no value: it is not sent. `published` is the resource that
// the metadata names. It must be the server's URL, but for a trailing slash, or hold it: the same
// origin, and a path that is a whole-segment prefix of the server's. It is then sent byte for byte
// (servers compare it so: Atlassian). Else fails with untrusted, and the text names the two
// options that help. With one of them nothing is checked.
Result<std::optional<std::string>> choose_resource(const ResourceRule& rule,
                                                   const codec::Url& server,
                                                   const std::optional<std::string>& published);

}  // namespace mcpio::oauth
