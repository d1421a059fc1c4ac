// SPDX-License-Identifier: MIT
#include "auth/browser_login.h"

#include <fmt/core.h>

#include <tuple>
#include <utility>
#include <variant>

#include "auth/browser.h"
#include "auth/pasted_answer.h"
#include "base/log.h"
#include "crypto/random.h"
#include "io/deadline.h"
#include "io/pause.h"
#include "io/task_scope.h"
#include "oauth/authorization_request.h"
#include "oauth/dpop_use.h"
#include "oauth/pkce_support.h"

namespace mcpio::auth {
namespace {

constexpr std::chrono::seconds kPageAgain{3};

awaitable<Result<void>> close_later(std::shared_ptr<CallbackListener> listener) {
  std::ignore = co_await io::pause(kPageAgain);
  co_await listener->close();
  co_return ok();
}

constexpr std::string_view kPushing = "pushing the authorization request";

std::string or_empty(const std::optional<std::string>& text) { return text.value_or(""); }

}  // namespace

BrowserLogin::BrowserLogin(Fetcher& fetcher, ClientRegistry& registry, TokenEndpoint& tokens,
                           const OAuthSettings& settings, std::function<void(std::string)> tell)
    : fetcher_(fetcher),
      registry_(registry),
      tokens_(tokens),
      settings_(settings),
      tell_(std::move(tell)) {}

awaitable<Result<LoginResult>> BrowserLogin::run(LoginRequest request) {
  const oauth::PkceRule rule{.allow_missing = settings_.allow_missing_pkce_metadata,
                             .providers = oauth::KnownProviders(settings_.provider_quirks)};
  auto does_pkce = oauth::check_pkce(rule, request.where.server);
  if (!does_pkce) co_return propagate(does_pkce);
  if (!request.where.server.endpoints.authorization || !request.where.server.endpoints.token)
    co_return fail(ErrorKind::protocol,
                   fmt::format("the metadata of {} names no usable authorization or token endpoint",
                               codec::for_log(request.where.server.issuer)));
  // A browser goes there with its own cookies, and asks no guard.
  auto page = codec::parse_url(*request.where.server.endpoints.authorization);
  if (!page) co_return propagate(page, "authorization endpoint");
  auto may_open = fetcher_.check_host(*page);
  if (!may_open) co_return propagate(may_open);
  if (const Listener last = left_.lock()) co_await last->close();
  auto listener = co_await listen(request.where.server.issuer);
  if (!listener) co_return propagate(listener);
  io::TaskScope* const afterwards = request.afterwards;
  io::TaskScope pasting(co_await asio::this_coro::executor);
  if (settings_.paste_from >= 0)
    pasting.spawn("pasting", take_pasted(settings_.paste_from, **listener, tell_));
  auto result =
      co_await io::with_deadline(settings_.timeout, with_listener(std::move(request), *listener));
  pasting.cancel();
  co_await pasting.join();
  co_await leave(*listener, afterwards);
  if (!result && result.error().kind == ErrorKind::timed_out)
    result.error().message =
        fmt::format("nobody signed in within {} s (--oauth-timeout); {}", settings_.timeout.count(),
                    settings_.patience ? "the next request tries again" : "run the command again");
  co_return result;
}

// A browser may ask for the page again: after a look ahead, or since somebody reloads it.
awaitable<void> BrowserLogin::leave(Listener listener, io::TaskScope* afterwards) {
  if (afterwards == nullptr || !listener->has_answered()) co_return co_await listener->close();
  left_ = listener;
  afterwards->spawn("the last page of a login", close_later(std::move(listener)));
}

// The port of the last registration first, since a server may want exactly that redirect URI.
awaitable<Result<BrowserLogin::Listener>> BrowserLogin::listen(std::string issuer) {
  CallbackListener::Settings wanted{.host = settings_.callback_host,
                                    .port = settings_.callback_port,
                                    .path = settings_.callback_path,
                                    .bind = settings_.callback_bind};
  if (!settings_.redirect_uri.empty())
    wanted = CallbackListener::settings_for(settings_.redirect_uri);
  if (!settings_.callback_bind.empty()) wanted.bind = settings_.callback_bind;
  if (!wanted.listens && settings_.paste_from < 0)
    co_return fail(
        ErrorKind::config,
        fmt::format("nobody here hears what comes to --redirect-uri {}: run mcp-stdio "
                    "login {} in a terminal, where the answer can be pasted",
                    codec::for_log(settings_.redirect_uri), codec::for_log(settings_.server)));
  auto executor = co_await asio::this_coro::executor;
  if (wanted.port == 0 && wanted.listens) {
    wanted.port = registry_.last_port(issuer);
    auto again = co_await CallbackListener::open(executor, wanted);
    if (again) co_return Listener(*std::move(again));
    wanted.port = 0;
  }
  auto listener = co_await CallbackListener::open(executor, std::move(wanted));
  if (!listener) co_return propagate(listener);
  co_return Listener(*std::move(listener));
}

awaitable<Result<LoginResult>> BrowserLogin::with_listener(LoginRequest request,
                                                           Listener listener) {
  std::optional<oauth::Decision> how;  // the way that another login is tried with
  for (bool again = false;; again = true) {
    ClientRegistry::Purpose purpose{
        .redirect_uri = listener->redirect_uri(),
        .uses_dpop = oauth::registers_for_dpop(settings_.dpop, request.where.resource)};
    auto client = co_await registry_.client_for(request.where.server, std::move(purpose));
    if (!client) co_return propagate(client);
    auto pending = std::make_shared<Pending>();
    pending->state = Secret(crypto::random_token());
    pending->pkce = crypto::make_pkce();
    pending->client = *std::move(client);
    pending->client.was_re_registered = again;
    bind_tokens(pending->client, request);
    if (how) pending->client.authentication = *how;
    auto result = co_await log_in(request, listener, pending);
    if (result || again || !pending->may_begin_again) co_return result;
    if (!pending->is_forgotten) how = pending->client.authentication;
    log::info("{}; beginning once more", result.error().message);
  }
}

awaitable<Result<LoginResult>> BrowserLogin::log_in(LoginRequest request, Listener listener,
                                                    std::shared_ptr<Pending> pending) {
  auto url = co_await address_to_open(request, listener, pending);
  if (!url) co_return propagate(url);
  const bool forgotten = co_await is_forgotten(*url, pending);
  if (forgotten) {
    begin_again(request.where.server.issuer, oauth::RegisterAgain(), *pending);
    co_return fail(ErrorKind::rejected, fmt::format("{} does not know us any more",
                                                    codec::for_log(request.where.server.issuer)));
  }
  show(*url);
  co_return co_await wait(std::move(request), std::move(listener), std::move(pending));
}

// Servers forget the clients that registered themselves, and tell it to the browser alone. So the
// page is looked at before it is opened with an old registration. (A pushed request has been
// refused by now; its name is good once, and not for looking.)
awaitable<bool> BrowserLogin::is_forgotten(std::string url,
                                           std::shared_ptr<const Pending> pending) {
  auto parsed = codec::parse_url(url);
  if (!pending->client.is_kept || !parsed || url.find("request_uri=") != url.npos) co_return false;
  auto page = co_await fetcher_.look_at(*std::move(parsed));
  co_return page && (page->status() == 400 || page->status() == 401 || page->status() == 404);
}

// What a refusal of the client means for this login.
void BrowserLogin::begin_again(const std::string& issuer, const oauth::AfterRefusal& next,
                               Pending& pending) {
  pending.is_forgotten = std::holds_alternative<oauth::RegisterAgain>(next);
  if (pending.is_forgotten) registry_.forget(issuer, pending.client.credentials.id);
  pending.may_begin_again = pending.is_forgotten || std::holds_alternative<oauth::LogInAgain>(next);
}

awaitable<Result<std::string>> BrowserLogin::address_to_open(LoginRequest request,
                                                             Listener listener,
                                                             std::shared_ptr<Pending> pending) {
  const oauth::ServerMetadata& server = request.where.server;
  oauth::AuthorizationRequest asked;
  asked.client_id = pending->client.credentials.id;
  asked.redirect_uri = listener->redirect_uri();
  asked.state = pending->state.reveal();
  asked.code_challenge = pending->pkce.challenge;
  asked.scope = request.scope;
  asked.resource = or_empty(request.where.indicator);
  if (request.proof_key != nullptr) asked.dpop_jkt = request.proof_key->thumbprint();
  asked.acr_values = request.acr_values;
  asked.max_age = request.max_age;
  asked.more = settings_.authorize_params;
  if (const auto issuer = codec::parse_url(server.issuer)) {
    const oauth::KnownProviders providers(settings_.provider_quirks);
    for (const auto& [name, value] : providers.authorize_parameters(*issuer))
      asked.more.emplace_back(std::string(name), std::string(value));
  }
  oauth::Fields fields = oauth::authorization_fields(asked);
  if (server.requires_par && !settings_.pushes)
    co_return fail(ErrorKind::config,
                   fmt::format("{} takes pushed authorization requests only (RFC 9126); leave "
                               "--no-par out",
                               codec::for_log(server.issuer)));
  if (server.endpoints.pushed_authorization_request && settings_.pushes) {
    auto pushed = co_await push(request, pending, fields);
    // What the user has to mend would stop the exchange, too, after somebody has signed in.
    const bool is_final = !pushed && pushed.error().kind == ErrorKind::config;
    if (pushed || server.requires_par || pending->may_begin_again || is_final) co_return pushed;
    log::info("{}; going on without", pushed.error().message);
  } else if (server.requires_par) {
    co_return fail(ErrorKind::protocol,
                   fmt::format("{} takes pushed authorization requests only (RFC 9126), and its "
                               "metadata do not say where",
                               codec::for_log(server.issuer)));
  }
  auto endpoint = endpoint_at(server, *server.endpoints.token);
  auto useful = co_await tokens_.check_assertion(std::move(endpoint), pending->client);
  if (!useful) co_return propagate(useful);
  co_return oauth::authorization_url(*server.endpoints.authorization, fields);
}

// RFC 9126: what is asked for goes to the server directly, and the browser only carries a name.
awaitable<Result<std::string>> BrowserLogin::push(LoginRequest request,
                                                  std::shared_ptr<Pending> pending,
                                                  oauth::Fields fields) {
  const oauth::ServerMetadata& server = request.where.server;
  Endpoint endpoint = endpoint_at(server, *server.endpoints.pushed_authorization_request);
  const std::string url = endpoint.url;
  auto answer = co_await tokens_.post(std::move(endpoint), pending->client, std::move(fields));
  if (!answer) co_return propagate(answer, kPushing);
  begin_again(server.issuer, answer->next, *pending);
  auto read = oauth::read_pushed_answer(answer->status(), answer->body);
  if (!read) co_return propagate(read, fmt::format("{} at {}", kPushing, codec::for_log(url)));
  if (const auto* const refused = std::get_if<oauth::TokenError>(&*read))
    co_return std::unexpected(
        refusal_text("pushed authorization request endpoint", *refused, url, answer->next));
  co_return oauth::pushed_authorization_url(*server.endpoints.authorization,
                                            pending->client.credentials.id,
                                            std::get<oauth::PushedRequest>(*read).uri);
}

// The URL is printed whole: who opens it by hand must be able to finish. Its state is good for this
// login alone.
void BrowserLogin::show(const std::string& url) const {
  tell_(fmt::format("To sign in, open this address in a browser:\n\n    {}\n\n", url));
  if (settings_.paste_from >= 0)
    tell_(
        "If the page it ends on cannot be shown, since the browser is on another machine: copy "
        "that page's address, whole, and paste it here.\n");
  if (!settings_.open_browser) return;
  auto parsed = codec::parse_url(url);
  auto opened = parsed ? open_browser(*parsed, settings_.browser) : Result<void>(propagate(parsed));
  if (!opened) log::warning("{}", opened.error().message);
}

awaitable<Result<LoginResult>> BrowserLogin::wait(LoginRequest request, Listener listener,
                                                  std::shared_ptr<Pending> pending) {
  const oauth::ExpectedResponse expected{.state = pending->state,
                                         .issuer = request.where.server.issuer,
                                         .promises_iss = request.where.server.sends_iss};
  for (;;) {
    auto visit = co_await listener->next();
    if (!visit) co_return propagate(visit);
    auto response = oauth::read_authorization_response((*visit)->query(), expected);
    if (std::holds_alternative<oauth::ForeignResponse>(response)) {
      (*visit)->show(400, still_waiting());
      continue;
    }
    if (auto* const ended = std::get_if<oauth::LoginEnded>(&response)) {
      (*visit)->show(200, not_signed_in(ended->message));
      co_return std::unexpected(std::move(*ended));
    }
    Secret code = std::get<oauth::CodeGranted>(std::move(response)).code;
    auto result =
        co_await exchange(std::move(request), listener->redirect_uri(), pending, std::move(code));
    if (result)
      (*visit)->show(200, signed_in(codec::origin_of(settings_.server)));
    else if (pending->may_begin_again)
      (*visit)->show(200, once_more());
    else
      (*visit)->show(200, not_signed_in(result.error().message));
    co_return result;
  }
}

awaitable<Result<LoginResult>> BrowserLogin::exchange(LoginRequest request,
                                                      std::string redirect_uri,
                                                      std::shared_ptr<Pending> pending,
                                                      Secret code) {
  const oauth::ServerMetadata& server = request.where.server;
  Endpoint endpoint = endpoint_at(server, *server.endpoints.token);
  oauth::CodeGrant grant;
  grant.code = std::move(code);
  grant.redirect_uri = std::move(redirect_uri);
  grant.verifier = pending->pkce.verifier;
  grant.resource = or_empty(request.where.indicator);
  const std::string url = endpoint.url;
  auto reply =
      co_await tokens_.token(std::move(endpoint), pending->client, oauth::token_fields(grant));
  if (!reply) co_return propagate(reply, "exchanging the code");
  if (const auto* const refused = std::get_if<oauth::TokenError>(&reply->answer)) {
    begin_again(server.issuer, reply->next, *pending);
    co_return std::unexpected(refusal_text("token endpoint", *refused, url, reply->next));
  }
  registry_.has_worked(server.issuer, pending->client);
  LoginResult result;
  result.tokens = std::get<oauth::TokenSet>(std::move(reply->answer));
  result.client = pending->client;
  co_return result;
}

}  // namespace mcpio::auth
