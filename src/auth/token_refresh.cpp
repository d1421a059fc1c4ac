// SPDX-License-Identifier: MIT
#include "auth/token_refresh.h"

#include <fmt/core.h>

#include <utility>
#include <variant>

#include "auth/token_entry.h"
#include "base/log.h"
#include "oauth/endpoint_guard.h"

namespace mcpio::auth {
namespace {

// True: it says nothing of the grant, or is a proxy's page.
bool is_passing(const oauth::TokenError& error) {
  const bool is_no_oauth_error = error.error.empty() && error.refusal == oauth::Refusal::other;
  return error.refusal == oauth::Refusal::unavailable || is_no_oauth_error;
}

}  // namespace

TokenRefresh::TokenRefresh(http::Client& client, Places& places, const Clock& clock,
                           const OAuthSettings& settings)
    : places_(places),
      settings_(settings),
      fetcher_(client, settings_),
      registry_(fetcher_, places_.state, clock, settings_),
      tokens_(fetcher_, clock, settings_),
      scope_(places_.state, codec::to_string(settings_.server)) {}

awaitable<Result<std::optional<store::Credential>>> TokenRefresh::refresh(
    RefreshRequest request, const store::ProcessLock&) {
  store::Credential& entry = request.credential;
  auto client = registry_.client_of(entry);
  if (!client) {
    log::warning("{}; signing in again", client.error().message);
    co_return std::nullopt;
  }
  auto safe = oauth::check_endpoint(*entry.token_endpoint, "token endpoint in the store");
  if (!safe) {
    log::warning("{}; signing in again", safe.error().message);
    co_return std::nullopt;
  }
  client->proof_key = request.proof_key;
  fetcher_.trust(*entry.token_endpoint);
  Endpoint endpoint;
  endpoint.url = *entry.token_endpoint;
  endpoint.issuer = entry.issuer.value_or("");
  oauth::RefreshGrant grant;
  grant.refresh_token = *entry.refresh_token;
  const bool names_it = settings_.resource || !entry.no_resource_indicator;
  if (!settings_.omit_resource && names_it)
    grant.resource = resource_of(entry, places_.state, settings_);
  auto reply = co_await tokens_.token(std::move(endpoint), *client, oauth::token_fields(grant));
  if (!reply) co_return propagate(reply);
  if (const auto* const error = std::get_if<oauth::TokenError>(&reply->answer)) {
    if (is_passing(*error))
      co_return fail(ErrorKind::network,
                     fmt::format("token endpoint {} answered {}; try again later",
                                 codec::for_log(*entry.token_endpoint), oauth::to_string(*error)));
    log::info("the refresh was rejected: {}", oauth::to_string(*error));
    co_return std::nullopt;
  }
  registry_.has_worked(entry.issuer.value_or(""), *client);
  auto& tokens = std::get<oauth::TokenSet>(reply->answer);
  if (!tokens.scope) tokens.scope = scope_.of(*entry.refresh_token);
  put_tokens(entry, tokens, *client);
  // What a login was told about the resource holds for its refreshes, until the user says else.
  if (settings_.omit_resource || settings_.resource) put_resource(entry, settings_);
  hide_secrets(entry);
  save_entry(places_, settings_, entry, request.proof_key.get());
  co_return std::move(entry);
}

}  // namespace mcpio::auth
