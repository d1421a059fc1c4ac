// SPDX-License-Identifier: MIT
// How an outgoing request gets its credentials, and what happens when they are refused.
#pragma once

#include <string>

#include "base/result.h"
#include "http/client.h"
#include "http/message.h"
#include "io/awaitable.h"

namespace mcpio::http {

// The server answered 401 or 403.
struct Refusal {
  int used = 0;                // what authorize() returned for the request
  std::string operation = {};  // what it was about: "tools/call search"
  Head answer = {};
};

// Knows the one origin its credentials belong to and gives them to no other. Implementations stand
// in `auth`; ends know only this.
class Authorizer {
 public:
  virtual ~Authorizer() = default;

  // Adds credentials to a request that is about to be sent. May wait: for a login, for a refresh.
  // Returns a number that tells these credentials from those before and after them.
  virtual awaitable<Result<int>> authorize(Request& request) = 0;

  // An authorized request got this answer, of any status: answers carry what later requests need.
  virtual void answered(const Head&, const Exchange&) {}

  // True: there are other credentials now, so authorize and send the request once more. False:
  // nothing to be done, the answer stands. A failure says why not. Whoever calls bounds how often.
  virtual awaitable<Result<bool>> challenged(Refusal refusal) = 0;
};

}  // namespace mcpio::http
