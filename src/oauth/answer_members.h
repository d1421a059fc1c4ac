// SPDX-License-Identifier: MIT
// The members of an answer of the authorization server, whichever way it wrote them.
#pragma once

#include <string_view>

#include "base/result.h"
#include "codec/json_document.h"

namespace mcpio::oauth {

// A JSON object, whatever the media type says; else a form, as GitHub and Meta answer, of whose
// repeated fields the first counts. Fails with protocol if it is neither. The caller bounds the
// size.
Result<codec::JsonObject> answer_members(std::string_view body);

}  // namespace mcpio::oauth
