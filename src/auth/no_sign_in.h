// SPDX-License-Identifier: MIT
// What is said where nobody can be found who signs people in.
#pragma once

#include "base/result.h"
#include "codec/url.h"

namespace mcpio::auth {

// Of a server that wants credentials, whose guessed endpoints (oauth::default_server_metadata) are
// not there. It names what the user can give; kind no_sign_in.
Error no_sign_in(const codec::Url& server);

}  // namespace mcpio::auth
