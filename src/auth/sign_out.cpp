// SPDX-License-Identifier: MIT
#include "auth/sign_out.h"

#include <fmt/core.h>

#include <utility>

#include "auth/credential_lock.h"
#include "auth/token_grant.h"
#include "base/log.h"
#include "io/pause.h"
#include "oauth/endpoint_guard.h"
#include "oauth/token_error.h"
#include "store/server_key.h"

namespace mcpio::auth {
namespace {

constexpr int kSignOutLockAttempts = 50;
constexpr std::chrono::milliseconds kSignOutLockPause{100};

std::string told(const Document& answer) {
  return oauth::to_string(oauth::read_token_error(answer.status(), answer.body));
}

}  // namespace

SignOut::SignOut(http::Client& client, Places& places, const Clock& clock,
                 const OAuthSettings& settings)
    : places_(places),
      settings_(settings),
      fetcher_(client, settings_),
      discovery_(fetcher_, settings_),
      registry_(fetcher_, places_.state, clock, settings_),
      tokens_(fetcher_, clock, settings_) {}

awaitable<Result<SignOut::Report>> SignOut::run(bool forget) {
  const std::string server = codec::to_string(settings_.server);
  const auto lock = co_await take_lock();
  if (!lock) log::warning("another process is busy with this login; going on all the same");
  auto stored = places_.credentials.load(server);
  if (!stored) co_return propagate(stored);
  Report report;
  report.was_signed_in = stored->has_value();
  // First here: what follows may take its time, or be interrupted.
  auto removed = places_.credentials.remove(server);
  if (!removed) co_return propagate(removed);
  if (*stored) {
    fetcher_.trust((*stored)->issuer.value_or(""));
    auto revoked = co_await revoke(**stored);
    report.revoked = revoked.has_value();
    if (!revoked) report.failures.push_back(revoked.error().message);
  }
  if (forget) {
    auto unregistered = co_await unregister(*stored);
    report.unregistered = unregistered && *unregistered;
    if (!unregistered) report.failures.push_back(unregistered.error().message);
    if (*stored && (!unregistered || *unregistered))
      report.also_concerned =
          others_of((*stored)->issuer.value_or(""), (*stored)->client_id.value_or(""));
  }
  auto key_removed = ProofKey::remove(places_.state, settings_.server);
  if (!key_removed) co_return propagate(key_removed);
  co_return report;
}

// A refresh or a login of another process may be on its way; a login may be for minutes.
awaitable<std::optional<store::ProcessLock>> SignOut::take_lock() {
  const auto file = credential_lock(places_.locks, codec::to_string(settings_.server));
  for (int attempt = 0; attempt < kSignOutLockAttempts; ++attempt) {
    auto lock = store::ProcessLock::try_take(file);
    if (lock) co_return lock;
    const bool waited = co_await io::pause(kSignOutLockPause);
    if (!waited) break;
  }
  co_return std::nullopt;
}

awaitable<Result<void>> SignOut::revoke(store::Credential credential) {
  if (!credential.issuer)
    co_return fail(ErrorKind::config,
                   "the tokens were not revoked: it is not known who issued them");
  auto server = co_await discovery_.metadata_of(*credential.issuer);
  if (!server) co_return propagate(server, "the tokens were not revoked");
  if (!server->endpoints.revocation)
    co_return fail(ErrorKind::config,
                   fmt::format("the tokens were not revoked: {} offers no revocation; they end "
                               "when they expire",
                               codec::for_log(server->issuer)));
  auto client = registry_.client_of(credential);
  if (!client) co_return propagate(client, "the tokens were not revoked");
  const auto endpoint = endpoint_at(*server, *server->endpoints.revocation);
  Result<void> refresh_token = ok();
  if (credential.refresh_token)
    refresh_token =
        co_await revoke_token(endpoint, *client, *credential.refresh_token, "refresh_token");
  auto access_token =
      co_await revoke_token(endpoint, *client, credential.access_token, "access_token");
  if (!refresh_token) co_return refresh_token;
  co_return access_token;
}

// 200 also for a token that is not known any more (RFC 7009, section 2.2). A server that revokes
// only refresh tokens says so (section 2.2.1); the access token ends with its own.
awaitable<Result<void>> SignOut::revoke_token(Endpoint endpoint, Client client, Secret token,
                                              std::string hint) {
  const std::string url = endpoint.url;
  auto answer =
      co_await tokens_.post(std::move(endpoint), client, oauth::revocation_fields(token, hint));
  if (!answer) co_return propagate(answer, "the tokens were not revoked");
  if (answer->status() == 200) co_return ok();
  const auto error = oauth::read_token_error(answer->status(), answer->body);
  if (hint == "access_token" && error.error == "unsupported_token_type") co_return ok();
  co_return fail(ErrorKind::rejected,
                 fmt::format("the tokens were not revoked: revocation endpoint {} answered {}",
                             codec::for_log(url), oauth::to_string(error)));
}

awaitable<Result<std::string>> SignOut::issuer_of(std::optional<store::Credential> credential) {
  if (credential && credential->issuer) co_return *credential->issuer;
  if (settings_.issuer) co_return *settings_.issuer;
  oauth::ServerChallenge none;
  auto found = co_await discovery_.run(std::move(none), registry_.held_issuers(nullptr));
  if (!found) co_return propagate(found);
  co_return found->server.issuer;
}

// A registration serves every MCP server of its issuer.
std::vector<std::string> SignOut::others_of(const std::string& issuer,
                                            const std::string& client_id) const {
  std::vector<std::string> others;
  const auto keys = places_.credentials.keys();
  if (!keys) return others;
  for (const std::string& key : *keys) {
    if (key == store::server_key(codec::to_string(settings_.server))) continue;
    const auto other = places_.credentials.load(key);
    if (other && *other && (*other)->issuer == issuer && (*other)->client_id == client_id)
      others.push_back(key);
  }
  return others;
}

// True: there was a registration, and it is gone from here; a failure: not from there.
awaitable<Result<bool>> SignOut::unregister(std::optional<store::Credential> credential) {
  const bool is_known = credential || settings_.issuer;
  const std::string client_id = credential ? credential->client_id.value_or("") : "";
  auto issuer = co_await issuer_of(std::move(credential));
  if (!issuer) co_return propagate(issuer, "the registration was not found");
  const auto registered = registry_.registered(*issuer, client_id);
  if (!registered) co_return false;
  // Any server can say that its logins are there.
  if (!is_known && !others_of(*issuer, registered->client_id).empty())
    co_return fail(ErrorKind::config,
                   fmt::format("the registration at {0} was not deleted: other servers' logins use "
                               "it; to delete it all the same, say --oauth-issuer {0}",
                               codec::for_log(*issuer)));
  const auto* const managed = &registered->management;
  if (managed->uri.empty()) {
    registry_.forget(*issuer, registered->client_id);
    co_return fail(ErrorKind::config,
                   fmt::format("{} was not told of the end of the registration: it gave no "
                               "address for that",
                               codec::for_log(*issuer)));
  }
  auto url = oauth::check_endpoint(managed->uri, "registration's address");
  if (!url) co_return propagate(url, "the registration was not deleted");
  // Where it is was said by the server at registration, and by nobody else.
  const auto home = codec::parse_url(*issuer);
  if (home && codec::same_origin(*home, *url)) fetcher_.trust(managed->uri);
  http::Fields fields;
  fields.add("Authorization", "Bearer " + std::string(managed->token.reveal()));
  auto answer = co_await fetcher_.remove(*std::move(url), std::move(fields));
  // Only who has been heard can be forgotten: else nobody could try once more.
  if (!answer)
    co_return propagate(answer, "the registration was not deleted, and is kept to try it again");
  registry_.forget(*issuer, registered->client_id);
  // RFC 7592, section 2.3: 204; 401 where the client is gone already.
  const int status = answer->status();
  if (status / 100 == 2 || status == 401 || status == 404) co_return true;
  co_return fail(ErrorKind::rejected,
                 fmt::format("the registration was not deleted: {} answered {}",
                             codec::for_log(managed->uri), told(*answer)));
}

}  // namespace mcpio::auth
