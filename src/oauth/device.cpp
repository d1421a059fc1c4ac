// SPDX-License-Identifier: MIT
#include "oauth/device.h"

#include <fmt/format.h>

#include <algorithm>

#include "codec/json_document.h"
#include "codec/url.h"
#include "oauth/peer_text.h"

namespace mcpio::oauth {
namespace {

using codec::JsonObject;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::string_view kEndpoint = "the device authorization endpoint";
constexpr seconds kLongestLife{3600};
constexpr seconds kLongestAfterSilence{60};
constexpr seconds kSlowDown{5};

seconds bounded(std::optional<double> number, seconds otherwise, seconds longest) {
  if (!number || *number <= 0) return otherwise;
  const double most = static_cast<double>(longest.count());
  return seconds(static_cast<long long>(std::clamp(*number, 1.0, most)));
}

// The user will be told to open it. A page may need its fragment, which check_endpoint() refuses.
bool can_be_opened(const std::string& text) {
  const auto url = codec::parse_url(text);
  return url && !url->userinfo && (url->is_https() || codec::is_loopback(url->host));
}

// Google says verification_url.
std::optional<std::string> find_either(const JsonObject& members, std::string_view name,
                                       std::string_view other) {
  auto value = members.string(name);
  return value ? value : members.string(other);
}

std::unexpected<Error> not_usable(std::string_view problem) {
  return fail(ErrorKind::protocol, fmt::format("{}'s answer {}", kEndpoint, problem));
}

}  // namespace

Result<std::variant<DeviceAuthorization, TokenError>> read_device_authorization(
    int status, std::string_view body) {
  if (status < 200 || status > 299) return read_token_error(status, body);
  auto members = JsonObject::parse(body, "device authorization answer");
  if (!members) return propagate(members);
  const auto has_code = members->string("device_code").has_value();
  if (members->has("error") && !has_code) return read_token_error(status, body);
  auto device_code = members->required_string("device_code");
  if (!device_code) return propagate(device_code, kEndpoint);
  auto user_code = members->required_string("user_code");
  if (!user_code) return propagate(user_code, kEndpoint);
  const auto uri = find_either(*members, "verification_uri", "verification_url");
  if (!uri || uri->empty()) return not_usable("has no verification_uri");
  if (!can_be_opened(*uri)) return not_usable("has a verification_uri that is not safe to open");
  auto complete = find_either(*members, "verification_uri_complete", "verification_url_complete");
  if (complete && !can_be_opened(*complete)) complete.reset();

  DeviceAuthorization answer;
  answer.device_code = Secret(*std::move(device_code));
  answer.user_code = shown(*user_code);
  answer.verification_uri = *uri;
  answer.complete_uri = std::move(complete);
  answer.life = bounded(members->number("expires_in"), answer.life, kLongestLife);
  answer.interval = bounded(members->number("interval"), answer.interval, kLongestLife);
  return answer;
}

DevicePolling::DevicePolling(const DeviceAuthorization& authorization, SteadyTime now,
                             seconds patience)
    : deadline_(now + std::max(std::min(authorization.life, patience), seconds(1))),
      interval_(authorization.interval) {}

DevicePolling::Step DevicePolling::after_refusal(const TokenError& error, SteadyTime now) {
  switch (error.refusal) {
    case Refusal::slow_down:
      interval_ += kSlowDown;
      return next(now);
    case Refusal::authorization_pending:
      return next(now);
    case Refusal::device_code_expired:
      return Error{.kind = ErrorKind::timed_out,
                   .message =
                       "the code has expired before it was confirmed: log in again with "
                       "mcp-stdio login"};
    default:
      return Refused();
  }
}

// Section 3.5: "clients MUST unilaterally reduce their polling frequency"; the doubling that it
// proposes ends where a poll a minute is no burden to anybody.
DevicePolling::Step DevicePolling::after_silence(SteadyTime now) {
  interval_ = std::max(interval_, std::min(2 * interval_, kLongestAfterSilence));
  return next(now);
}

DevicePolling::Step DevicePolling::next(SteadyTime now) const {
  const auto left = std::chrono::duration_cast<milliseconds>(deadline_ - now);
  if (left <= milliseconds::zero())
    return Error{.kind = ErrorKind::timed_out,
                 .message =
                     "nobody confirmed the login in time: log in again, or allow more time "
                     "with --oauth-timeout"};
  return Wait{std::min<milliseconds>(interval_, left)};
}

}  // namespace mcpio::oauth
