// SPDX-License-Identifier: MIT
// How StreamableHttp builds a session again that the server has lost.
#include <utility>

#include "base/log.h"
#include "io/pause.h"
#include "mcp/methods.h"
#include "upstream/streamable_http.h"

namespace mcpio::upstream {

// A session in the making takes nothing but its handshake: servers refuse what comes before
// notifications/initialized. Whether the renewal succeeds is no matter here. False: cancelled.
awaitable<bool> StreamableHttp::renewed_if_under_way() {
  const std::shared_ptr<Renewal> renewal = renewal_;
  if (!renewal) co_return true;
  co_return co_await renewal->done.wait();
}

// Concurrent failures share one renewal, which no caller's cancellation ends.
awaitable<Result<void>> StreamableHttp::renew(int lost_epoch) {
  // Somebody else's renewal may be done already, or nearly.
  if (session_.epoch() != lost_epoch && !renewal_) co_return ok();
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
  renewal->outcome = co_await open_again();
  renewal_.reset();
  renewal->done.set();
  if (!renewal->outcome) co_return ok();  // those who wait for it say so
  co_return co_await announce_renewal();
}

awaitable<Result<void>> StreamableHttp::open_again() {
  const Message initialize = session_.initialize()->with_id(own_id());
  Outgoing request = outgoing("POST", false);
  request.body = initialize.bytes();
  request.replay_safe = true;
  request.label = "initialize";
  auto answer = co_await link_.send(std::move(request));
  if (!answer) co_return propagate(answer);
  const http::Head head = answer->head;
  if (head.status != 200) co_return std::unexpected(link_.refusal(head));
  if (!head.fields.find("mcp-session-id"))
    co_return fail(ErrorKind::session_lost, "the server gave no new session id");

  Call call(initialize, own_, nullptr, nullptr);
  auto response = co_await hear_answer(std::move(call), *std::move(answer));
  if (!response) co_return propagate(response);
  if (!response->result())
    co_return fail(ErrorKind::session_lost, "the server refused the handshake it took before");
  session_.reopened(*response, head);

  auto told = co_await post(mcp::make_notification("notifications/initialized"));
  if (!told) co_return propagate(told);
  for (const Message& again : session_.replay()) {
    const std::string method = again.method();
    auto set = co_await ask(again.with_id(own_id()));
    if (!set) log::warning("{} in the new session: {}", method, set.error().message);
  }
  co_return ok();
}

// The old session's questions will not be answered, and what the client knows may be out of date.
awaitable<Result<void>> StreamableHttp::announce_renewal() {
  for (Message& cancellation : session_.withdraw_questions())
    co_await own_->hear(std::move(cancellation));
  for (Message& change : session_.list_changes()) co_await own_->hear(std::move(change));
  co_return ok();
}

// A request of our own, in the session.
awaitable<Result<Message>> StreamableHttp::ask(Message request) {
  Outgoing outgoing_request = outgoing("POST", true);
  outgoing_request.body = request.bytes();
  outgoing_request.replay_safe = true;
  outgoing_request.label = mcp::label(request);
  auto answer = co_await link_.send(std::move(outgoing_request));
  if (!answer) co_return propagate(answer);
  if (answer->head.status != 200) co_return std::unexpected(link_.refusal(answer->head));
  Call call(std::move(request), own_, nullptr, nullptr);
  co_return co_await hear_answer(std::move(call), *std::move(answer));
}

// 400 and 410 may mean a bad request, or a session that is gone: a ping tells. When the ping fails
// in another way, nobody knows, and the session is kept.
awaitable<bool> StreamableHttp::has_lost_session() {
  auto pong = co_await ask(mcp::make_request(own_id(), "ping"));
  if (pong) co_return false;
  const int status = pong.error().http_status;
  co_return status == 404 || status == 400 || status == 410;
}

awaitable<Result<void>> StreamableHttp::ping_now_and_then() {
  for (;;) {
    const bool waited = co_await io::pause(settings_.ping_interval);
    if (!waited) co_return ok();
    if (!initialized_.is_set()) continue;
    const int epoch = session_.epoch();
    auto pong = co_await ask(mcp::make_request(own_id(), "ping"));
    if (pong) continue;
    log::warning("ping: {}", pong.error().message);
    if (pong.error().http_status != 404 || !session_.has_id()) continue;
    auto renewed = co_await renew(epoch);
    if (!renewed) log::warning("session lost: {}", renewed.error().message);
  }
}

}  // namespace mcpio::upstream
