// SPDX-License-Identifier: MIT
// How often a person is asked to sign in, over all processes.
#pragma once

#include <optional>
#include <string>

#include "auth/oauth_settings.h"
#include "base/clock.h"
#include "base/result.h"
#include "store/state.h"

namespace mcpio::auth {

// One browser for a server and ten minutes: who closes a window does not want another one with the
// next request. A login that was finished counts no more, and neither does one that failed before
// anybody was told where to sign in, or one whose program has ended over it, since nobody can
// finish that; but if several have, somebody restarts them.
//
// The lock of the credential is held from may_ask() to the end of the login. So an offer that is
// open while we have the lock is of a program that has ended.
class LoginOffers {
 public:
  // All must outlive it.
  LoginOffers(store::State& state, const Clock& clock, const OAuthSettings& settings);
  // For a login elsewhere than at the MCP server's: `key` says where.
  LoginOffers(store::State& state, const Clock& clock, const OAuthSettings& settings,
              std::string key);

  // Fails with unauthorized, and names the line to run; or with what failed a moment ago.
  Result<void> may_ask();
  // What another process, which has the lock, has told a person who has not answered yet: where to
  // sign in. No value: none has, as far as is known.
  std::optional<std::string> told_elsewhere();

  void begun();
  // More of what the login that has begun tells the person; others may pass it on.
  void told(const std::string& text);
  // Refused or left alone, if anybody was told; if nobody was, the next requests are given the same
  // answer for a while: what could not be begun is not begun again with each of them. Not so where
  // the network failed: it may be back with the next one.
  void failed(Error why);
  void finished();
  void in_vain();  // finished, and what it brought is not taken: counts as refused

 private:
  struct Offer {
    double seconds_ago = 0;
    bool has_ended = false;
    int abandoned = 0;  // of those before it, without a break of ten minutes
    std::string told = {};
  };
  // The last one within the ten minutes; no value: none that counts.
  std::optional<Offer> last();
  void put(const Offer& offer);

  store::State& state_;
  const Clock& clock_;
  const OAuthSettings& settings_;
  const std::string key_;
  struct Rest {
    Error why;
    WallTime until;
  };
  std::optional<Rest> rest_;
};

}  // namespace mcpio::auth
