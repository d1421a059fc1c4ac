// SPDX-License-Identifier: MIT
// The name under which a server's credentials are kept.
#pragma once

#include <string>
#include <string_view>

namespace mcpio::store {

// The URL as the Python program of the same name writes it, so that both find each other's
// entries: scheme and host in lower case, the scheme's own port left out, no slash at the end of
// the path, no userinfo and no fragment; the query stays. What is no http or https URL is its own
// key.
std::string server_key(std::string_view url);

}  // namespace mcpio::store
