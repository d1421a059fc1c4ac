// SPDX-License-Identifier: MIT
// The document at the URL that is our client id (draft-ietf-oauth-client-id-metadata-document).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace mcpio::oauth {

// Can this URL be a client id? https, with a path other than `/`, without `.` and `..` segments,
// fragment and userinfo (section 3 of the draft). Fails with config: "must ...".
Result<void> check_client_metadata_url(std::string_view url);

// The document to be published at `url`, as JSON text. `jwks` is a JWK set for a client
// with a key, else empty. Without redirect URIs, those of a loopback listener on any port
// (RFC 8252, section 7.3).
std::string client_metadata_document(std::string_view url, std::vector<std::string> redirect_uris,
                                     std::string_view jwks);

}  // namespace mcpio::oauth
