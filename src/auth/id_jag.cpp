// SPDX-License-Identifier: MIT
#include "auth/id_jag.h"

#include <fmt/core.h>

#include <utility>
#include <variant>
#include <vector>

#include "base/log.h"
#include "oauth/client_assertion.h"

namespace mcpio::auth {

IdJag::IdJag(Fetcher& fetcher, ClientRegistry& registry, TokenEndpoint& tokens,
             store::StateFile& state, const Clock& clock, const OAuthSettings& settings)
    : registry_(registry),
      clock_(clock),
      settings_(settings),
      exchange_(tokens, registry),
      refused_(state, codec::to_string(settings.server)),
      provider_settings_(at_provider(settings)),
      provider_discovery_(fetcher, provider_settings_),
      provider_tokens_(fetcher, clock, provider_settings_) {
  fetcher.trust(settings.idp.issuer);
  fetcher.trust(settings.idp.token_endpoint);
}

OAuthSettings IdJag::at_provider(const OAuthSettings& settings) {
  OAuthSettings provider;
  provider.server = settings.server;
  provider.client_id = settings.idp.client_id;
  provider.client_secret = settings.idp.client_secret;
  provider.key = settings.idp.key;
  provider.provider_quirks = settings.provider_quirks;
  return provider;
}

awaitable<Result<LoginResult>> IdJag::run(LoginRequest request) {
  const oauth::ServerMetadata& server = request.where.server;
  auto client = registry_.known_client(server);
  if (!client) co_return propagate(client);
  if (!*client) co_return fail(ErrorKind::config, "--grant id-jag needs --client-id");
  auto jag = co_await exchange_id_token(request);
  if (!jag) co_return propagate(jag, "asking the identity provider");
  const std::vector<std::string> audiences(1, server.issuer);
  auto good = oauth::check_foreign_assertion(oauth::AssertionUse::identity, jag->reveal(),
                                             audiences, clock_.wall());
  if (!good) co_return propagate(good);
  (*client)->proof_key = request.proof_key;
  oauth::JwtBearerGrant grant;
  grant.assertion = *std::move(jag);
  grant.scope = request.scope;
  grant.resource = request.where.indicator.value_or("");
  auto outcome = co_await exchange_.run(server, **std::move(client), oauth::token_fields(grant));
  co_return std::move(outcome.result);
}

awaitable<Result<Endpoint>> IdJag::provider_endpoint() {
  const IdentityProvider& idp = settings_.idp;
  if (!idp.token_endpoint.empty()) {
    Endpoint endpoint;
    endpoint.url = idp.token_endpoint;
    endpoint.issuer = idp.issuer.empty() ? idp.token_endpoint : idp.issuer;
    co_return endpoint;
  }
  auto provider = co_await provider_discovery_.metadata_of(idp.issuer);
  if (!provider) co_return propagate(provider);
  if (provider->endpoints.token) co_return endpoint_at(*provider, *provider->endpoints.token);
  co_return fail(ErrorKind::config,
                 fmt::format("the metadata of {} name no token endpoint, give it with "
                             "--idp-token-endpoint",
                             codec::for_log(idp.issuer)));
}

// Its metadata may not have been read: RFC 8414's default is client_secret_basic then, and what it
// refuses is tried with client_secret_post.
Result<Client> IdJag::client_at_provider() const {
  Client client;
  client.credentials.id = provider_settings_.client_id;
  client.credentials.secret = provider_settings_.client_secret;
  client.credentials.key = provider_settings_.key;
  oauth::Situation situation;
  situation.configured.secret = !provider_settings_.client_secret.empty();
  situation.configured.key = provider_settings_.key.has_value();
  auto decision = oauth::authentication_used(situation);
  if (!decision) return propagate(decision);
  client.authentication = *std::move(decision);
  return client;
}

awaitable<Result<Secret>> IdJag::exchange_id_token(LoginRequest request) {
  auto id_token = co_await settings_.idp.id_token->read();
  if (!id_token) co_return propagate(id_token);
  auto fresh = refused_.check(*id_token, settings_.idp.id_token->label());
  if (!fresh) co_return propagate(fresh);
  co_return co_await present_id_token(*std::move(id_token), std::move(request));
}

awaitable<Result<Secret>> IdJag::present_id_token(Secret id_token, LoginRequest request) {
  auto endpoint = co_await provider_endpoint();
  if (!endpoint) co_return propagate(endpoint);
  const std::string url = endpoint->url;
  auto client = client_at_provider();
  if (!client) co_return propagate(client);
  oauth::IdJagGrant grant;
  grant.subject_token = id_token;
  grant.audience = request.where.server.issuer;
  grant.resource = request.where.indicator.value_or(codec::to_string(settings_.server));
  grant.scope = request.scope;
  auto answer =
      co_await provider_tokens_.post(*std::move(endpoint), *client, oauth::token_fields(grant));
  if (!answer) co_return propagate(answer);
  const std::string type = answer->type();
  oauth::TokenAnswer text;
  text.status = answer->status();
  text.media_type = type;
  text.body = answer->body;
  auto jag = oauth::read_id_jag_answer(text);
  if (!jag) co_return propagate(jag, codec::for_log(url));
  if (auto* const secret = std::get_if<Secret>(&*jag)) {
    log::hide(*secret);
    co_return std::move(*secret);
  }
  const auto& error = std::get<oauth::TokenError>(*jag);
  if (error.refusal == oauth::Refusal::grant_rejected) refused_.remember(id_token);
  co_return std::unexpected(refusal_text(error, url, answer->next));
}

}  // namespace mcpio::auth
