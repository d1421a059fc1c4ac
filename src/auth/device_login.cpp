// SPDX-License-Identifier: MIT
#include "auth/device_login.h"

#include <fmt/core.h>

#include <utility>
#include <variant>

#include "base/log.h"
#include "oauth/dpop_use.h"

namespace mcpio::auth {
namespace {

bool means_silence(const Error& error) {
  return error.kind == ErrorKind::network || error.kind == ErrorKind::timed_out ||
         error.kind == ErrorKind::unreachable;
}

bool wants_registration(const oauth::AfterRefusal& next) {
  return std::holds_alternative<oauth::RegisterAgain>(next);
}

}  // namespace

DeviceLogin::DeviceLogin(ClientRegistry& registry, TokenEndpoint& tokens, const Clock& clock,
                         const OAuthSettings& settings, std::function<void(std::string)> tell,
                         Pause pause)
    : registry_(registry),
      tokens_(tokens),
      clock_(clock),
      settings_(settings),
      tell_(std::move(tell)),
      pause_(std::move(pause)) {}

awaitable<Result<LoginResult>> DeviceLogin::run(LoginRequest request) {
  const oauth::ServerMetadata& server = request.where.server;
  if (!server.endpoints.device_authorization || !server.endpoints.token)
    co_return fail(
        ErrorKind::config,
        fmt::format("{} offers no login with a code (RFC 8628); leave out --oauth-device "
                    "and --grant, and sign in with a browser",
                    codec::for_log(server.issuer)));
  for (bool again = false;; again = true) {
    ClientRegistry::Purpose purpose;
    purpose.uses_dpop = oauth::registers_for_dpop(settings_.dpop, request.where.resource);
    auto client = co_await registry_.client_for(server, std::move(purpose));
    if (!client) co_return propagate(client);
    Attempt attempt{.request = request, .client = *std::move(client)};
    attempt.client.was_re_registered = again;
    bind_tokens(attempt.client, request);
    auto result = co_await log_in(attempt);
    if (result || again || !attempt.is_forgotten) co_return result;
    registry_.forget(server.issuer, attempt.client.credentials.id);
    log::info("{}; beginning once more", result.error().message);
  }
}

awaitable<Result<LoginResult>> DeviceLogin::log_in(Attempt& attempt) {
  auto code = co_await ask_for_code(attempt);
  if (!code) co_return propagate(code, "asking for a code");
  show(*code);
  co_return co_await poll(attempt, *std::move(code));
}

awaitable<Result<oauth::DeviceAuthorization>> DeviceLogin::ask_for_code(Attempt& attempt) {
  const LoginRequest& request = attempt.request;
  auto endpoint =
      endpoint_at(request.where.server, *request.where.server.endpoints.device_authorization);
  oauth::DeviceRequest asked;
  asked.scope = request.scope;
  asked.resource = request.where.indicator.value_or("");
  asked.acr_values = request.acr_values;
  asked.max_age = request.max_age;
  asked.more = settings_.authorize_params;
  auto fields = oauth::device_authorization_fields(asked);
  const std::string url = endpoint.url;
  auto answer = co_await tokens_.post(std::move(endpoint), attempt.client, std::move(fields));
  if (!answer) co_return propagate(answer);
  attempt.is_forgotten = wants_registration(answer->next);
  auto read = oauth::read_device_authorization(answer->status(), answer->body);
  if (!read) co_return propagate(read, codec::for_log(url));
  if (const auto* const refused = std::get_if<oauth::TokenError>(&*read))
    co_return std::unexpected(
        refusal_text("device authorization endpoint", *refused, url, answer->next));
  auto code = std::get<oauth::DeviceAuthorization>(*std::move(read));
  log::hide(code.device_code);
  co_return code;
}

// The code is always shown: whoever opens the address compares it (RFC 8628, section 5.4).
void DeviceLogin::show(const oauth::DeviceAuthorization& code) const {
  std::string text = fmt::format(
      "To sign in, open this address on any device and enter the code {}:\n\n    {}\n\n",
      code.user_code, code.verification_uri);
  if (code.complete_uri)
    text += fmt::format("or this one, and compare the code:\n\n    {}\n\n", *code.complete_uri);
  tell_(std::move(text));
}

awaitable<Result<LoginResult>> DeviceLogin::poll(Attempt& attempt,
                                                 oauth::DeviceAuthorization code) {
  const oauth::ServerMetadata& server = attempt.request.where.server;
  const std::string url = *server.endpoints.token;
  oauth::DevicePolling polling(code, clock_.steady(), settings_.timeout);
  oauth::DeviceGrant grant;
  grant.device_code = code.device_code;
  grant.resource = attempt.request.where.indicator.value_or("");
  for (;;) {
    auto endpoint = endpoint_at(server, url);
    auto reply =
        co_await tokens_.token(std::move(endpoint), attempt.client, oauth::token_fields(grant));
    if (!reply && !means_silence(reply.error())) co_return propagate(reply);
    auto* const tokens = reply ? std::get_if<oauth::TokenSet>(&reply->answer) : nullptr;
    if (tokens != nullptr) {
      registry_.has_worked(server.issuer, attempt.client);
      LoginResult result;
      result.tokens = std::move(*tokens);
      result.client = std::move(attempt.client);
      co_return result;
    }
    const auto* const refused = reply ? std::get_if<oauth::TokenError>(&reply->answer) : nullptr;
    if (refused != nullptr) attempt.is_forgotten = wants_registration(reply->next);
    const bool is_silence = refused == nullptr || refused->refusal == oauth::Refusal::unavailable;
    auto step = is_silence ? polling.after_silence(clock_.steady())
                           : polling.after_refusal(*refused, clock_.steady());
    if (std::holds_alternative<oauth::DevicePolling::Refused>(step))
      co_return std::unexpected(refusal_text("token endpoint", *refused, url, reply->next));
    if (auto* const ended = std::get_if<Error>(&step)) {
      ended->message.insert(0, codec::for_log(server.issuer) + ": ");
      co_return std::unexpected(std::move(*ended));
    }
    const bool waited = co_await pause_(std::get<oauth::DevicePolling::Wait>(step).pause);
    if (!waited) co_return fail(ErrorKind::cancelled, "cancelled");
  }
}

}  // namespace mcpio::auth
