// SPDX-License-Identifier: MIT
// What an MCP server's 401 or 403 asks us for.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace mcpio::oauth {

enum class TokenScheme { bearer, dpop };

// Is a token to be bound to a key of ours?
enum class TokenBinding : std::uint8_t {
  none,
  preferred,  // a bearer token will do as well
  required,
};

// The parameters of its Bearer and DPoP challenges. Those of the scheme that was used come first,
// and its error is the one that counts (RFC 9449, section 7.2, has both in one answer). Other
// schemes are none of our business, and do not stand in the way. Texts are as the server wrote
// them; empty: not given.
struct ServerChallenge {
  bool bearer = false;            // RFC 6750, section 3
  bool dpop = false;              // RFC 9449, section 7.1
  std::string resource_metadata;  // RFC 9728, section 5.1
  std::string scope;
  std::string error;
  std::string acr_values;  // RFC 9470, section 3
  std::string max_age;     // seconds, in digits
};

// `used` is the scheme of the token that was refused; bearer if there was none.
ServerChallenge read_challenges(std::span<const std::string_view> www_authenticate,
                                TokenScheme used);

enum class Demand {
  none,            // nothing that OAuth could mend: the answer stands
  authorization,   // another token: a refresh or a login
  more_scope,      // a token with more scope: see step_up.h
  stronger_login,  // a new login with acr_values and max_age (RFC 9470)
  dpop_nonce,  // the same request with the nonce from its DPoP-Nonce field (RFC 9449, section 9)
};

Demand demand_of(int status, const ServerChallenge& challenge);

}  // namespace mcpio::oauth
