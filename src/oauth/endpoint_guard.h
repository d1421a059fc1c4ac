// SPDX-License-Identifier: MIT
// Which URLs of a document may be asked, opened in a browser or told a secret.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "codec/url.h"

namespace mcpio::oauth {

// https, or http to this machine; no userinfo and no fragment (RFC 6749, sections 3.1 and 3.2).
// Another origin than the one that named it is fine: see foreign_origins(). Fails with protocol;
// `what` names the URL in the error: "token endpoint".
Result<codec::Url> check_endpoint(std::string_view url, std::string_view what);

// The origins among these URLs that are not the one of `home`, each once, for the user to see. What
// is no URL is left out.
std::vector<std::string> foreign_origins(std::span<const std::string> urls, const codec::Url& home);

}  // namespace mcpio::oauth
