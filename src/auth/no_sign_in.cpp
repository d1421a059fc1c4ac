// SPDX-License-Identifier: MIT
#include "auth/no_sign_in.h"

#include <fmt/core.h>

namespace mcpio::auth {

Error no_sign_in(const codec::Url& server) {
  return {.kind = ErrorKind::no_sign_in,
          .message =
              fmt::format("{} wants credentials and does not say how to sign in: give it a token "
                          "(MCP_BEARER_TOKEN, or -H 'NAME: VALUE'); if it does use OAuth, give its "
                          "authorization server's metadata with --oauth-metadata",
                          codec::origin_of(server))};
}

}  // namespace mcpio::auth
