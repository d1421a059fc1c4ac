// SPDX-License-Identifier: MIT
// What follows when the authorization server does not take our word for who we are.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "oauth/client_authentication.h"
#include "oauth/token_error.h"

namespace mcpio::oauth {

// What has happened to one request so far.
struct AttemptHistory {
  std::vector<Authentication> tried;  // in order, the decision's first; never empty
  bool is_ours = false;               // Decision::is_ours
  bool has_secret = false;
  bool is_registered = false;      // the client id came from dynamic registration
  bool was_re_registered = false;  // that has been repeated for this login already
};

// Send the same request to the same endpoint once more, with a fresh jti. If it succeeds, this way
// is the one to remember.
struct TryAgain {
  Authentication how;
};
// The refused request has used up its code: log in once more, in the way tried last.
struct LogInAgain {};
// The server has forgotten us, or never accepted what it registered: forget the registration,
// register once, log in once.
struct RegisterAgain {};
// Nothing is left to try. The advice says which option helps.
struct GiveUp {
  std::string advice;
};
// It was not about who we are.
struct NotAboutTheClient {};

using AfterRefusal = std::variant<TryAgain, LogInAgain, RegisterAgain, GiveUp, NotAboutTheClient>;

// 401, or 400 with invalid_client, unauthorized_client or a complaint about a missing client_id,
// unless the answer names another cause. Then, with at most two retries: Basic with client_id in
// the body as well; the other one of Basic and post, advertised or not. A method that the user
// named is left alone. A JWT is never replaced by a bare secret; only its audience becomes the
// endpoint, once, if the server complained about the audience (Okta).
AfterRefusal after_refusal(const TokenError& error, const AttemptHistory& history);

}  // namespace mcpio::oauth
