// SPDX-License-Identifier: MIT
// `mcp-stdio client-metadata URL`: the document that makes the URL a client id.
#pragma once

#include "cli/config.h"

namespace mcpio::cli {

int run_client_metadata(const ConnectConfig& config);

// The document, as text to be published. Fails with config if the key can do no algorithm.
Result<std::string> client_metadata_text(const auth::OAuthSettings& settings);

}  // namespace mcpio::cli
