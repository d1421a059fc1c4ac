// SPDX-License-Identifier: MIT
#include "auth/credential_lock.h"

#include "codec/base64.h"
#include "crypto/sha256.h"
#include "store/server_key.h"

namespace mcpio::auth {

std::filesystem::path credential_lock(const std::filesystem::path& folder,
                                      std::string_view server) {
  if (folder.empty()) return {};
  return folder / (codec::base64url(crypto::sha256(store::server_key(server))) + ".lock");
}

}  // namespace mcpio::auth
