// SPDX-License-Identifier: MIT
#include "oauth/pkce_support.h"

#include <fmt/format.h>

#include <algorithm>

#include "codec/url.h"

namespace mcpio::oauth {

Result<void> check_pkce(const PkceRule& rule, const ServerMetadata& metadata) {
  const auto& methods = metadata.code_challenge_methods;
  const std::string server = codec::for_log(metadata.issuer);
  if (methods) {
    if (std::ranges::find(*methods, "S256") != methods->end()) return ok();
    return fail(ErrorKind::untrusted,
                fmt::format("the authorization server {} does not do PKCE with S256, without which "
                            "a stolen code is a stolen login (it lists: {})",
                            server, fmt::join(*methods, ", ")));
  }
  if (rule.allow_missing) return ok();
  const auto issuer = codec::parse_url(metadata.issuer);
  if (issuer && rule.providers.do_pkce_unsaid(*issuer)) return ok();
  return fail(ErrorKind::untrusted,
              fmt::format("the authorization server {} does not say that it does PKCE; "
                          "--oauth-allow-missing-pkce-metadata goes on all the same",
                          server));
}

}  // namespace mcpio::oauth
