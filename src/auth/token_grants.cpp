// SPDX-License-Identifier: MIT
#include "auth/token_grants.h"

#include <fmt/core.h>

#include <utility>

#include "auth/no_sign_in.h"
#include "base/log.h"
#include "io/pause.h"
#include "store/server_key.h"

namespace mcpio::auth {
namespace {

constexpr std::string_view kGrants = "grants";

}  // namespace

TokenGrants::TokenGrants(Parts parts, std::function<void(std::string)> tell)
    : settings_(parts.settings),
      state_(parts.state),
      browser_(parts.fetcher, parts.registry, parts.tokens, parts.settings, tell),
      device_(parts.registry, parts.tokens, parts.clock, parts.settings, tell, io::pause),
      client_credentials_(parts.registry, parts.tokens),
      jwt_bearer_(parts.registry, parts.tokens, parts.state, parts.clock, parts.settings),
      id_jag_({.fetcher = parts.fetcher,
               .registry = parts.registry,
               .tokens = parts.tokens,
               .credentials = parts.credentials,
               .state = parts.state,
               .locks = std::move(parts.locks),
               .clock = parts.clock,
               .settings = parts.settings},
              tell) {}

Result<Grant> TokenGrants::choose(const oauth::ServerMetadata& server) const {
  if (settings_.grant) return *settings_.grant;
  if (settings_.has_browser) return Grant::authorization_code;
  if (server.endpoints.device_authorization) return Grant::device_code;
  if (server.is_guessed) {
    Error error = no_sign_in(settings_.server);
    error.message +=
        fmt::format(", or run mcp-stdio login {} in a terminal", codec::for_log(settings_.server));
    return std::unexpected(std::move(error));
  }
  return fail(ErrorKind::unauthorized,
              fmt::format("there is no browser here to sign in with, and {} offers no login with a "
                          "code; run in a terminal: mcp-stdio login {}",
                          codec::for_log(server.issuer), codec::for_log(settings_.server)));
}

Result<Grant> TokenGrants::choose_again(const oauth::ServerMetadata& server) const {
  const bool was_a_code = remembered() == name_of(Grant::device_code);
  if (!settings_.grant && was_a_code && server.endpoints.device_authorization)
    return Grant::device_code;
  return choose(server);
}

TokenGrant& TokenGrants::of(Grant grant) {
  switch (grant) {
    case Grant::authorization_code:
      return browser_;
    case Grant::device_code:
      return device_;
    case Grant::client_credentials:
      return client_credentials_;
    case Grant::jwt_bearer:
      return jwt_bearer_;
    case Grant::id_jag:
      return id_jag_;
  }
  std::unreachable();
}

void TokenGrants::remember(Grant grant) {
  const std::string server = store::server_key(codec::to_string(settings_.server));
  auto put = state_.put(kGrants, server, codec::JsonWriter().add("grant", name_of(grant)).text());
  if (!put) log::debug("{}", put.error().message);
}

std::optional<std::string> TokenGrants::remembered() const {
  auto kept = state_.find(kGrants, store::server_key(codec::to_string(settings_.server)));
  return kept && *kept ? (*kept)->string("grant") : std::nullopt;
}

bool TokenGrants::may_use_stored() const {
  const auto name = remembered();
  const bool is_a_persons =
      !name || name == name_of(Grant::authorization_code) || name == name_of(Grant::device_code);
  if (!settings_.grant || !name) return is_a_persons && needs_a_person();
  return name == name_of(*settings_.grant);
}

}  // namespace mcpio::auth
