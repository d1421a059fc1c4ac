// SPDX-License-Identifier: MIT
#include "auth/no_sign_in.h"

namespace mcpio::auth {

Error no_sign_in() {
  return {.kind = ErrorKind::no_sign_in,
          .message =
              "the server wants credentials and does not say how to sign in: give it a token "
              "(MCP_BEARER_TOKEN, or -H 'NAME: VALUE'); if it does use OAuth, give its "
              "authorization server's metadata with --oauth-metadata"};
}

}  // namespace mcpio::auth
