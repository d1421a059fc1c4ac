// SPDX-License-Identifier: MIT
// How StreamableHttp builds a session again that the server has lost.
#include <utility>

#include "base/log.h"
#include "io/pause.h"
#include "mcp/methods.h"
#include "upstream/streamable_http.h"

namespace mcpio::upstream {

// A session in the making takes nothing but its handshake: servers refuse what comes before
// notifications/initialized. One whose handshake broke off is no good at all.
awaitable<Result<void>> StreamableHttp::renewed_if_needed() {
  if (half_open_ && !renewal_) co_return co_await renew(session_.epoch());
  const std::shared_ptr<Renewal> renewal = renewal_;
  if (!renewal) co_return ok();
  const bool done = co_await renewal->done.wait();
  if (!done) co_return fail(ErrorKind::cancelled, "cancelled");
  if (half_open_) co_return renewal->outcome;
  co_return ok();
}

// Concurrent failures share one renewal, which no caller's cancellation ends.
awaitable<Result<void>> StreamableHttp::renew(int lost_epoch) {
  if (closing_) co_return fail(ErrorKind::cancelled, "the connection is being closed");
  // Somebody else's renewal may be done already, or nearly.
  if (session_.epoch() != lost_epoch && !renewal_ && !half_open_) co_return ok();
  if (!session_.initialize()) co_return fail(ErrorKind::session_lost, "there was no handshake");
  std::shared_ptr<Renewal> renewal = renewal_;
  if (!renewal) {
    renewal = renewal_ = std::make_shared<Renewal>(executor_);
    log::info("the server has lost the session; opening a new one");
    tasks_.spawn("opening a new session", renew_for_all(renewal));
  }
  const bool done = co_await renewal->done.wait();
  if (!done) co_return fail(ErrorKind::cancelled, "cancelled");
  co_return renewal->outcome;
}

awaitable<Result<void>> StreamableHttp::renew_for_all(std::shared_ptr<Renewal> renewal) {
  renewal->outcome = co_await open_again(renewal);
  renewal_.reset();
  renewal->done.set();
  if (!renewal->outcome) co_return ok();  // those who wait for it say so
  new_session_.set();
  co_return co_await announce_renewal(renewal);
}

awaitable<Result<void>> StreamableHttp::open_again(std::shared_ptr<Renewal> renewal) {
  const Message initialize = session_.initialize()->with_id(own_id());
  Outgoing request = posting(initialize, false);
  request.without = {"Mcp-Session-Id", "MCP-Protocol-Version"};  // the user may have pinned them
  Call call(initialize, own_, nullptr, nullptr);
  auto reply = co_await converse(std::move(call), std::move(request));
  if (!reply) co_return propagate(reply);
  if (Session::id_in(reply->head).empty())
    co_return fail(ErrorKind::session_lost, "the server gave no new session id");
  if (!reply->message.result())
    co_return fail(ErrorKind::session_lost, "the server refused the handshake it took before");
  // The old session's questions will not be answered; the new one may ask under the same ids.
  renewal->withdrawn = session_.withdraw_questions();
  session_.reopened(reply->message, reply->head);
  half_open_ = true;

  auto told = co_await post(mcp::make_notification("notifications/initialized"));
  if (!told) co_return propagate(told);
  half_open_ = false;
  for (const Message& again : session_.replay()) {
    const std::string method = again.method();
    auto set = co_await ask(again.with_id(own_id()));
    if (!set && set.error().kind == ErrorKind::cancelled) co_return propagate(set);
    if (!set) log::warning("{} in the new session: {}", method, set.error().message);
  }
  co_return ok();
}

// What the client waits for and knows may be out of date.
awaitable<Result<void>> StreamableHttp::announce_renewal(std::shared_ptr<Renewal> renewal) {
  for (Message& cancellation : renewal->withdrawn) co_await own_->hear(std::move(cancellation));
  for (Message& change : session_.list_changes()) co_await own_->hear(std::move(change));
  co_return ok();
}

// A request of our own, in the session.
awaitable<Result<Message>> StreamableHttp::ask(Message request) {
  Outgoing sent = posting(request, true);
  Call call(std::move(request), own_, nullptr, nullptr);
  auto reply = co_await converse(std::move(call), std::move(sent));
  if (!reply) co_return propagate(reply);
  co_return std::move(reply->message);
}

// Does this refusal of a POST mean that the server has lost the session of that epoch?
awaitable<bool> StreamableHttp::means_lost_session(int status, int epoch) {
  if (!may_mean_lost_session(status)) co_return false;
  if (status == 404 || epoch != session_.epoch()) co_return true;
  co_return co_await has_lost_session();
}

// A ping tells a lost session from a bad request. When it fails in another way, nobody knows, and
// the session is kept. Its answer's head says enough.
awaitable<bool> StreamableHttp::has_lost_session() {
  auto pong = co_await link_.send(posting(mcp::make_request(own_id(), "ping"), true));
  co_return pong&& may_mean_lost_session(pong->head.status);
}

awaitable<Result<void>> StreamableHttp::ping_now_and_then() {
  for (;;) {
    const bool waited = co_await io::pause(settings_.ping_interval);
    if (!waited) co_return ok();
    if (!initialized_.is_set()) continue;
    const int epoch = session_.epoch();
    auto pong = co_await ask(mcp::make_request(own_id(), "ping"));
    if (pong) continue;
    const Error& failure = pong.error();
    if (failure.kind == ErrorKind::cancelled) co_return ok();
    log::warning("ping: {}", failure.message);
    const bool lost = session_.has_id() && failure.kind == ErrorKind::rejected &&
                      may_mean_lost_session(failure.http_status);
    if (!lost) continue;
    auto renewed = co_await renew(epoch);
    if (!renewed) log::warning("session lost: {}", renewed.error().message);
  }
}

}  // namespace mcpio::upstream
