// SPDX-License-Identifier: MIT
// How often a person is asked to sign in, over all processes.
#pragma once

#include <string>

#include "auth/oauth_settings.h"
#include "base/clock.h"
#include "base/result.h"
#include "store/state_file.h"

namespace mcpio::auth {

// One browser for a server and ten minutes: who closes a window does not want another one with the
// next request. A login that was finished counts no more.
class LoginOffers {
 public:
  // All must outlive it.
  LoginOffers(store::StateFile& state, const Clock& clock, const OAuthSettings& settings);
  // For a login elsewhere than at the MCP server's: `key` says where.
  LoginOffers(store::StateFile& state, const Clock& clock, const OAuthSettings& settings,
              std::string key);

  // Fails with unauthorized, and names the line to run. `takes_over`: another process was waited
  // for and has ended; if it died over a login, somebody has to offer it again.
  Result<void> may_ask(bool takes_over);
  // Another process has asked a person who has not answered yet, as far as is known.
  bool is_open();

  void begun();
  void failed();
  void finished();

 private:
  void put(bool has_ended);
  // The last one within the ten minutes; no value: none that counts.
  struct Offer {
    double seconds_ago = 0;
    bool has_ended = false;
  };
  std::optional<Offer> last();

  store::StateFile& state_;
  const Clock& clock_;
  const OAuthSettings& settings_;
  const std::string key_;
};

}  // namespace mcpio::auth
