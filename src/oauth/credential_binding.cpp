// SPDX-License-Identifier: MIT
#include "oauth/credential_binding.h"

#include <fmt/format.h>

#include "oauth/peer_text.h"

namespace mcpio::oauth {

Result<Binding> bind_credentials(std::string_view issuer, const std::optional<std::string>& option,
                                 const std::optional<std::string>& remembered) {
  const auto& owner = option ? option : remembered;
  if (!owner) return Binding::first_use;
  if (*owner == issuer) return Binding::bound;
  return fail(
      ErrorKind::config,
      fmt::format("the client credentials belong to {}, but the server names the "
                  "authorization server {}: nothing was sent; if you trust it, name it with "
                  "--oauth-issuer",
                  shown(*owner), shown(issuer)));
}

}  // namespace mcpio::oauth
