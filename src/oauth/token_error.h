// SPDX-License-Identifier: MIT
// A refusal by an endpoint of the authorization server, and what it means (RFC 6749, section 5.2).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mcpio::oauth {

enum class Refusal : std::uint8_t {
  grant_rejected,         // the code, token or assertion is spent, or was never good: log in
  client_refused,         // we are not who we say, or did not say it as the server likes
  nonce_wanted,           // a DPoP proof with the nonce of this answer; no failure
  authorization_pending,  // device grant: not yet
  slow_down,              // device grant: not yet, and less often
  device_code_expired,    // device grant: too late
  denied,                 // the user or a policy said no
  scope_refused,
  resource_refused,
  unavailable,  // the server is in trouble: nothing is known about what we presented; keep it
  other,
};

struct TokenError {
  Refusal refusal = Refusal::other;
  int status = 0;
  std::string error;        // fit to be shown; empty: the answer named none
  std::string description;  // fit to be shown; empty: none
  std::string code;         // the AADSTS code of Entra ID in the description; empty: none
};

// Reads an answer that is an error: JSON, a form, or anything else.
TokenError read_token_error(int status, std::string_view body);
// The same from members that were read already.
TokenError make_token_error(int status, std::string_view error, std::string_view description);

// For people: "400 invalid_grant: the code has expired".
std::string to_string(const TokenError& error);

}  // namespace mcpio::oauth
