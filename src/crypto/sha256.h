// SPDX-License-Identifier: MIT
// SHA-256 (FIPS 180-4) and HMAC with it (RFC 2104); results are the 32 raw bytes.
#pragma once

#include <string>
#include <string_view>

namespace mcpio::crypto {

std::string sha256(std::string_view bytes);
std::string hmac_sha256(std::string_view key, std::string_view bytes);

}  // namespace mcpio::crypto
