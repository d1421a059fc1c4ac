// SPDX-License-Identifier: MIT
#include "auth/id_jag.h"

#include <fmt/core.h>

#include <utility>
#include <variant>
#include <vector>

#include "base/log.h"
#include "oauth/client_assertion.h"

namespace mcpio::auth {

IdJag::IdJag(Parts parts, std::function<void(std::string)> tell)
    : registry_(parts.registry),
      clock_(parts.clock),
      settings_(parts.settings),
      exchange_(parts.tokens, parts.registry),
      refused_(parts.state, codec::to_string(settings_.server)),
      provider_settings_(IdentityLogin::at_provider(settings_)),
      provider_discovery_(parts.fetcher, provider_settings_),
      provider_tokens_(parts.fetcher, clock_, provider_settings_),
      login_({.fetcher = parts.fetcher,
              .credentials = parts.credentials,
              .state = parts.state,
              .locks = std::move(parts.locks),
              .clock = clock_,
              .settings = settings_,
              .tell = std::move(tell)}) {
  parts.fetcher.trust(settings_.idp.issuer);
  parts.fetcher.trust(settings_.idp.token_endpoint);
}

awaitable<Result<LoginResult>> IdJag::run(LoginRequest request) {
  const oauth::ServerMetadata& server = request.where.server;
  auto client = registry_.known_client(server);
  if (!client) co_return propagate(client);
  if (!*client) co_return fail(ErrorKind::config, "--grant id-jag needs --client-id");
  auto jag = co_await grant_for(request);
  if (!jag) co_return propagate(jag, "asking the identity provider");
  const std::vector<std::string> audiences(1, server.issuer);
  auto good = oauth::check_foreign_assertion(oauth::AssertionUse::identity, jag->reveal(),
                                             audiences, clock_.wall());
  if (!good) co_return propagate(good);
  bind_tokens(**client, request);
  oauth::JwtBearerGrant grant;
  grant.assertion = *std::move(jag);
  grant.scope = request.scope;
  grant.resource = request.where.indicator.value_or("");
  auto outcome = co_await exchange_.run(server, **std::move(client), oauth::token_fields(grant));
  co_return std::move(outcome.result);
}

awaitable<Result<IdJag::Provider>> IdJag::provider() {
  const IdentityProvider& idp = settings_.idp;
  Provider provider;
  if (!idp.token_endpoint.empty()) {
    provider.endpoint.url = idp.token_endpoint;
    provider.endpoint.issuer = idp.issuer.empty() ? idp.token_endpoint : idp.issuer;
    co_return provider;
  }
  auto metadata = co_await provider_discovery_.metadata_of(idp.issuer);
  if (!metadata) co_return propagate(metadata);
  if (metadata->endpoints.token) {
    provider.endpoint = endpoint_at(*metadata, *metadata->endpoints.token);
    provider.methods = metadata->token_auth_methods;
    co_return provider;
  }
  co_return fail(ErrorKind::config,
                 fmt::format("the metadata of {} name no token endpoint, give it with "
                             "--idp-token-endpoint",
                             codec::for_log(idp.issuer)));
}

// Where its metadata were not read, RFC 8414's default is client_secret_basic, and what is refused
// so is tried with client_secret_post.
Result<Client> IdJag::client_at(const Provider& provider) const {
  Client client;
  client.credentials.id = provider_settings_.client_id;
  client.credentials.secret = provider_settings_.client_secret;
  client.credentials.key = provider_settings_.key;
  oauth::Situation situation;
  situation.configured.secret = !provider_settings_.client_secret.empty();
  situation.configured.key = provider_settings_.key.has_value();
  situation.advertised = provider.methods;
  auto decision = oauth::authentication_used(situation);
  if (!decision) return propagate(decision);
  log::warnings(decision->warnings);
  client.authentication = *std::move(decision);
  return client;
}

awaitable<Result<Secret>> IdJag::grant_for(LoginRequest request) {
  if (!settings_.idp.id_token) co_return co_await grant_by_login(std::move(request));
  auto identity = co_await given_identity();
  if (!identity) co_return propagate(identity);
  co_return co_await present(*std::move(identity), std::move(request));
}

awaitable<Result<Identity>> IdJag::given_identity() {
  auto id_token = co_await settings_.idp.id_token->read();
  if (!id_token) co_return propagate(id_token);
  auto fresh = refused_.check(*id_token, settings_.idp.id_token->label());
  if (!fresh) co_return propagate(fresh);
  auto found = co_await provider();
  if (!found) co_return propagate(found);
  auto client = client_at(*found);
  if (!client) co_return propagate(client);
  Identity identity;
  identity.id_token = *std::move(id_token);
  identity.endpoint = std::move(found->endpoint);
  identity.client = *std::move(client);
  co_return identity;
}

// An ID token of before may be refused although it has not expired, when the session at the
// provider is over: another one is presented, once.
awaitable<Result<Secret>> IdJag::grant_by_login(LoginRequest request) {
  const IdentityLogin::IsRefused is_refused = [this](const Secret& id_token) {
    return !refused_.check(id_token, "the login");
  };
  for (bool again = false;; again = true) {
    auto identity = co_await login_.prove(is_refused, request.may_ask);
    if (!identity) co_return propagate(identity);
    const Secret id_token = identity->id_token;
    const bool is_last = again || identity->is_of_a_login;
    auto jag = co_await present(*std::move(identity), request);
    if (jag || !is_refused(id_token)) co_return jag;
    if (is_last) login_.was_in_vain();
    if (is_last) co_return jag;
  }
}

awaitable<Result<Secret>> IdJag::present(Identity identity, LoginRequest request) {
  const std::string url = identity.endpoint.url;
  oauth::IdJagGrant grant;
  grant.subject_token = identity.id_token;
  grant.audience = request.where.server.issuer;
  grant.resource = request.where.indicator.value_or(codec::to_string(settings_.server));
  grant.scope = request.scope;
  auto answer = co_await provider_tokens_.post(std::move(identity.endpoint), identity.client,
                                               oauth::token_fields(grant));
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
  if (error.refusal == oauth::Refusal::grant_rejected) refused_.remember(identity.id_token);
  // The client is the one that the provider knows, with options of its own.
  if (auto* const given_up = std::get_if<oauth::GiveUp>(&answer->next))
    given_up->advice =
        "the identity provider refused the client: check --idp-client-id, and "
        "--idp-client-secret-file or --idp-client-key";
  co_return std::unexpected(refusal_text("token endpoint", error, url, answer->next));
}

}  // namespace mcpio::auth
