// SPDX-License-Identifier: MIT
// How StreamableHttp hears what the server says unasked: the GET stream.
#include <utility>

#include "base/limits.h"
#include "base/log.h"
#include "io/deadline.h"
#include "io/pause.h"
#include "upstream/streamable_http.h"

namespace mcpio::upstream {
namespace {

// Servers without such a stream say so in several ways; 405 is the one in the specification.
bool has_no_stream(int status) {
  return status == 405 || status == 406 || status == 501 || status == 401 || status == 403;
}

}  // namespace

// Ends by cancellation. A server that has no such stream is asked again in the next session.
awaitable<Result<void>> StreamableHttp::listen() {
  for (;;) {
    const bool is_ready = co_await is_ready_to_listen();
    if (!is_ready) co_return ok();
    const Listened last = co_await listen_once();
    if (last == Listened::cancelled) co_return ok();
    const bool waited = co_await pause_before_listening(last);
    if (!waited) co_return ok();
  }
}

// Waits for a session that has shaken hands. False: cancelled.
awaitable<bool> StreamableHttp::is_ready_to_listen() {
  const bool initialized = co_await initialized_.wait();
  if (!initialized) co_return false;
  auto renewed = co_await renewed_if_needed();
  if (!renewed && renewed.error().kind == ErrorKind::cancelled) co_return false;
  if (own_stream_.epoch != session_.epoch()) {
    own_stream_ = {};
    own_stream_.epoch = session_.epoch();
  }
  co_return true;
}

// The stream needs a connection of its own, and what follows the handshake has one already: a call
// could overtake it, and what the server says on the stream meanwhile would be lost. Servers that
// do not answer before they have something to say are not waited for long.
awaitable<void> StreamableHttp::wait_until_heard() {
  auto heard = co_await io::with_deadline(limits::kListeningPatience, io::until(listening_));
  if (!heard) log::debug("the server's own stream: {}", heard.error().message);
}

// Opens the stream and hears it to its end.
awaitable<StreamableHttp::Listened> StreamableHttp::listen_once() {
  auto opening = open_stream(own_stream_);
  auto answer = co_await std::move(opening);
  listening_.set();
  if (!answer) {
    const ErrorKind kind = answer.error().kind;
    if (kind == ErrorKind::cancelled) co_return Listened::cancelled;
    log::debug("the server's own stream: {}", answer.error().message);
    const bool is_refused = kind == ErrorKind::unauthorized || kind == ErrorKind::rejected;
    co_return is_refused ? Listened::no_stream : Listened::ended;
  }
  const int status = answer->head.status;
  if (status != 200) log::debug("the server gives no stream of its own: HTTP {}", status);
  if (has_no_stream(status)) co_return Listened::no_stream;
  if (may_mean_lost_session(status)) co_return co_await judge_refused_stream();
  if (status != 200) co_return Listened::ended;
  if (answer->type() != "text/event-stream") co_return Listened::no_stream;

  renewed_for_own_stream_ = false;
  const Stream stream = stream_of(*answer);
  stream->skip_too_large();
  auto heard = co_await hear_stream(stream);
  own_stream_.learn(*stream);
  if (stream->heard_anything()) own_delay_.heard();
  if (heard) co_return Listened::ended;
  log::debug("the server's own stream: {}", heard.error().message);
  const bool cancelled = heard.error().kind == ErrorKind::cancelled;
  co_return cancelled ? Listened::cancelled : Listened::ended;
}

// 400, 404 and 410 may mean that the session is lost, or the event behind which the stream was to
// be taken up, or that there is no such stream. A new session that gets the same answer is enough
// to know the last.
awaitable<StreamableHttp::Listened> StreamableHttp::judge_refused_stream() {
  bool lost = session_.has_id();
  if (lost) lost = co_await has_lost_session();
  if (lost && renewed_for_own_stream_) co_return Listened::no_stream;
  if (lost) {
    auto renewed = co_await renew(own_stream_.epoch);
    renewed_for_own_stream_ = renewed.has_value();
    if (!renewed) log::debug("the server's own stream: session lost: {}", renewed.error().message);
    co_return Listened::ended;
  }
  if (own_stream_.last_event_id.empty()) co_return Listened::no_stream;
  own_stream_.last_event_id.clear();
  co_return Listened::ended;
}

// Until the stream may be opened again, or without one: until there is another session. False:
// cancelled.
awaitable<bool> StreamableHttp::pause_before_listening(Listened last) {
  if (last == Listened::ended) {
    const auto retry = std::exchange(own_stream_.retry, std::nullopt);
    co_return co_await io::pause(own_delay_.next(retry));
  }
  while (own_stream_.epoch == session_.epoch()) {
    new_session_.reset();
    const bool is_new = co_await new_session_.wait();
    if (!is_new) co_return false;
  }
  co_return true;
}

awaitable<Result<Answer>> StreamableHttp::open_stream(Resumption resumption) {
  Outgoing request = outgoing("GET", !resumption.opens);
  if (!resumption.opening_id.empty()) request.fields.set("Mcp-Session-Id", resumption.opening_id);
  request.fields.add("Accept", "text/event-stream");
  if (!resumption.last_event_id.empty())
    request.fields.add("Last-Event-ID", resumption.last_event_id);
  request.replay_safe = true;
  request.may_be_quiet = true;
  if (!resumption.may_be_quiet) request.longest_silence = settings_.stream_quiet;
  request.label = "GET";
  co_return co_await link_.send(std::move(request));
}

awaitable<Result<void>> StreamableHttp::hear_stream(Stream stream) {
  for (;;) {
    auto next = co_await stream->next();
    if (!next && stream->has_skipped()) continue;  // answers are not expected here
    if (!next) co_return propagate(next);
    if (!*next) co_return ok();
    Message message = **std::move(next);
    if (message.is_response())
      stream->warnings().write("dropped a {} on the server's own stream", mcp::label(message));
    else
      co_await hear(own_, stream, std::move(message));
  }
}

}  // namespace mcpio::upstream
