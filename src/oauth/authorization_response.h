// SPDX-License-Identifier: MIT
// Reads what the browser brings back (RFC 6749, section 4.1.2), or the user pastes.
//
// The order is what protects: first `state`, which tells our login from anything that somebody else
// sends to the listener; then `iss`, which tells our authorization server from another one (RFC
// 9207); and only then what it says. Until both hold, nothing of the answer is shown.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"
#include "base/secret.h"

namespace mcpio::oauth {

struct ExpectedResponse {
  Secret state;
  std::string issuer;         // of the metadata, as it was validated and recorded
  bool promises_iss = false;  // authorization_response_iss_parameter_supported
};

// Not for us: answer 400 and keep waiting.
struct ForeignResponse {};
struct CodeGranted {
  Secret code;
};
// The login is over; the error's text may be shown. It is `rejected` if the server said no, and
// `untrusted` if the answer came from another issuer.
using LoginEnded = Error;

using AuthorizationResponse = std::variant<ForeignResponse, CodeGranted, LoginEnded>;

AuthorizationResponse read_authorization_response(std::string_view query,
                                                  const ExpectedResponse& expected);

// The query in what was pasted: the whole URL of the last page, or its query with or without the
// `?`; white space that a terminal put in is dropped. Fails with config if there is no `state` in
// it: a bare code could be anybody's.
Result<std::string> query_of_pasted(std::string_view text);

}  // namespace mcpio::oauth
