// SPDX-License-Identifier: MIT
#include "oauth/dpop_use.h"

#include <fmt/core.h>

#include <algorithm>

#include "codec/url.h"

namespace mcpio::oauth {

Result<TokenBinding> binding_for(bool user_wants_it, const ServerChallenge& challenge,
                                 const std::optional<ResourceMetadata>& resource,
                                 const ServerMetadata& server) {
  const auto& listed = server.dpop_signing_algs;
  const bool knows_es256 = listed && std::ranges::find(*listed, "ES256") != listed->end();
  const bool is_required =
      registers_for_dpop(user_wants_it, resource) || (challenge.dpop && !challenge.bearer);
  if (!is_required)
    return challenge.dpop && knows_es256 ? TokenBinding::preferred : TokenBinding::none;
  if (listed && !knows_es256)
    return fail(ErrorKind::protocol,
                fmt::format("a DPoP token is wanted, and {} takes no proofs that are signed with "
                            "ES256",
                            codec::for_log(server.issuer)));
  return TokenBinding::required;
}

bool registers_for_dpop(bool user_wants_it, const std::optional<ResourceMetadata>& resource) {
  return user_wants_it || (resource && resource->dpop_bound_access_tokens_required);
}

}  // namespace mcpio::oauth
