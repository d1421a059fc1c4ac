// SPDX-License-Identifier: MIT
// Base64, and its form for URLs (RFC 4648, sections 4 and 5).
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace mcpio::codec {

// With padding.
std::string base64(std::string_view bytes);
// Without padding (RFC 7515, section 2).
std::string base64url(std::string_view bytes);

// Strict: no white space, no byte outside the alphabet, no bits left over; padding as the encoder
// above writes it. Fail with protocol; the text of the error never quotes the input.
Result<std::string> decode_base64(std::string_view text);
Result<std::string> decode_base64url(std::string_view text);

}  // namespace mcpio::codec
