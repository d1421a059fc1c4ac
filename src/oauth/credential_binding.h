// SPDX-License-Identifier: MIT
// A secret belongs to one issuer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace mcpio::oauth {

enum class Binding : std::uint8_t {
  bound,      // this issuer is the one
  first_use,  // once it succeeds, this issuer is the one: store it, and print it
};

// May a configured secret, key, certificate or assertion go to this issuer? Only to
// `--oauth-issuer`, or else to the first one it succeeded with: otherwise a hostile MCP server
// collects it by naming its own authorization server. Fails with config, naming both; then nothing
// may be sent. Issuers are compared as strings (RFC 8414, section 3.3).
Result<Binding> bind_credentials(std::string_view issuer, const std::optional<std::string>& option,
                                 const std::optional<std::string>& remembered);

}  // namespace mcpio::oauth
