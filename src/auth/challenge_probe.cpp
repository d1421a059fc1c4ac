// SPDX-License-Identifier: MIT
#include "auth/challenge_probe.h"

#include "base/log.h"

namespace mcpio::auth {

awaitable<Result<oauth::ServerChallenge>> probe_challenge(Fetcher& fetcher,
                                                          const OAuthSettings& settings) {
  Fetcher::Posting ping;
  for (const auto& [name, value] : settings.metadata_fields) ping.fields.add(name, value.reveal());
  ping.type = "application/json";
  ping.body = Secret(R"({"jsonrpc":"2.0","id":1,"method":"ping"})");
  auto answer = co_await fetcher.post(settings.server, std::move(ping));
  const bool is_heard = answer || (answer.error().kind != ErrorKind::unreachable &&
                                   answer.error().kind != ErrorKind::untrusted);
  if (!is_heard) co_return propagate(answer);
  if (!answer || answer->status() != 401) {
    log::info("the server does not ask for a login; signing in all the same");
    co_return oauth::ServerChallenge();
  }
  const auto lines = answer->head.fields.all("www-authenticate");
  co_return oauth::read_challenges(lines, oauth::TokenScheme::bearer);
}

}  // namespace mcpio::auth
