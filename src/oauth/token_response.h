// SPDX-License-Identifier: MIT
// Reads what the token endpoint answers (RFC 6749, section 5).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "oauth/challenges.h"
#include "oauth/token_error.h"

namespace mcpio::oauth {

// What is missing in the answer has no value.
struct TokenSet {
  Secret access_token;
  TokenScheme scheme = TokenScheme::bearer;
  std::optional<WallTime> expires_at;  // no value: does not expire as far as we know
  std::optional<Secret> refresh_token;
  std::optional<Secret> id_token;
  std::optional<std::string> scope;  // as written
  std::vector<std::string> warnings;
};

struct TokenAnswer {
  int status = 0;
  std::string_view media_type;  // for the error alone
  std::string_view body;
};

// A refusal is a value, for code decides what follows it. An `error` counts in a 200 as well,
// unless there is a token beside it (GitHub). Fails with protocol if a 2xx answer holds neither, or
// a token that no header field can carry; or if the token is not bound and must be (RFC 9449,
// section 5), or is bound where no proof was sent.
Result<std::variant<TokenSet, TokenError>> read_token_answer(const TokenAnswer& answer,
                                                             WallTime now, TokenBinding binding);

// The grant that an identity provider makes for another authorization server (RFC 8693, section
// 2.2.1): it comes as `access_token`, with token_type N_A.
Result<std::variant<Secret, TokenError>> read_id_jag_answer(const TokenAnswer& answer);

// May that be sent behind "Bearer "? Spaces and control characters would end the header field, or
// begin another one.
bool fits_into_a_field(std::string_view token);

}  // namespace mcpio::oauth
