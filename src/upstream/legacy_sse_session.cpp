// SPDX-License-Identifier: MIT
// How LegacySse makes each stream a session, and keeps it in use.
#include <fmt/core.h>

#include "base/log.h"
#include "io/pause.h"
#include "mcp/methods.h"
#include "upstream/legacy_sse.h"

namespace mcpio::upstream {

// For as long as one stream lives; its end cancels this. Fails if nothing can come of the session:
// then another stream may do better.
awaitable<Result<void>> LegacySse::keep_session() {
  const bool is_new = session_.initialize().has_value();
  if (is_new) {
    auto opened = co_await open_session_again();
    if (!opened) co_return propagate(opened, "opening a new session");
  }
  settled_.set();
  // What the client knows may be out of date.
  if (is_new)
    for (Message& change : session_.list_changes()) co_await own_->hear(std::move(change));
  co_return co_await ping_now_and_then();
}

awaitable<Result<void>> LegacySse::open_session_again() {
  auto answer = co_await exchange(session_.initialize()->with_id(own_id()));
  if (!answer) co_return propagate(answer);
  if (!answer->result()) {
    // Perhaps its sessions outlive streams after all. If not, each call will say so.
    log::warning("the server refused the handshake it took before; going on without");
    co_return ok();
  }
  session_.reopened(*answer, http::Head());
  auto told = co_await post(mcp::make_notification("notifications/initialized"));
  if (!told) co_return propagate(told);
  for (const Message& again : session_.replay()) {
    const std::string method = again.method();
    auto set = co_await exchange(again.with_id(own_id()));
    if (!set && set.error().kind == ErrorKind::cancelled) co_return propagate(set);
    if (!set) log::warning("{} in the new session: {}", method, set.error().message);
  }
  log::info("the server's event stream is open again, in a new session");
  co_return ok();
}

// 404: the server knows this session no more, though its stream is open.
awaitable<Result<void>> LegacySse::ping_now_and_then() {
  if (settings_.ping_interval.count() == 0) co_return co_await io::until(over_);
  for (;;) {
    const bool waited = co_await io::pause(settings_.ping_interval);
    if (!waited) co_return fail(ErrorKind::cancelled, "cancelled");
    if (!session_.initialize()) continue;
    auto pong = co_await exchange(mcp::make_request(own_id(), "ping"));
    if (pong) continue;
    if (pong.error().kind == ErrorKind::cancelled || pong.error().http_status == 404)
      co_return propagate(pong, "ping");
    log::warning("ping: {}", pong.error().message);
  }
}

std::string LegacySse::own_id() { return fmt::format("\"{}{}\"", mcp::kOwnIdPrefix, ++own_ids_); }

}  // namespace mcpio::upstream
