// SPDX-License-Identifier: MIT
// What a user can do about a refusal by the authorization server.
#pragma once

#include <string_view>

#include "oauth/token_error.h"

namespace mcpio::oauth {

// To be said once for a login whose token expires and cannot be refreshed.
inline constexpr std::string_view kNoRefreshToken =
    "the authorization server gave no refresh token, so that there will be another login when the "
    "token expires; some give one for --authorize-param prompt=consent, or for a scope of "
    "--oauth-scope";

// The option or action that helps; empty: none is known. An AADSTS code of Entra ID says more than
// the error it comes with.
std::string_view advice_for(const TokenError& error);

}  // namespace mcpio::oauth
