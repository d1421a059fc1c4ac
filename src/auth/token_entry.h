// SPDX-License-Identifier: MIT
// What is kept of tokens, by a login and by each refresh.
#pragma once

#include <optional>
#include <string>

#include "auth/oauth_settings.h"
#include "auth/places.h"
#include "auth/token_endpoint.h"
#include "oauth/token_response.h"
#include "store/credential.h"

namespace mcpio::auth {

// The token_type of an entry whose tokens are bound to a key.
inline constexpr std::string_view kBoundType = "DPoP";

// What the answer leaves out stays as it was (RFC 6749, section 6).
void put_tokens(store::Credential& entry, const oauth::TokenSet& tokens, const Client& client);
// What the user wants said of the resource.
void put_resource(store::Credential& entry, const OAuthSettings& settings);

// With the key that its tokens are bound to, if there is one. False: one of them could not be
// saved, which is logged.
bool save_entry(Places& places, const OAuthSettings& settings, const store::Credential& entry,
                const ProofKey* proof_key);

// Byte for byte what the login named (RFC 8707, section 2.2): servers compare it so.
std::string resource_of(const store::Credential& entry, store::State& state,
                        const OAuthSettings& settings);
void remember_resource(store::State& state, const OAuthSettings& settings,
                       const std::optional<std::string>& resource);

// Keeps its secrets out of the log.
void hide_secrets(const store::Credential& entry);

// Tells one access token from another without showing either.
std::string digest_of(const Secret& access_token);

}  // namespace mcpio::auth
