// SPDX-License-Identifier: MIT
#include "auth/jwt_bearer.h"

#include <utility>
#include <variant>
#include <vector>

#include "oauth/client_assertion.h"

namespace mcpio::auth {

JwtBearer::JwtBearer(ClientRegistry& registry, TokenEndpoint& tokens, store::State& state,
                     const Clock& clock, const OAuthSettings& settings)
    : registry_(registry),
      clock_(clock),
      settings_(settings),
      exchange_(tokens, registry),
      refused_(state, codec::to_string(settings.server)) {}

awaitable<Result<LoginResult>> JwtBearer::run(LoginRequest request) {
  const oauth::ServerMetadata& server = request.where.server;
  auto known = registry_.known_client(server);
  if (!known) co_return propagate(known);
  Client client = known->value_or(Client());
  bind_tokens(client, request);
  for (bool again = false;; again = true) {
    auto assertion = co_await next_assertion(server);
    if (!assertion) co_return propagate(assertion);
    oauth::JwtBearerGrant grant;
    grant.assertion = *assertion;
    grant.scope = request.scope;
    grant.resource = request.where.indicator.value_or("");
    auto outcome = co_await exchange_.run(server, client, oauth::token_fields(grant));
    if (outcome.grant_was_rejected) refused_.remember(*assertion);
    const auto* const once_more = std::get_if<oauth::LogInAgain>(&outcome.next);
    if (outcome.result || again || once_more == nullptr) co_return std::move(outcome.result);
    client.authentication = outcome.how;
  }
}

awaitable<Result<Secret>> JwtBearer::next_assertion(oauth::ServerMetadata server) {
  auto assertion = co_await settings_.assertion->read();
  if (!assertion) co_return propagate(assertion);
  std::vector<std::string> audiences(1, server.issuer);
  if (server.endpoints.token) audiences.push_back(*server.endpoints.token);
  auto good = oauth::check_foreign_assertion(oauth::AssertionUse::authorization,
                                             assertion->reveal(), audiences, clock_.wall());
  if (!good) co_return propagate(good);
  auto fresh = refused_.check(*assertion, settings_.assertion->label());
  if (!fresh) co_return propagate(fresh);
  co_return assertion;
}

}  // namespace mcpio::auth
