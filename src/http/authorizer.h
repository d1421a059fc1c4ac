// SPDX-License-Identifier: MIT
// How an outgoing request gets its credentials, and what happens when they are refused.
#pragma once

#include "base/result.h"
#include "http/message.h"
#include "io/awaitable.h"

namespace mcpio::http {

// Knows the one origin its credentials belong to and gives them to no other. Implementations stand
// in `auth`; ends know only this.
class Authorizer {
 public:
  virtual ~Authorizer() = default;

  // Adds credentials to a request that is about to be sent. May wait: for a login, for a refresh.
  virtual awaitable<Result<void>> authorize(Request& request) = 0;

  // The server answered 401 or 403. True: there are other credentials now, so authorize and send
  // the request once more. False: nothing to be done, the answer stands. A failure says why not.
  virtual awaitable<Result<bool>> challenged(const Head& answer) = 0;
};

}  // namespace mcpio::http
