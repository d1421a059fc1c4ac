// SPDX-License-Identifier: MIT
#include "auth/token_endpoint.h"

#include <fmt/core.h>

#include <utility>

#include "base/log.h"
#include "codec/http_date.h"
#include "crypto/random.h"

namespace mcpio::auth {

TokenEndpoint::TokenEndpoint(Fetcher& fetcher, const Clock& clock, const OAuthSettings& settings)
    : fetcher_(fetcher), clock_(clock), settings_(settings) {}

awaitable<Result<TokenReply>> TokenEndpoint::token(Endpoint endpoint, Client& client,
                                                   oauth::Fields fields) {
  oauth::AttemptHistory history{
      .tried = {},
      .is_ours = client.authentication.is_ours,
      .has_secret = !client.credentials.secret.empty(),
      .is_registered = client.origin == oauth::ClientOrigin::registered,
      .was_re_registered = client.was_re_registered,
  };
  oauth::Authentication how = client.authentication.how;
  for (;;) {
    history.tried.push_back(how);
    auto answer = co_await attempt(endpoint, client, how, fields);
    if (!answer) co_return propagate(answer);
    const std::string type = answer->type();
    const oauth::TokenAnswer text{
        .status = answer->status(), .media_type = type, .body = answer->body};
    auto read = oauth::read_token_answer(text, clock_.wall(), false);
    if (!read)
      co_return propagate(read, fmt::format("token endpoint {}", codec::for_log(endpoint.url)));
    TokenReply reply{.answer = *std::move(read)};
    const auto* const refused = std::get_if<oauth::TokenError>(&reply.answer);
    if (refused == nullptr) {
      client.authentication.how = how;
      co_return reply;
    }
    reply.next = oauth::after_refusal(*refused, history);
    const auto* const again = std::get_if<oauth::TryAgain>(&reply.next);
    if (again == nullptr) co_return reply;
    log::debug("the token endpoint refused {}; trying {}", oauth::name_of(how.method),
               oauth::name_of(again->how.method));
    how = again->how;
    follow_clock(answer->head);
  }
}

awaitable<Result<Document>> TokenEndpoint::post(Endpoint endpoint, const Client& client,
                                                oauth::Fields fields) {
  co_return co_await attempt(std::move(endpoint), client, client.authentication.how,
                             std::move(fields));
}

awaitable<Result<Document>> TokenEndpoint::attempt(Endpoint endpoint, const Client& client,
                                                   oauth::Authentication how,
                                                   oauth::Fields fields) {
  auto url = codec::parse_url(endpoint.url);
  if (!url) co_return propagate(url, "token endpoint");
  std::vector<std::string> audiences(1, endpoint.issuer);
  audiences.push_back(endpoint.url);
  const oauth::AuthenticatedRequest request{
      .endpoint = endpoint.url,
      .issuer = endpoint.issuer,
      .algorithms = endpoint.algorithms,
      .audiences = std::move(audiences),
      .now = clock_.wall() + correction_,
      .jti = crypto::random_token(),
      .endpoint_is_audience = settings_.assertion_audience_is_endpoint,
  };
  auto proof = oauth::authenticate(how, client.credentials, request);
  if (!proof) co_return propagate(proof);
  for (const std::string& warning : proof->warnings) log::warning("{}", warning);

  http::Fields header;
  if (!proof->authorization.empty()) header.add("Authorization", proof->authorization.reveal());
  fields.insert(fields.end(), settings_.token_params.begin(), settings_.token_params.end());
  Secret body(oauth::request_body(fields, *proof));
  std::string type = "application/x-www-form-urlencoded";
  co_return co_await fetcher_.post(*std::move(url), std::move(header), std::move(type),
                                   std::move(body));
}

// A clock that is wrong makes assertions that are refused.
void TokenEndpoint::follow_clock(const http::Head& head) {
  const auto field = head.fields.find("date");
  const auto date = field ? codec::parse_http_date(*field, clock_.wall()) : std::nullopt;
  if (!date) return;
  const auto correction = oauth::clock_correction(*date, clock_.wall());
  if (correction == correction_) return;
  correction_ = correction;
  if (correction.count() != 0) log::warning("{}", oauth::clock_warning(correction));
}

}  // namespace mcpio::auth
