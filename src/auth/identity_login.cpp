// SPDX-License-Identifier: MIT
#include "auth/identity_login.h"

#include <fmt/core.h>

#include <utility>
#include <variant>

#include "auth/credential_lock.h"
#include "base/log.h"
#include "io/pause.h"
#include "oauth/endpoint_guard.h"
#include "oauth/id_token.h"
#include "oauth/issuer.h"
#include "oauth/refusal_advice.h"
#include "oauth/scopes.h"

namespace mcpio::auth {
namespace {

constexpr std::string_view kIdentityScope = "openid";
constexpr std::chrono::milliseconds kIdentityLockPause{200};
// So that it does not expire on its way.
constexpr std::chrono::seconds kIdTokenLeeway{60};

// No MCP server has this address, so that no entry of one is overwritten.
std::string address_of(const IdentityProvider& provider) {
  std::string issuer = provider.issuer;
  while (issuer.ends_with('/')) issuer.pop_back();
  return issuer + "/.well-known/openid-configuration";
}

}  // namespace

IdentityLogin::IdentityLogin(Parts parts)
    : credentials_(parts.credentials),
      clock_(parts.clock),
      key_(address_of(parts.settings.idp)),
      lock_(credential_lock(parts.locks, key_)),
      provider_(parts.settings.idp),
      settings_(at_provider(parts.settings)),
      tell_(std::move(parts.tell)),
      discovery_(parts.fetcher, settings_),
      registry_(parts.fetcher, parts.state, clock_, settings_),
      tokens_(parts.fetcher, clock_, settings_),
      offers_(parts.state, clock_, settings_, key_),
      browser_(parts.fetcher, registry_, tokens_, settings_,
               [this](const std::string& text) { this->tell(text); }),
      device_(
          registry_, tokens_, clock_, settings_,
          [this](const std::string& text) { this->tell(text); }, io::pause) {}

// To the person, and to the processes that wait for that person.
void IdentityLogin::tell(const std::string& text) {
  offers_.told(text);
  tell_(text);
}

// What is not named here stays with the servers it is for.
OAuthSettings IdentityLogin::at_provider(const OAuthSettings& settings) {
  OAuthSettings provider;
  provider.server = settings.server;
  provider.provider_quirks = settings.provider_quirks;
  provider.allow_missing_pkce_metadata = settings.allow_missing_pkce_metadata;
  provider.client_id = settings.idp.client_id;
  provider.client_secret = settings.idp.client_secret;
  provider.key = settings.idp.key;
  provider.offline_access = settings.offline_access;
  provider.omit_resource = true;
  provider.authorize_params = settings.authorize_params;
  provider.pushes = settings.pushes;
  provider.has_browser = settings.has_browser;
  provider.callback_host = settings.callback_host;
  provider.callback_port = settings.callback_port;
  provider.callback_path = settings.callback_path;
  provider.callback_bind = settings.callback_bind;
  provider.redirect_uri = settings.redirect_uri;
  provider.paste_from = settings.paste_from;
  provider.open_browser = settings.open_browser;
  provider.browser = settings.browser;
  provider.asking = settings.asking;
  provider.timeout = settings.timeout;
  return provider;
}

awaitable<Result<Identity>> IdentityLogin::prove(IsRefused is_refused, bool may_ask) {
  auto turn = co_await take_turn();
  if (!turn) co_return propagate(turn);
  auto before = kept();
  if (before && is_good(before->id_token, *before->issuer) && !is_refused(*before->id_token))
    co_return identity_of(*before);
  if (before && before->refresh_token) {
    auto refreshed = co_await refresh(*before);
    if (!refreshed) co_return propagate(refreshed, "refreshing the login there");
    if (*refreshed) co_return **std::move(refreshed);
  }
  if (!may_ask)
    co_return fail(ErrorKind::unauthorized, "only a login there gives another ID token");
  co_return co_await log_in();
}

// Others may hold it as long as a person takes to sign in.
awaitable<Result<store::ProcessLock>> IdentityLogin::take_turn() {
  const auto until = clock_.steady() + settings_.timeout;
  bool told = false;
  bool asked = false;
  for (;;) {
    auto lock = store::ProcessLock::try_take(lock_);
    if (lock) co_return *std::move(lock);
    if (!std::exchange(told, true))
      log::info("another process is signing in at the identity provider; waiting for its result");
    const auto elsewhere = asked ? std::nullopt : offers_.told_elsewhere();
    if (elsewhere) {
      asked = true;
      tell_(fmt::format("Another mcp-stdio on this machine has asked for a login at {}.\n{}\n",
                        codec::for_log(provider_.issuer), *elsewhere));
    }
    if (clock_.steady() >= until)
      co_return fail(ErrorKind::timed_out,
                     "another process has been signing in there for too long; end it, or try "
                     "again later");
    const bool waited = co_await io::pause(kIdentityLockPause);
    if (!waited) co_return fail(ErrorKind::cancelled, "cancelled");
  }
}

// What an earlier login of this client at this provider gave.
std::optional<store::Credential> IdentityLogin::kept() {
  auto stored = credentials_.load(key_);
  if (!stored) log::warning("the stored login cannot be used: {}", stored.error().message);
  if (!stored || !*stored) return std::nullopt;
  store::Credential& credential = **stored;
  const oauth::KnownProviders providers(settings_.provider_quirks);
  if (credential.client_id != settings_.client_id || !credential.issuer ||
      !oauth::is_same_issuer(provider_.issuer, *credential.issuer, providers))
    return std::nullopt;
  const std::string& endpoint = provider_.token_endpoint;
  if (!credential.token_endpoint || (!endpoint.empty() && endpoint != *credential.token_endpoint))
    return std::nullopt;
  for (const auto& secret : {credential.refresh_token, credential.id_token})
    if (secret) log::hide(*secret);
  log::hide(credential.access_token);
  settings_.issuer = credential.issuer;
  return credential;
}

bool IdentityLogin::is_good(const std::optional<Secret>& id_token,
                            const std::string& issuer) const {
  if (!id_token) return false;
  const oauth::ExpectedIdToken expected{.issuer = issuer, .client_id = settings_.client_id};
  return oauth::check_id_token(id_token->reveal(), expected, clock_.wall() + kIdTokenLeeway)
      .has_value();
}

Result<Identity> IdentityLogin::identity_of(const store::Credential& credential) {
  auto safe = oauth::check_endpoint(*credential.token_endpoint, "token endpoint in the store");
  if (!safe) return propagate(safe);
  auto client = registry_.client_of(credential);
  if (!client) return propagate(client);
  Identity identity{.id_token = credential.id_token.value_or(Secret()),
                    .endpoint = {.url = *credential.token_endpoint,
                                 .issuer = *credential.issuer,
                                 .algorithms = {}},
                    .client = *std::move(client),
                    .is_of_a_login = false};
  return identity;
}

awaitable<Result<std::optional<Identity>>> IdentityLogin::refresh(store::Credential credential) {
  auto identity = identity_of(credential);
  if (!identity) {
    log::warning("{}; signing in again", identity.error().message);
    co_return std::nullopt;
  }
  oauth::RefreshGrant grant;
  grant.refresh_token = *credential.refresh_token;
  auto reply =
      co_await tokens_.token(identity->endpoint, identity->client, oauth::token_fields(grant));
  if (!reply) co_return propagate(reply);
  if (auto* const tokens = std::get_if<oauth::TokenSet>(&reply->answer)) {
    LoginResult result;
    result.tokens = std::move(*tokens);
    result.client = identity->client;
    auto kept = keep(result, std::move(credential));
    if (kept) co_return *std::move(kept);
    // An answer to a refresh "might not contain an id_token" (OpenID Connect Core, section 12.2).
    log::info("the identity provider's refresh is of no use: {}", kept.error().message);
    co_return std::nullopt;
  }
  const auto& error = std::get<oauth::TokenError>(reply->answer);
  const bool is_no_oauth_error = error.error.empty() && error.refusal == oauth::Refusal::other;
  if (error.refusal == oauth::Refusal::unavailable || is_no_oauth_error)
    co_return fail(ErrorKind::network,
                   fmt::format("token endpoint {} answered {}; try again later",
                               codec::for_log(identity->endpoint.url), oauth::to_string(error)));
  log::info("the identity provider rejected the refresh: {}", oauth::to_string(error));
  credential.refresh_token.reset();
  auto saved = credentials_.save(key_, credential);
  if (!saved) log::debug("{}", saved.error().message);
  co_return std::nullopt;
}

awaitable<Result<Identity>> IdentityLogin::log_in() {
  auto may_ask = offers_.may_ask();
  if (!may_ask) co_return propagate(may_ask);
  auto server = co_await discovery_.metadata_of(provider_.issuer);
  if (!server) co_return propagate(server);
  settings_.issuer = server->issuer;  // the user has named it, for this client
  if (!provider_.token_endpoint.empty()) server->endpoints.token = provider_.token_endpoint;
  oauth::ScopeSources sources;
  sources.challenge = kIdentityScope;
  sources.server_supported = server->scopes;
  sources.offline_access = settings_.offline_access;
  LoginRequest request;
  request.where.server = *server;
  request.scope = oauth::choose_scope(sources).scope;
  offers_.begun();
  auto result = co_await ask(std::move(request));
  // If we are to end, nobody can finish it any more, and it may be offered again.
  if (!result && result.error().kind != ErrorKind::cancelled) offers_.failed(result.error());
  if (!result) co_return propagate(result, "signing in there");
  store::Credential credential;
  credential.issuer = server->issuer;
  credential.token_endpoint = server->endpoints.token;
  credential.no_resource_indicator = true;
  auto identity = keep(*result, std::move(credential));
  if (!identity) offers_.failed(identity.error());
  if (!identity) co_return propagate(identity, "signing in there");
  offers_.finished();
  log::info("signed in at the identity provider {}", codec::for_log(server->issuer));
  if (!result->tokens.refresh_token) log::warning("{}", oauth::kNoRefreshToken);
  identity->is_of_a_login = true;
  co_return identity;
}

awaitable<Result<LoginResult>> IdentityLogin::ask(LoginRequest request) {
  if (settings_.has_browser) co_return co_await browser_.run(std::move(request));
  if (request.where.server.endpoints.device_authorization)
    co_return co_await device_.run(std::move(request));
  co_return fail(
      ErrorKind::unauthorized,
      fmt::format("there is no browser here to sign in with, and {} offers no login "
                  "with a code; run in a terminal: mcp-stdio login {}",
                  codec::for_log(request.where.server.issuer), codec::for_log(settings_.server)));
}

// Saved before it is used. Fails with protocol if there is no ID token that is good.
Result<Identity> IdentityLogin::keep(const LoginResult& result, store::Credential credential) {
  const oauth::TokenSet& tokens = result.tokens;
  credential.access_token = tokens.access_token;
  credential.expires_at.reset();
  if (tokens.expires_at)
    credential.expires_at =
        std::chrono::duration<double>(tokens.expires_at->time_since_epoch()).count();
  if (tokens.refresh_token) credential.refresh_token = tokens.refresh_token;
  if (tokens.scope) credential.scope = tokens.scope;
  credential.id_token = tokens.id_token;
  credential.client_id = result.client.credentials.id;
  credential.token_endpoint_auth_method = oauth::name_of(result.client.authentication.how.method);
  auto saved = credentials_.save(key_, credential);
  if (!saved) log::warning("the login could not be saved: {}", saved.error().message);
  registry_.has_worked(*credential.issuer, result.client);
  if (!credential.id_token)
    return fail(ErrorKind::protocol,
                fmt::format("{} gave no ID token", codec::for_log(*credential.issuer)));
  log::hide(*credential.id_token);
  const oauth::ExpectedIdToken expected{.issuer = *credential.issuer,
                                        .client_id = settings_.client_id};
  auto good = oauth::check_id_token(credential.id_token->reveal(), expected, clock_.wall());
  if (!good) return propagate(good);
  auto identity = identity_of(credential);
  if (identity) identity->client = result.client;
  return identity;
}

}  // namespace mcpio::auth
