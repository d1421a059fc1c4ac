// SPDX-License-Identifier: MIT
// Text of an authorization server, made fit to be shown.
#pragma once

#include <string>
#include <string_view>

namespace mcpio::oauth {

// Printable ASCII without quote and backslash, which is what RFC 6749, section 5.2, allows in
// `error` and `error_description`; the rest is left out, and so is what is beyond 200 characters.
// `<unspecified>` if nothing remains.
std::string shown(std::string_view text);

}  // namespace mcpio::oauth
