// SPDX-License-Identifier: MIT
// Header fields as users write them: -H 'Name: value' and the lines of a header file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "auth/static_credentials.h"
#include "base/environment.h"
#include "base/result.h"

namespace mcpio::cli {

// Takes a line apart at its first colon and trims both sides (RFC 9110, section 5). The name must
// be a token that is not the HTTP library's own business, the value free of CR, LF and NUL, which
// could smuggle in a second request. ${VARIABLE} in the value is replaced from the environment, and
// $${ becomes ${. The errors name the field, never the value.
Result<auth::CredentialField> parse_header(std::string_view line, const Environment& environment);

// One field a line. Empty lines and lines that begin with # are skipped. An error names the line.
Result<std::vector<auth::CredentialField>> parse_header_lines(std::string_view text,
                                                              const Environment& environment);

// Sets a field: there is one per name, whatever its case, and the last one counts. True: it
// replaced another one.
bool set_field(std::vector<auth::CredentialField>& fields, auth::CredentialField field);

// May these bytes stand in a header field? No: CR, LF or NUL.
bool is_safe_value(std::string_view value);

}  // namespace mcpio::cli
