// SPDX-License-Identifier: MIT
#include "auth/login_offers.h"

#include <fmt/core.h>

#include "base/log.h"
#include "store/server_key.h"

namespace mcpio::auth {
namespace {

constexpr std::string_view kLogins = "logins";
constexpr std::chrono::minutes kBetweenLogins{10};

long long seconds_of(WallTime time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

}  // namespace

LoginOffers::LoginOffers(store::StateFile& state, const Clock& clock, const OAuthSettings& settings)
    : LoginOffers(state, clock, settings, store::server_key(codec::to_string(settings.server))) {}

LoginOffers::LoginOffers(store::StateFile& state, const Clock& clock, const OAuthSettings& settings,
                         std::string key)
    : state_(state), clock_(clock), settings_(settings), key_(std::move(key)) {}

std::optional<LoginOffers::Offer> LoginOffers::last() {
  auto kept = state_.find(kLogins, key_);
  if (!kept || !*kept) return std::nullopt;
  const auto when = (*kept)->number("asked_at").value_or(0);
  const double since = static_cast<double>(seconds_of(clock_.wall())) - when;
  if (since < 0 || since > std::chrono::duration<double>(kBetweenLogins).count())
    return std::nullopt;
  return Offer{.seconds_ago = since, .has_ended = (*kept)->is_true("ended")};
}

Result<void> LoginOffers::may_ask(bool takes_over) {
  if (settings_.asking == Asking::always) return ok();
  if (settings_.asking == Asking::never)
    return fail(ErrorKind::unauthorized,
                fmt::format("there is no token for {0} that is still good; run mcp-stdio login {0}",
                            codec::for_log(settings_.server)));
  const auto offer = last();
  if (!offer || (takes_over && !offer->has_ended)) return ok();
  return fail(ErrorKind::unauthorized,
              fmt::format("a sign-in was offered {:.0f} minutes ago and not finished; run "
                          "mcp-stdio login {} in a terminal, or wait",
                          offer->seconds_ago / 60, codec::for_log(settings_.server)));
}

bool LoginOffers::is_open() {
  const auto offer = last();
  return offer && !offer->has_ended;
}

void LoginOffers::begun() { put(false); }

void LoginOffers::failed() { put(true); }

void LoginOffers::finished() {
  auto removed = state_.remove(kLogins, key_);
  if (!removed) log::debug("{}", removed.error().message);
}

void LoginOffers::put(bool has_ended) {
  const auto entry =
      codec::JsonWriter().add("asked_at", seconds_of(clock_.wall())).add("ended", has_ended).text();
  auto kept = state_.put(kLogins, key_, entry);
  if (!kept) log::debug("{}", kept.error().message);
}

}  // namespace mcpio::auth
