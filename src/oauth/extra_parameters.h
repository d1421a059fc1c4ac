// SPDX-License-Identifier: MIT
// Parameters that the user adds to a request: --authorize-param and --token-param.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "codec/percent.h"

namespace mcpio::oauth {

enum class ParameterPlace : std::uint8_t { authorization_request, token_request };

// Reads `name=value`. Fails with config if it is none, or if the name is one that the login itself
// sets; then the option that is for it is named, if there is one.
Result<codec::FormField> parse_extra_parameter(std::string_view option, ParameterPlace place);

// Adds them to a request. None replaces a field that is there already.
void add_missing(std::vector<codec::FormField>& fields, const std::vector<codec::FormField>& more);

}  // namespace mcpio::oauth
