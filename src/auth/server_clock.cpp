// SPDX-License-Identifier: MIT
#include "auth/server_clock.h"

#include "base/log.h"
#include "codec/http_date.h"
#include "oauth/client_assertion.h"

namespace mcpio::auth {
namespace {

// Dates are of whole seconds, and answers take their time.
constexpr std::chrono::seconds kSameCorrection{5};

}  // namespace

bool ServerClock::follow(const http::Head& answer) {
  const auto field = answer.fields.find("date");
  const auto date = field ? codec::parse_http_date(*field, clock_.wall()) : std::nullopt;
  if (!date) return false;
  const auto correction = oauth::clock_correction(*date, clock_.wall());
  if (std::chrono::abs(correction - correction_) <= kSameCorrection) return false;
  correction_ = correction;
  if (correction.count() != 0) log::warning("{}", oauth::clock_warning(correction));
  return true;
}

}  // namespace mcpio::auth
