// SPDX-License-Identifier: MIT
#include "upstream/origin_link.h"

#include <fmt/core.h>

#include <cmath>

#include "base/limits.h"
#include "base/log.h"
#include "codec/retry_after.h"
#include "io/pause.h"
#include "mcp/methods.h"

namespace mcpio::upstream {
namespace {

bool asks_to_wait(int status) { return status == 429 || status == 503; }
bool is_redirect(int status) { return status >= 300 && status < 400 && status != 304; }

bool may_try_again(const Error& error, bool replay_safe) {
  switch (error.kind) {
    case ErrorKind::unreachable:
      return true;
    case ErrorKind::network:
    case ErrorKind::timed_out:
    case ErrorKind::protocol:
      return replay_safe;
    case ErrorKind::rejected:
      // A proxy in front of the server says 503 also when the connection behind it broke under the
      // request (Heroku's H12, Envoy's UC): only a server that names a time has refused it itself.
      return error.http_status == 429 ||
             (error.http_status == 503 && (error.retry_after || replay_safe));
    default:
      return false;
  }
}

std::string operation_of(const Outgoing& outgoing) {
  return mcp::operation_of(outgoing.label, outgoing.body ? outgoing.body->view() : "");
}

// What went wrong on the way to a token is no failure of the request: to send it again at once
// would be to begin another login or refresh, and it was certainly not executed.
Error without_credentials(Error error) {
  switch (error.kind) {
    case ErrorKind::unreachable:
    case ErrorKind::network:
    case ErrorKind::timed_out:
    case ErrorKind::protocol:
      error.kind = ErrorKind::no_credentials;
      return error;
    default:
      return error;
  }
}

}  // namespace

std::string Answer::type() const {
  const auto type = head.fields.find("content-type");
  return type ? http::media_type(*type) : std::string();
}

OriginLink::OriginLink(http::Client& client, http::Authorizer& authorizer, const Clock& clock,
                       Settings settings)
    : client_(client), authorizer_(authorizer), clock_(clock), settings_(settings) {}

awaitable<Result<Answer>> OriginLink::send(Outgoing request) {
  const auto outgoing = std::make_shared<const Outgoing>(std::move(request));
  for (int attempt = outgoing->attempts_made + 1;; ++attempt) {
    auto answer = co_await send_once(outgoing);
    if (answer) answer->attempts = attempt;
    if (answer && !asks_to_wait(answer->head.status)) co_return answer;
    const Error failure = answer ? refusal(answer->head) : answer.error();
    if (attempt >= settings_.attempts) co_return answer;
    if (!may_try_again(failure, outgoing->replay_safe)) co_return answer;
    std::chrono::duration<double> wait = settings_.retry_delay * attempt;
    if (failure.retry_after) wait = std::chrono::duration<double>(*failure.retry_after);
    if (wait > limits::kLongestRetryAfter) co_return answer;
    log::info("{}: {}, trying again in {:.0f} s", outgoing->label, failure.message,
              std::ceil(wait.count()));
    if (answer) answer->body.reset();
    const bool waited =
        co_await io::pause(std::chrono::duration_cast<std::chrono::nanoseconds>(wait));
    if (!waited) co_return fail(ErrorKind::cancelled, "cancelled");
  }
}

// One attempt, and others with other credentials if the first ones are refused.
awaitable<Result<Answer>> OriginLink::send_once(std::shared_ptr<const Outgoing> outgoing) {
  codec::Url url = outgoing->url;
  int challenges = 0;
  for (int redirects = 0;;) {
    auto answer = co_await send_to(outgoing, url);
    if (!answer) co_return answer;
    const int status = answer->head.status;
    if ((status == 401 || status == 403) && ++challenges <= limits::kChallenges) {
      http::Refusal refusal;
      refusal.used = answer->credentials;
      refusal.operation = operation_of(*outgoing);
      refusal.answer = answer->head;
      auto other = co_await authorizer_.challenged(std::move(refusal));
      if (!other) {
        other.error() = without_credentials(std::move(other).error());
        co_return propagate(other, fmt::format("HTTP {}", status));
      }
      if (*other) continue;
    }
    if (!is_redirect(status)) co_return answer;
    auto target = redirect_target(url, answer->head);
    if (!target) co_return propagate(target);
    if (++redirects > limits::kRedirects)
      co_return fail(ErrorKind::rejected, "the server redirects in circles");
    url = *std::move(target);
  }
}

awaitable<Result<Answer>> OriginLink::send_to(std::shared_ptr<const Outgoing> outgoing,
                                              codec::Url url) {
  http::Request request;
  request.method = outgoing->method;
  request.url = codec::to_string(url);
  request.fields = outgoing->fields;
  request.body = outgoing->body;
  request.may_repeat = false;  // send() alone counts attempts
  request.timeouts.connect = settings_.timeout_connect;
  const auto silence = outgoing->may_be_quiet ? outgoing->longest_silence : settings_.timeout_read;
  request.timeouts.head = silence;
  request.timeouts.idle = silence;
  auto authorized = co_await authorizer_.authorize(request);
  if (!authorized) co_return std::unexpected(without_credentials(std::move(authorized).error()));
  for (const std::string_view name : outgoing->without) request.fields.remove(name);
  // Whoever was cancelled while nothing was waited for would wait for this answer.
  const bool cancelled = io::is_cancelled(co_await asio::this_coro::cancellation_state);
  if (cancelled) co_return fail(ErrorKind::cancelled, "cancelled");

  Answer answer;
  answer.credentials = *authorized;
  answer.body = client_.send(std::move(request));
  auto head = co_await answer.body->head();
  if (!head) co_return propagate(head);
  answer.head = *std::move(head);
  authorizer_.answered(answer.head, *answer.body);
  co_return answer;
}

// Only 307 and 308 keep method and body (RFC 9110, section 15.4), and only the same origin may see
// the credentials and the message.
Result<codec::Url> OriginLink::redirect_target(const codec::Url& from,
                                               const http::Head& head) const {
  const auto location = head.fields.find("location");
  if (!location)
    return fail(ErrorKind::rejected, fmt::format("HTTP {} without a Location", head.status));
  auto target = codec::resolve(from, *location);
  if (!target)
    return fail(ErrorKind::rejected, fmt::format("HTTP {} to a place that is no URL", head.status));
  if (!codec::same_origin(from, *target))
    return fail(ErrorKind::rejected,
                fmt::format("HTTP {}: the server redirects to {}, another origin, which is not "
                            "followed; if you trust it, use its URL instead",
                            head.status, codec::origin_of(*target)));
  if (head.status != 307 && head.status != 308)
    return fail(ErrorKind::rejected,
                fmt::format("HTTP {}: the server redirects within {}, but only 307 and 308 keep a "
                            "POST as it is; use the URL it redirects to instead: {}",
                            head.status, codec::origin_of(*target), codec::for_log(*target)));
  target->fragment.reset();
  return *std::move(target);
}

Error OriginLink::refusal(const http::Head& head) const {
  Error error{.kind = ErrorKind::rejected,
              .message = fmt::format("HTTP {}", head.status),
              .http_status = head.status};
  if (head.status == 401 || head.status == 403) error.kind = ErrorKind::unauthorized;
  const auto wait = head.fields.find("retry-after");
  if (asks_to_wait(head.status) && wait)
    error.retry_after = codec::parse_retry_after(*wait, clock_.wall());
  return error;
}

}  // namespace mcpio::upstream
