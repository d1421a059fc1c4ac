// SPDX-License-Identifier: MIT
#include "cli/sign_in_commands.h"

#include <fmt/core.h>
#include <unistd.h>

#include "auth/sign_out.h"
#include "base/clock.h"
#include "cli/exit_code.h"
#include "cli/run_loop.h"
#include "cli/say.h"
#include "cli/sign_in.h"
#include "cli/signals.h"
#include "cli/status_report.h"

namespace mcpio::cli {
namespace {

// What each of these commands needs. The members' order is that of who needs whom.
class Session {
 public:
  Session(asio::any_io_executor executor, const ConnectConfig& config)
      : fields_(config.server, config.credentials, config.http.proxies, config.allow_http),
        sign_in_(SignIn::make(std::move(executor), config, clock_, fields_)) {}

  // Fails with config if there is no place for tokens.
  Result<void> check() const {
    if (!sign_in_) return std::unexpected(sign_in_.error());
    return ok();
  }
  SignIn& sign_in() { return **sign_in_; }
  const Clock& clock() const { return clock_; }

 private:
  SystemClock clock_;
  auth::StaticCredentials fields_;
  Result<std::unique_ptr<SignIn>> sign_in_;
};

std::string shown(const ConnectConfig& config) { return codec::for_log(config.server); }

awaitable<Result<void>> sign_in_again(SignIn& sign_in) {
  auth::TokenKeeper::Need need;
  need.refused = sign_in.keeper().generation();
  need.may_refresh = false;
  need.is_asked_for = true;
  co_return co_await sign_in.keeper().renew(std::move(need));
}

std::string what_was_stored(const ConnectConfig& config, const store::Credential& credential,
                            const std::string& place, WallTime now) {
  const StoredLogin login = stored_login(shown(config), credential, place);
  std::string text =
      fmt::format("Signed in to {} at {} as client {}; the token ({}) is in {}", login.server,
                  login.issuer, login.client, expiry(login, now), login.store);
  if (!login.can_refresh) text += "; it cannot be refreshed";
  return text;
}

awaitable<Result<int>> login(asio::any_io_executor executor, const ConnectConfig& config) {
  Session session(std::move(executor), config);
  if (auto good = session.check(); !good) co_return propagate(good);
  SignIn& sign_in = session.sign_in();
  store::CredentialStore& store = sign_in.places().credentials;
  auto readable = store.load(codec::to_string(config.server));  // else nobody need sign in
  if (!readable) co_return propagate(readable);
  auto signed_in = co_await sign_in_again(sign_in);
  co_await sign_in.close();
  if (!signed_in) co_return propagate(signed_in);
  auto stored = store.load(codec::to_string(config.server));
  if (!stored) co_return propagate(stored);
  if (!sign_in.keeper().is_saved() || !*stored)
    co_return fail(ErrorKind::io, fmt::format("signed in, but the token could not be stored in {}",
                                              store.place()));
  const WallTime now = session.clock().wall();
  fmt::print("{}\n", what_was_stored(config, **stored, store.place(), now));
  co_return exit_code::kOk;
}

awaitable<Result<int>> logout(asio::any_io_executor executor, const ConnectConfig& config) {
  Session session(std::move(executor), config);
  if (auto good = session.check(); !good) co_return propagate(good);
  SignIn& sign_in = session.sign_in();
  auth::SignOut sign_out(sign_in.client(), sign_in.places(), session.clock(), config.oauth);
  auto report = co_await sign_out.run(config.forget);
  if (!report) co_return propagate(report);
  say("warning", report->failures);
  const std::string place = sign_in.places().credentials.place();
  if (!report->was_signed_in) fmt::print("There was no login for {} in {}\n", shown(config), place);
  if (report->was_signed_in)
    fmt::print("Signed out of {}: the tokens are {}removed from {}\n", shown(config),
               report->revoked ? "revoked and " : "", place);
  if (report->unregistered) fmt::print("The registration as a client is deleted\n");
  for (const std::string& server : report->also_concerned)
    say("warning", {fmt::format("the login for {0} was made with that registration and will not be "
                                "refreshed; run mcp-stdio login {0}",
                                codec::for_log(server))});
  co_return report->failures.empty() ? exit_code::kOk : exit_code::kFailed;
}

bool is_over(const store::Credential& credential, WallTime now) {
  return credential.expires_at &&
         *credential.expires_at <= std::chrono::duration<double>(now.time_since_epoch()).count();
}

awaitable<Result<const store::Credential*>> good_token(Session& session,
                                                       const ConnectConfig& config) {
  SignIn& sign_in = session.sign_in();
  auto token = co_await sign_in.keeper().current();
  if (!token) co_return propagate(token);
  if (*token != nullptr && !is_over(**token, session.clock().wall())) co_return token;
  if (config.oauth.asking == auth::Asking::never)
    co_return fail(ErrorKind::unauthorized, fmt::format("there is no token for {0} that is still "
                                                        "good; run mcp-stdio login {0}",
                                                        shown(config)));
  auto signed_in = co_await sign_in_again(sign_in);
  if (!signed_in) co_return propagate(signed_in);
  co_return co_await sign_in.keeper().current();
}

awaitable<Result<int>> token(asio::any_io_executor executor, const ConnectConfig& config) {
  Session session(std::move(executor), config);
  if (auto good = session.check(); !good) co_return propagate(good);
  auto found = co_await good_token(session, config);
  if (found) fmt::print("{}\n", auth::token_to_send(**found, config.oauth).reveal());
  co_await session.sign_in().close();
  if (!found) co_return propagate(found);
  co_return exit_code::kOk;
}

}  // namespace

int run_login(const ConnectConfig& config) {
  ConnectConfig here = config;
  if (isatty(STDIN_FILENO) != 0) {
    here.oauth.paste_from = STDIN_FILENO;
    remember_flags();
    restore_flags_on_signals();
  }
  asio::io_context loop(1);
  return run_to_its_end(loop, login(loop.get_executor(), here));
}

int run_logout(const ConnectConfig& config) {
  asio::io_context loop(1);
  return run_to_its_end(loop, logout(loop.get_executor(), config));
}

int run_token(const ConnectConfig& config) {
  asio::io_context loop(1);
  return run_to_its_end(loop, token(loop.get_executor(), config));
}

}  // namespace mcpio::cli
