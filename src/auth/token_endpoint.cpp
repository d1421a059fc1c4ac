// SPDX-License-Identifier: MIT
#include "auth/token_endpoint.h"

#include <fmt/core.h>

#include <utility>

#include "base/log.h"
#include "crypto/random.h"

namespace mcpio::auth {

namespace {

Result<std::variant<oauth::TokenSet, oauth::TokenError>> read(const Document& answer, WallTime now,
                                                              oauth::TokenBinding binding) {
  const std::string type = answer.type();
  const oauth::TokenAnswer text{.status = answer.status(), .media_type = type, .body = answer.body};
  return oauth::read_token_answer(text, now, binding);
}

// A token endpoint may refuse with status 200 (GitHub, Slack).
std::optional<oauth::TokenError> refused_token(const Document& answer) {
  auto tokens = read(answer, WallTime(), oauth::TokenBinding::none);
  auto* const error = tokens ? std::get_if<oauth::TokenError>(&*tokens) : nullptr;
  return error == nullptr ? std::nullopt : std::optional(std::move(*error));
}

std::optional<oauth::TokenError> refused_by_status(const Document& answer) {
  if (answer.status() < 400) return std::nullopt;
  return oauth::read_token_error(answer.status(), answer.body);
}

oauth::TokenBinding binding_of(const Client& client) {
  if (client.proof_key == nullptr) return oauth::TokenBinding::none;
  return client.takes_bearer ? oauth::TokenBinding::preferred : oauth::TokenBinding::required;
}

oauth::AttemptHistory history_of(const Client& client) {
  return {.tried = {},
          .is_ours = client.authentication.is_ours,
          .has_secret = !client.credentials.secret.empty(),
          .is_registered = client.origin == oauth::ClientOrigin::registered,
          .was_re_registered = client.was_re_registered};
}

// By an assertion of ours, which says when it was made.
bool signs(const Client& client, const oauth::Authentication& how) {
  if (how.method == oauth::AuthMethod::client_secret_jwt) return true;
  return how.method == oauth::AuthMethod::private_key_jwt && client.credentials.key.has_value();
}

// Whom a foreign assertion may be for. The server names its token endpoint: if that is on another
// origin it may be somebody else's, and what is for that one would be collected here.
std::vector<std::string> audiences_at(const Endpoint& endpoint) {
  std::vector<std::string> audiences = {endpoint.issuer, endpoint.url};
  const auto tokens = codec::parse_url(endpoint.token_endpoint);
  const auto here = codec::parse_url(endpoint.url);
  if (tokens && here && endpoint.token_endpoint != endpoint.url &&
      codec::same_origin(*tokens, *here))
    audiences.push_back(endpoint.token_endpoint);
  return audiences;
}

}  // namespace

TokenEndpoint::TokenEndpoint(Fetcher& fetcher, const Clock& clock, const OAuthSettings& settings)
    : fetcher_(fetcher), clock_(clock), settings_(settings), server_clock_(clock) {}

awaitable<Result<TokenReply>> TokenEndpoint::token(Endpoint endpoint, Client& client,
                                                   oauth::Fields fields) {
  const std::string story = fmt::format("token endpoint {}", codec::for_log(endpoint.url));
  fields.insert(fields.end(), settings_.token_params.begin(), settings_.token_params.end());
  auto answer = co_await send(std::move(endpoint), client, std::move(fields), refused_token);
  if (!answer) co_return propagate(answer);
  auto tokens = read(*answer, clock_.wall(), binding_of(client));
  if (!tokens) co_return propagate(tokens, story);
  const auto* const set = std::get_if<oauth::TokenSet>(&*tokens);
  if (set != nullptr && set->scheme == oauth::TokenScheme::bearer) client.proof_key.reset();
  co_return TokenReply{.answer = *std::move(tokens), .next = std::move(answer->next)};
}

awaitable<Result<PostReply>> TokenEndpoint::post(Endpoint endpoint, Client& client,
                                                 oauth::Fields fields) {
  co_return co_await send(std::move(endpoint), client, std::move(fields), refused_by_status);
}

awaitable<Result<PostReply>> TokenEndpoint::send(Endpoint endpoint, Client& client,
                                                 oauth::Fields fields, Refused refused) {
  oauth::AttemptHistory history = history_of(client);
  oauth::Decision& decision = client.authentication;
  oauth::Authentication how = decision.how;
  bool has_followed_clock = false;
  for (;;) {
    history.tried.push_back(how);
    auto answer = co_await attempt(endpoint, client, how, fields);
    if (!answer) co_return propagate(answer);
    PostReply reply{*std::move(answer)};
    const auto error = refused(reply);
    if (!error) {
      decision.was_found_out = decision.was_found_out || how != decision.how;
      decision.how = how;
      co_return reply;
    }
    // An assertion of our own that a wrong clock has made, once more with the server's time.
    if (signs(client, how) && error->refusal == oauth::Refusal::client_refused &&
        !std::exchange(has_followed_clock, true) && server_clock_.follow(reply.head)) {
      history.tried.pop_back();
      continue;
    }
    reply.next = oauth::after_refusal(*error, history);
    const auto* const again = std::get_if<oauth::TryAgain>(&reply.next);
    if (std::holds_alternative<oauth::LogInAgain>(reply.next)) {
      decision.how = how;
      decision.was_found_out = true;
    }
    if (again == nullptr) co_return reply;
    log::debug("{} refused {}; trying {}", codec::for_log(endpoint.url), oauth::name_of(how.method),
               oauth::name_of(again->how.method));
    how = again->how;
  }
}

// A foreign assertion is read anew for each attempt: it lives for minutes.
awaitable<Result<oauth::ClientCredentials>> TokenEndpoint::credentials_of(
    const Client& client, oauth::AuthMethod method) {
  oauth::ClientCredentials credentials = client.credentials;
  const bool is_foreign = !credentials.key && settings_.client_assertion != nullptr;
  if (method != oauth::AuthMethod::private_key_jwt || !is_foreign) co_return credentials;
  auto assertion = co_await settings_.client_assertion->read();
  if (!assertion) co_return propagate(assertion);
  credentials.assertion = *std::move(assertion);
  co_return credentials;
}

awaitable<Result<void>> TokenEndpoint::check_assertion(Endpoint endpoint, const Client& client) {
  auto credentials = co_await credentials_of(client, client.authentication.how.method);
  if (!credentials) co_return propagate(credentials);
  if (credentials->assertion.empty()) co_return ok();
  co_return oauth::check_foreign_assertion(oauth::AssertionUse::client,
                                           credentials->assertion.reveal(), audiences_at(endpoint),
                                           server_clock_.now());
}

// RFC 9449, section 8: a nonce is learnt from being refused without it.
awaitable<Result<Document>> TokenEndpoint::attempt(Endpoint endpoint, const Client& client,
                                                   oauth::Authentication how,
                                                   oauth::Fields fields) {
  auto answer = co_await post_once(endpoint, client, how, fields);
  if (!answer || !wants_another_proof(client, *answer)) co_return answer;
  answer = co_await post_once(std::move(endpoint), client, how, std::move(fields));
  if (answer) client.proof_key->take_nonce(answer->url, answer->head);
  co_return answer;
}

bool TokenEndpoint::wants_another_proof(const Client& client, const Document& answer) {
  if (client.proof_key == nullptr) return false;
  const bool has_nonce = client.proof_key->take_nonce(answer.url, answer.head);
  if (answer.status() < 400) return false;
  const auto error = oauth::read_token_error(answer.status(), answer.body);
  if (error.refusal == oauth::Refusal::nonce_wanted) return has_nonce;
  return error.error == "invalid_dpop_proof" && server_clock_.follow(answer.head);
}

awaitable<Result<Document>> TokenEndpoint::post_once(Endpoint endpoint, const Client& client,
                                                     oauth::Authentication how,
                                                     oauth::Fields fields) {
  auto url = codec::parse_url(endpoint.url);
  if (!url) co_return propagate(url, "token endpoint");
  auto credentials = co_await credentials_of(client, how.method);
  if (!credentials) co_return propagate(credentials);
  const oauth::AuthenticatedRequest request{
      .endpoint = endpoint.url,
      .issuer = endpoint.issuer,
      .algorithms = endpoint.algorithms ? endpoint.algorithms : client.algorithms,
      .audiences = audiences_at(endpoint),
      .now = server_clock_.now(),
      .jti = crypto::random_token(),
      .endpoint_is_audience = settings_.assertion_audience_is_endpoint,
  };
  auto proof = oauth::authenticate(how, *credentials, request);
  if (!proof) co_return propagate(proof);
  for (const std::string& warning : proof->warnings) log::warning("{}", warning);

  http::Fields header;
  if (!proof->authorization.empty()) header.add("Authorization", proof->authorization.reveal());
  if (client.proof_key != nullptr) {
    auto bound = client.proof_key->proof("POST", *url, Secret(), server_clock_.now());
    if (!bound) co_return propagate(bound);
    header.add("DPoP", *bound);
  }
  Fetcher::Posting posting;
  posting.fields = std::move(header);
  posting.type = "application/x-www-form-urlencoded";
  posting.body = Secret(oauth::request_body(fields, *proof));
  posting.certificate = client.certificate;
  co_return co_await fetcher_.post(*std::move(url), std::move(posting));
}

}  // namespace mcpio::auth
