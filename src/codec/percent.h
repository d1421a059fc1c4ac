// SPDX-License-Identifier: MIT
// Percent encoding (RFC 3986, section 2.1) and HTML forms (WHATWG URL, section 5).
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace mcpio::codec {

// Every byte but the unreserved ones (RFC 3986, section 2.3), in upper-case hexadecimal.
std::string percent_encode(std::string_view text);

// Fails with protocol if a `%` is not followed by two hexadecimal digits. `+` stays a plus.
Result<std::string> percent_decode(std::string_view text);

// Is every `%` followed by two hexadecimal digits?
bool is_percent_encoded(std::string_view text);

// One name or value of application/x-www-form-urlencoded: a space is `+`. This is also the encoding
// of client_id and client_secret in Basic credentials (RFC 6749, section 2.3.1).
std::string form_encode(std::string_view text);

struct FormField {
  std::string name;
  std::string value;
  friend bool operator==(const FormField&, const FormField&) = default;
};

// `a=1&b=2`, in the order given.
std::string encode_form(std::span<const FormField> fields);

// All fields in order, duplicates included. Never fails: as the standard has it, a `%` that begins
// no code stands for itself, and a name without `=` has an empty value.
std::vector<FormField> decode_form(std::string_view text);

}  // namespace mcpio::codec
