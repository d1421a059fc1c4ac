// SPDX-License-Identifier: MIT
// What a user can do about a refusal by the authorization server.
#pragma once

#include <string_view>

#include "oauth/token_error.h"

namespace mcpio::oauth {

// The option or action that helps; empty: none is known. An AADSTS code of Entra ID says more than
// the error it comes with.
std::string_view advice_for(const TokenError& error);

}  // namespace mcpio::oauth
