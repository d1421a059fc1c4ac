// SPDX-License-Identifier: MIT
#include "auth/oauth_authorizer.h"

#include <utility>

#include "codec/url.h"

namespace mcpio::auth {

const Secret& token_to_send(const store::Credential& credential, const OAuthSettings& settings) {
  const bool with_id_token = settings.use_id_token && credential.id_token;
  return with_id_token ? *credential.id_token : credential.access_token;
}

OAuthAuthorizer::OAuthAuthorizer(TokenKeeper& keeper, StaticCredentials& fields,
                                 const http::ProxySettings& proxies, const Clock& clock,
                                 bool allow_http, bool sign_in_first)
    : keeper_(keeper),
      fields_(fields),
      proxies_(proxies),
      server_clock_(clock),
      allow_http_(allow_http),
      sign_in_first_(sign_in_first) {}

awaitable<Result<int>> OAuthAuthorizer::authorize(http::Request& request) {
  auto plain = co_await fields_.authorize(request);
  if (!plain) co_return propagate(plain);
  const OAuthSettings& settings = keeper_.settings();
  const auto url = codec::parse_url(request.url);
  if (!url || !codec::same_origin(*url, settings.server)) co_return 0;
  auto token = co_await keeper_.current();
  if (!token) co_return propagate(token);
  if (*token == nullptr && sign_in_first_) {
    TokenKeeper::Need need;
    auto got = co_await keeper_.renew(std::move(need));
    if (!got) co_return propagate(got);
    token = co_await keeper_.current();
    if (!token) co_return propagate(token);
  }
  if (*token == nullptr) co_return 0;
  auto hop = check_hop(settings.server, proxies_, allow_http_);
  if (!hop) co_return propagate(hop);
  auto put = put_token(request, *url, **token);
  if (!put) co_return propagate(put);
  co_return keeper_.generation();
}

// An ID token is bound to no key.
Result<void> OAuthAuthorizer::put_token(http::Request& request, const codec::Url& url,
                                        const store::Credential& credential) const {
  const Secret& token = token_to_send(credential, keeper_.settings());
  const auto& key = keeper_.proof_key();
  if (key == nullptr || &token != &credential.access_token) {
    const CredentialField field = bearer(token);
    request.fields.set(field.name, field.value.reveal());
    return ok();
  }
  auto proof = key->proof(request.method, url, token, server_clock_.now());
  if (!proof) return propagate(proof);
  request.fields.set("Authorization", "DPoP " + std::string(token.reveal()));
  request.fields.set("DPoP", *proof);
  return ok();
}

void OAuthAuthorizer::answered(const http::Head& answer, const http::Exchange& exchange) {
  if (const auto& key = keeper_.proof_key()) key->take_nonce(keeper_.settings().server, answer);
  if (answer.status == 401 || answer.status == 403) keeper_.server_is_at(exchange.server_address());
}

awaitable<Result<bool>> OAuthAuthorizer::challenged(http::Refusal refusal) {
  const auto lines = refusal.answer.fields.all("www-authenticate");
  const bool is_bound = keeper_.proof_key() != nullptr;
  auto challenge = oauth::read_challenges(
      lines, is_bound ? oauth::TokenScheme::dpop : oauth::TokenScheme::bearer);
  TokenKeeper::Need need;
  need.refused = refusal.used;
  switch (oauth::demand_of(refusal.answer.status, challenge)) {
    case oauth::Demand::none:
      co_return false;
    case oauth::Demand::dpop_nonce:  // answered() has taken it
      co_return is_bound&& refusal.answer.fields.find("dpop-nonce").has_value();
    case oauth::Demand::more_scope:
      co_return co_await step_up(std::move(refusal), std::move(challenge));
    case oauth::Demand::stronger_login:
      need.by_server = true;  // and not for ever
      need.may_refresh = false;
      break;
    case oauth::Demand::authorization:
      if (challenge.error == "invalid_dpop_proof" && server_clock_.follow(refusal.answer))
        co_return true;
      need.by_server = true;
      // A refresh would give another bearer token.
      if (challenge.dpop && !challenge.bearer && !is_bound) need.may_refresh = false;
      break;
  }
  need.challenge = std::move(challenge);
  auto renewed = co_await keeper_.renew(std::move(need));
  if (!renewed) co_return propagate(renewed);
  co_return true;
}

awaitable<Result<bool>> OAuthAuthorizer::step_up(http::Refusal refusal,
                                                 oauth::ServerChallenge challenge) {
  // Another request has asked for more meanwhile: what it gets may be enough for this one as well.
  if (keeper_.is_getting_a_token()) {
    TokenKeeper::Need same;
    same.refused = refusal.used;
    auto got = co_await keeper_.renew(std::move(same));
    if (!got) co_return propagate(got);
  }
  if (refusal.used != keeper_.generation()) co_return true;
  auto token = co_await keeper_.current();
  if (!token) co_return propagate(token);
  if (*token == nullptr) co_return false;
  const std::string granted = (*token)->scope.value_or("");
  auto scope = step_ups_.next(refusal.operation, granted, challenge.scope);
  if (!scope) co_return propagate(scope);
  TokenKeeper::Need need;
  need.challenge = std::move(challenge);
  need.refused = refusal.used;
  need.may_refresh = false;
  need.scope = *std::move(scope);
  auto renewed = co_await keeper_.renew(std::move(need));
  if (!renewed) co_return propagate(renewed);
  token = co_await keeper_.current();
  if (token && *token != nullptr)
    step_ups_.brought(refusal.operation, (*token)->scope.value_or(""));
  co_return true;
}

}  // namespace mcpio::auth
