// SPDX-License-Identifier: MIT
#include "auth/token_entry.h"

#include "base/log.h"
#include "codec/base64.h"
#include "crypto/sha256.h"
#include "store/server_key.h"

namespace mcpio::auth {
namespace {

constexpr std::string_view kResources = "resources";

double entry_time(WallTime time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

}  // namespace

void put_tokens(store::Credential& entry, const oauth::TokenSet& tokens, const Client& client) {
  entry.access_token = tokens.access_token;
  entry.expires_at.reset();
  if (tokens.expires_at) entry.expires_at = entry_time(*tokens.expires_at);
  if (tokens.refresh_token) entry.refresh_token = tokens.refresh_token;
  if (tokens.id_token) entry.id_token = tokens.id_token;
  if (tokens.scope) entry.scope = tokens.scope;
  entry.client_id = client.credentials.id;
  if (client.origin == oauth::ClientOrigin::registered && !client.credentials.secret.empty())
    entry.client_secret = client.credentials.secret;
  if (client.secret_expires_at)
    entry.client_secret_expires_at = entry_time(*client.secret_expires_at);
  entry.token_endpoint_auth_method = oauth::name_of(client.authentication.how.method);
  entry.token_type = client.proof_key != nullptr ? kBoundType : "Bearer";
}

void put_resource(store::Credential& entry, const OAuthSettings& settings) {
  entry.no_resource_indicator = settings.omit_resource;
  entry.oauth_resource = settings.resource;
}

bool save_entry(Places& places, const OAuthSettings& settings, const store::Credential& entry,
                const ProofKey* proof_key) {
  auto kept = proof_key == nullptr ? ok() : proof_key->save(places.state, settings.server);
  if (!kept) log::warning("the token's key could not be saved: {}", kept.error().message);
  auto saved = places.credentials.save(codec::to_string(settings.server), entry);
  if (!saved) log::warning("the token could not be saved: {}", saved.error().message);
  return kept.has_value() && saved.has_value();
}

std::string resource_of(const store::Credential& entry, store::State& state,
                        const OAuthSettings& settings) {
  if (settings.resource) return *settings.resource;
  if (entry.oauth_resource) return *entry.oauth_resource;
  const std::string server = codec::to_string(settings.server);
  auto kept = state.find(kResources, store::server_key(server));
  if (!kept || !*kept) return server;
  return (*kept)->string("resource").value_or(server);
}

void remember_resource(store::State& state, const OAuthSettings& settings,
                       const std::optional<std::string>& resource) {
  if (!resource) return;
  const std::string key = store::server_key(codec::to_string(settings.server));
  auto put = state.put(kResources, key, codec::JsonWriter().add("resource", *resource).text());
  if (!put) log::debug("{}", put.error().message);
}

void hide_secrets(const store::Credential& entry) {
  log::hide(entry.access_token);
  for (const auto* secret : {&entry.refresh_token, &entry.id_token, &entry.client_secret})
    if (*secret) log::hide(**secret);
}

std::string digest_of(const Secret& access_token) {
  return codec::base64url(crypto::sha256(access_token.reveal()));
}

}  // namespace mcpio::auth
