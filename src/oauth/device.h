// SPDX-License-Identifier: MIT
// The device authorization grant (RFC 8628): what the server answers, and when to ask again.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "oauth/token_error.h"

namespace mcpio::oauth {

// Section 3.2.
struct DeviceAuthorization {
  Secret device_code;
  std::string user_code;                    // fit to be shown; always shown, against phishing
  std::string verification_uri;             // where the user types it
  std::optional<std::string> complete_uri;  // the same with the code in it
  std::chrono::seconds life{1800};          // 1 s to 1 h
  std::chrono::seconds interval{5};         // 1 s to 1 h
};

// A refusal is a value, for code decides what follows it; an `error` counts in a 200 as well. Fails
// with protocol: no object, no device_code, user_code or address, or an address that is neither
// https nor on this machine or holds a password. Numbers that make no sense become the defaults.
Result<std::variant<DeviceAuthorization, TokenError>> read_device_authorization(
    int status, std::string_view body);

// When to poll: at once, then in intervals, never past the deadline. Pure; it is told what
// happened and says what to do.
class DevicePolling {
 public:
  struct Wait {
    std::chrono::milliseconds pause;  // then poll
  };
  struct Refused {};  // for good, for the reason that the server's answer gives
  using Step = std::variant<Wait, Refused, Error>;

  // `patience` is --oauth-timeout.
  DevicePolling(const DeviceAuthorization& authorization, SteadyTime now,
                std::chrono::seconds patience);

  // The deadline for a poll.
  SteadyTime deadline() const { return deadline_; }

  // Section 3.5.
  Step after_refusal(const TokenError& error, SteadyTime now);
  // The server was not reached, or is too busy: polls are then half as frequent from here on.
  Step after_silence(SteadyTime now);

 private:
  Step next(SteadyTime now) const;

  SteadyTime deadline_;
  std::chrono::seconds interval_;
};

}  // namespace mcpio::oauth
