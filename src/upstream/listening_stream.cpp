// SPDX-License-Identifier: MIT
// How StreamableHttp hears what the server says unasked: the GET stream.
#include "base/log.h"
#include "io/back_off.h"
#include "io/pause.h"
#include "upstream/streamable_http.h"

namespace mcpio::upstream {
namespace {

using std::chrono::seconds;

// Servers without such a stream say so in several ways; 405 is the one in the specification.
bool has_no_stream(int status, bool in_session) {
  return status == 405 || status == 400 || status == 406 || status == 501 ||
         (status == 404 && !in_session);
}

}  // namespace

// Ends when the server has no such stream, refuses us, or by cancellation.
awaitable<Result<void>> StreamableHttp::listen() {
  const bool initialized = co_await initialized_.wait();
  if (!initialized) co_return ok();
  io::BackOff back_off(seconds(1), seconds(30));
  std::string last_event_id;
  for (int epoch = session_.epoch();;) {
    if (epoch != session_.epoch()) last_event_id.clear();
    epoch = session_.epoch();
    const bool in_session = session_.has_id();
    std::chrono::milliseconds wait{0};
    auto answer = co_await open_stream(last_event_id, false);
    if (!answer && answer.error().kind == ErrorKind::cancelled) co_return ok();
    if (!answer) {
      log::debug("the server's own stream: {}", answer.error().message);
      if (answer.error().kind == ErrorKind::unauthorized ||
          answer.error().kind == ErrorKind::rejected)
        co_return ok();
    } else if (const int status = answer->head.status; status == 200) {
      if (answer->type() != "text/event-stream") co_return ok();
      auto stream = stream_of(*answer);
      stream->skip_too_large();
      auto heard = co_await hear_stream(stream);
      if (!heard && heard.error().kind == ErrorKind::cancelled) co_return ok();
      if (!heard) log::debug("the server's own stream: {}", heard.error().message);
      if (!stream->last_event_id().empty()) last_event_id = stream->last_event_id();
      if (stream->heard_anything()) back_off.reset();
      if (stream->retry()) wait = *stream->retry();
    } else if (status == 404 && in_session) {
      auto renewed = co_await renew(epoch);
      if (renewed) continue;
      log::debug("the server's own stream: session lost: {}", renewed.error().message);
    } else if (has_no_stream(status, in_session) || status == 401 || status == 403) {
      log::debug("the server has no stream of its own: HTTP {}", status);
      co_return ok();
    }
    if (wait.count() == 0) wait = back_off.next();
    const bool waited = co_await io::pause(wait);
    if (!waited) co_return ok();
  }
}

// `quiet`: nothing bounds the silence on it, as on the stream of a long call.
awaitable<Result<Answer>> StreamableHttp::open_stream(std::string last_event_id, bool quiet) {
  Outgoing request = outgoing("GET", true);
  request.fields.add("Accept", "text/event-stream");
  if (!last_event_id.empty()) request.fields.add("Last-Event-ID", last_event_id);
  request.replay_safe = true;
  request.may_be_quiet = true;
  request.longest_silence = quiet ? std::chrono::milliseconds(0) : settings_.stream_quiet;
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
    else if (session_.heard(message))
      co_await own_->hear(std::move(message));
  }
}

}  // namespace mcpio::upstream
