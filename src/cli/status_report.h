// SPDX-License-Identifier: MIT
// The stored logins, for people and for programs. No token is in it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "store/credential.h"

namespace mcpio::cli {

struct StoredLogin {
  std::string server;
  std::string issuer = {};  // these are empty if they are not known
  std::string client = {};
  std::string method = {};
  std::string scopes = {};
  std::optional<double> expires_at = {};  // Unix time
  bool can_refresh = false;
  std::string store = {};    // where it is
  std::string profile = {};  // empty: none
};

StoredLogin stored_login(std::string_view server, const store::Credential& credential,
                         std::string store);

// "in 59 min", "not said", "expired, sign in again"
std::string expiry(const StoredLogin& login, WallTime now);

// A header line, and a line each, with a column for profiles if there are any; what would steer a
// terminal is escaped. Without logins, a sentence.
std::string status_table(const std::vector<StoredLogin>& logins, WallTime now);
// {"logins": [...]}, in one line.
std::string status_json(const std::vector<StoredLogin>& logins, WallTime now);

}  // namespace mcpio::cli
