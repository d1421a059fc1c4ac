// SPDX-License-Identifier: MIT
#include "auth/token_grant.h"

#include <fmt/core.h>

#include <utility>
#include <variant>

#include "oauth/refusal_advice.h"

namespace mcpio::auth {

void bind_tokens(Client& client, const LoginRequest& request) {
  client.proof_key = request.proof_key;
  client.takes_bearer = request.takes_bearer;
}

Endpoint endpoint_at(const oauth::ServerMetadata& server, std::string url) {
  return {.url = std::move(url),
          .issuer = server.issuer,
          .algorithms = server.token_auth_signing_algs,
          .token_endpoint = server.endpoints.token.value_or("")};
}

Error refusal_text(std::string_view what, const oauth::TokenError& error, const std::string& url,
                   const oauth::AfterRefusal& next) {
  std::string text =
      fmt::format("{} {} answered {}", what, codec::for_log(url), oauth::to_string(error));
  std::string advice(oauth::advice_for(error));
  // A code of Entra ID says more than that the client was refused.
  const auto* const given_up = std::get_if<oauth::GiveUp>(&next);
  if (given_up != nullptr && (advice.empty() || error.code.empty())) advice = given_up->advice;
  if (!advice.empty()) text += "; " + advice;
  return Error{.kind = ErrorKind::rejected, .message = std::move(text)};
}

awaitable<GrantExchange::Outcome> GrantExchange::run(oauth::ServerMetadata server, Client client,
                                                     oauth::Fields fields) {
  Outcome outcome{.result = fail(ErrorKind::protocol,
                                 fmt::format("the metadata of {} name no usable token endpoint",
                                             codec::for_log(server.issuer)))};
  if (!server.endpoints.token) co_return outcome;
  const std::string url = *server.endpoints.token;
  auto endpoint = endpoint_at(server, url);
  auto reply = co_await tokens_.token(std::move(endpoint), client, std::move(fields));
  if (!reply) {
    outcome.result = std::unexpected(std::move(reply).error());
    co_return outcome;
  }
  outcome.how = client.authentication;
  if (const auto* const refused = std::get_if<oauth::TokenError>(&reply->answer)) {
    outcome.result = std::unexpected(refusal_text("token endpoint", *refused, url, reply->next));
    outcome.grant_was_rejected = refused->refusal == oauth::Refusal::grant_rejected;
    outcome.next = std::move(reply->next);
    co_return outcome;
  }
  registry_.has_worked(server.issuer, client);
  LoginResult result;
  result.tokens = std::get<oauth::TokenSet>(std::move(reply->answer));
  result.client = std::move(client);
  outcome.result = std::move(result);
  co_return outcome;
}

}  // namespace mcpio::auth
