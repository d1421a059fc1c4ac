// SPDX-License-Identifier: MIT
#include "auth/challenge_probe.h"

#include "base/log.h"

namespace mcpio::auth {

awaitable<Result<oauth::ServerChallenge>> probe_challenge(Fetcher& fetcher,
                                                          const OAuthSettings& settings) {
  http::Fields fields;
  for (const auto& [name, value] : settings.metadata_fields) fields.add(name, value.reveal());
  Secret ping(R"({"jsonrpc":"2.0","id":1,"method":"ping"})");
  std::string type = "application/json";
  auto answer =
      co_await fetcher.post(settings.server, std::move(fields), std::move(type), std::move(ping));
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
