// SPDX-License-Identifier: MIT
// The token of an earlier login, where mcp-stdio looks for it.
#pragma once

#include <string>

#include "cases.h"

namespace bench {

// Where the upstream wants a token.
std::string protected_url(const std::string& url);

// As long as it lives, what is started finds the token in its store. Afterwards it is
// as sign_out() left it.
class SignedIn {
 public:
  explicit SignedIn(const Bench& bench);
  ~SignedIn();
  SignedIn(const SignedIn&) = delete;
  SignedIn& operator=(const SignedIn&) = delete;

 private:
  const std::string home_;
};

// Before anything is started: nobody finds a login, the user's own least of all.
void sign_out(const std::string& home);

}  // namespace bench
