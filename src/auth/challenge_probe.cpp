// SPDX-License-Identifier: MIT
#include "auth/challenge_probe.h"

#include <fmt/core.h>

#include "base/log.h"

namespace mcpio::auth {
namespace {

// A server may ask for a login at another request than this one, so that none of it is the end.
std::string instead_of_asking(const Document& answer) {
  const std::string url = codec::for_log(answer.url);
  if (answer.status() >= 500)
    return fmt::format("{} answered {}: the server is in trouble, try again later", url,
                       answer.status());
  if (answer.status() >= 300)
    return fmt::format("{} answered {}; is the URL right?", url, answer.status());
  if (answer.type() == "text/html")
    return fmt::format("{} is a web page and no MCP server; is the URL right?", url);
  return fmt::format("{} does not ask for a login, and may need none", url);
}

}  // namespace

awaitable<Result<Probed>> probe_challenge(Fetcher& fetcher, const OAuthSettings& settings) {
  Fetcher::Posting ping;
  for (const auto& [name, value] : settings.metadata_fields) ping.fields.add(name, value.reveal());
  ping.type = "application/json";
  ping.body = Secret(R"({"jsonrpc":"2.0","id":1,"method":"ping"})");
  auto answer = co_await fetcher.post(settings.server, std::move(ping));
  const bool is_heard = answer || (answer.error().kind != ErrorKind::unreachable &&
                                   answer.error().kind != ErrorKind::untrusted);
  if (!is_heard) {
    answer.error().message +=
        fmt::format("; for what to try: mcp-stdio {} --check", codec::for_log(settings.server));
    co_return propagate(answer);
  }
  Probed probed;
  if (answer && answer->status() == 401) {
    const auto lines = answer->head.fields.all("www-authenticate");
    probed.challenge = oauth::read_challenges(lines, oauth::TokenScheme::bearer);
    co_return probed;
  }
  log::info("the server does not ask for a login; signing in all the same");
  probed.instead = answer ? instead_of_asking(*answer) : answer.error().message;
  co_return probed;
}

}  // namespace mcpio::auth
