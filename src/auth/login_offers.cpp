// SPDX-License-Identifier: MIT
#include "auth/login_offers.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/log.h"
#include "store/server_key.h"

namespace mcpio::auth {
namespace {

constexpr std::string_view kLogins = "logins";
constexpr std::chrono::minutes kBetweenLogins{10};
// That many programs may end over a login, one after the other, before they are taken for one that
// is started again and again.
constexpr int kAbandoned = 2;
constexpr std::chrono::seconds kRest{30};
constexpr double kMostAbandoned = 100;

long long seconds_of(WallTime time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

std::string minutes(double seconds) {
  const int whole = static_cast<int>(seconds / 60);
  if (whole == 0) return "less than a minute";
  return fmt::format("{} minute{}", whole, whole == 1 ? "" : "s");
}

// By itself, so that another try is worth it at once.
bool may_pass(const Error& error) {
  return error.kind == ErrorKind::unreachable || error.kind == ErrorKind::network ||
         error.kind == ErrorKind::timed_out;
}

}  // namespace

LoginOffers::LoginOffers(store::State& state, const Clock& clock, const OAuthSettings& settings)
    : LoginOffers(state, clock, settings, store::server_key(codec::to_string(settings.server))) {}

LoginOffers::LoginOffers(store::State& state, const Clock& clock, const OAuthSettings& settings,
                         std::string key)
    : state_(state), clock_(clock), settings_(settings), key_(std::move(key)) {}

std::optional<LoginOffers::Offer> LoginOffers::last() {
  auto kept = state_.find(kLogins, key_);
  if (!kept || !*kept) return std::nullopt;
  const auto when = (*kept)->number("asked_at").value_or(0);
  const double since = static_cast<double>(seconds_of(clock_.wall())) - when;
  if (since < 0 || since > std::chrono::duration<double>(kBetweenLogins).count())
    return std::nullopt;
  const double abandoned = (*kept)->number("abandoned").value_or(0);
  return Offer{.seconds_ago = since,
               .has_ended = (*kept)->is_true("ended"),
               .abandoned = static_cast<int>(std::clamp(abandoned, 0.0, kMostAbandoned)),
               .told = (*kept)->string("told").value_or("")};
}

Result<void> LoginOffers::may_ask() {
  if (settings_.asking == Asking::always) return ok();
  if (settings_.asking == Asking::never)
    return fail(ErrorKind::unauthorized,
                fmt::format("there is no token for {0} that is still good; run mcp-stdio login {0}",
                            codec::for_log(settings_.server)));
  if (rest_ && clock_.wall() < rest_->until) return std::unexpected(rest_->why);
  const auto offer = last();
  if (!offer || (!offer->has_ended && offer->abandoned < kAbandoned)) return ok();
  return fail(
      ErrorKind::unauthorized,
      fmt::format("a sign-in was offered {} ago and not finished; run mcp-stdio login {} in "
                  "a terminal, or wait",
                  minutes(offer->seconds_ago), codec::for_log(settings_.server)));
}

std::optional<std::string> LoginOffers::told_elsewhere() {
  auto offer = last();
  if (!offer || offer->has_ended || offer->told.empty()) return std::nullopt;
  return std::move(offer->told);
}

void LoginOffers::begun() {
  rest_.reset();
  const auto before = last();
  Offer offer;
  if (before && !before->has_ended)
    offer.abandoned = before->abandoned + (before->told.empty() ? 0 : 1);
  put(offer);
}

void LoginOffers::told(const std::string& text) {
  Offer offer = last().value_or(Offer());
  if (!offer.told.empty()) offer.told += ' ';
  offer.told += text;
  put(offer);
}

void LoginOffers::in_vain() { put({.has_ended = true}); }

void LoginOffers::failed(Error why) {
  const auto offer = last();
  if (!offer || !offer->told.empty()) return in_vain();
  finished();
  if (!may_pass(why)) rest_ = Rest{.why = std::move(why), .until = clock_.wall() + kRest};
}

void LoginOffers::finished() {
  auto removed = state_.remove(kLogins, key_);
  if (!removed) log::debug("{}", removed.error().message);
}

void LoginOffers::put(const Offer& offer) {
  const auto entry = codec::JsonWriter()
                         .add("asked_at", seconds_of(clock_.wall()))
                         .add("ended", offer.has_ended)
                         .add("abandoned", offer.abandoned)
                         .add("told", offer.told)
                         .text();
  auto kept = state_.put(kLogins, key_, entry);
  if (!kept) log::debug("{}", kept.error().message);
}

}  // namespace mcpio::auth
