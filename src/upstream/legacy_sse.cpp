// SPDX-License-Identifier: MIT
#include "upstream/legacy_sse.h"

#include <fmt/core.h>

#include "base/log.h"
#include "io/deadline.h"
#include "io/pause.h"
#include "mcp/methods.h"

namespace mcpio::upstream {
namespace {

constexpr std::string_view kDisconnected =
    "SSE stream disconnected before response arrived; please retry";

}  // namespace

LegacySse::LegacySse(asio::any_io_executor executor, OriginLink& link, codec::Url url,
                     Settings settings)
    : executor_(executor),
      link_(link),
      url_(std::move(url)),
      settings_(settings),
      settled_(executor),
      over_(executor),
      tasks_(executor) {}

awaitable<Result<void>> LegacySse::run(std::shared_ptr<Hearer> own) {
  own_ = std::move(own);
  tasks_.spawn("listening to the server", listen());
  co_await over_.wait();
  if (fatal_) co_return std::unexpected(*fatal_);
  co_return ok();
}

// Opens the stream again and again, once it was open. Ends by cancellation, or if the first fails.
awaitable<Result<void>> LegacySse::listen() {
  for (bool first = true;; first = false) {
    auto lived = co_await live_on_one_stream();
    const Error why = lived ? Error{ErrorKind::network, "the stream ended"} : lived.error();
    if (why.kind == ErrorKind::cancelled) co_return ok();
    if (first && !endpoint_) {
      fatal_ = why;
      settled_.set();
      over_.set();
      co_return ok();
    }
    co_await disconnected(why);
    const bool cancelled = io::is_cancelled(co_await asio::this_coro::cancellation_state);
    if (cancelled) co_return ok();
    const bool waited = co_await io::pause(settings_.reconnect_delay);
    if (!waited) co_return ok();
  }
}

// From opening one stream to its end, or to that of its session.
awaitable<Result<void>> LegacySse::live_on_one_stream() {
  using namespace asio::experimental::awaitable_operators;
  auto opened = co_await open();
  if (!opened) co_return propagate(opened);
  auto ended = co_await (io::gently(hear(*opened)) || io::gently(keep_session()));
  if (ended.index() == 0) co_return std::get<0>(std::move(ended));
  co_return std::get<1>(std::move(ended));
}

awaitable<Result<LegacySse::Stream>> LegacySse::open() {
  Outgoing request;
  request.method = "GET";
  request.url = url_;
  request.fields.add("Accept", "text/event-stream");
  request.replay_safe = true;
  request.may_be_quiet = true;
  request.longest_silence = settings_.stream_quiet;
  request.label = "GET";
  auto answer = co_await link_.send(std::move(request));
  if (!answer) co_return propagate(answer);
  if (answer->head.status != 200) co_return std::unexpected(link_.refusal(answer->head));
  if (answer->type() != "text/event-stream")
    co_return fail(ErrorKind::protocol,
                   fmt::format("the server answered a GET with {} instead of an event stream",
                               describe_body({}, answer->type())));
  auto stream = std::make_shared<MessageStream>(std::move(answer->body),
                                                MessageStream::Framing::events, settings_.limits);
  stream->skip_too_large();
  auto found = co_await io::with_deadline(link_.settings().timeout_connect, find_endpoint(stream));
  if (!found && found.error().kind == ErrorKind::timed_out)
    co_return fail(ErrorKind::timed_out,
                   "the server's event stream named no endpoint in time (--timeout-connect)");
  if (!found) co_return propagate(found);
  co_return stream;
}

awaitable<Result<void>> LegacySse::find_endpoint(Stream stream) {
  while (!stream->endpoint()) {
    auto next = co_await stream->next_event();
    if (!next) co_return propagate(next);
    if (!*next)
      co_return fail(ErrorKind::protocol, "the server's event stream ended without an endpoint");
    if (stream->messages_ready() > limits::kBatchMessages)
      co_return fail(ErrorKind::protocol, "the server's event stream has messages and no endpoint");
  }
  co_return learn_endpoint(*stream->endpoint());
}

// Whoever runs the server must not choose where else this machine sends requests: to services of
// its own network, without TLS, or with the client's certificate.
Result<void> LegacySse::learn_endpoint(const std::string& reference) {
  auto url = codec::resolve(url_, reference);
  if (!url) return propagate(url, "the endpoint the server named");
  if (!codec::same_origin(url_, *url))
    return fail(ErrorKind::rejected,
                fmt::format("the server names an endpoint on {}, another origin than {}, which is "
                            "not used; if you trust it, use a URL there instead",
                            codec::origin_of(*url), codec::origin_of(url_)));
  url->userinfo.reset();
  url->fragment.reset();
  endpoint_ = *std::move(url);
  log::debug("the server's endpoint is {}", codec::for_log(*endpoint_));
  return ok();
}

awaitable<Result<void>> LegacySse::hear(Stream stream) {
  for (;;) {
    auto next = co_await stream->next();
    if (!next && stream->has_skipped()) {
      // If nobody knows whose answer it was, nobody can be let wait for it.
      if (stream->skipped_id()) answer_one(*stream->skipped_id(), propagate(next));
      if (!stream->skipped_id()) {
        Error why = next.error();
        why.message +=
            "; nobody knows whose answer it was, so every call that waits gets this error, "
            "although "
            "the server may have executed it";
        answer_all(why);
      }
      continue;
    }
    if (!next) co_return propagate(next);
    if (!*next) co_return ok();
    Message message = **std::move(next);
    co_await take(stream, std::move(message));
  }
}

// One message from the stream.
awaitable<void> LegacySse::take(Stream stream, Message message) {
  if (!message.is_response()) {
    if (session_.heard(message)) co_return co_await own_->hear(std::move(message));
    stream->warnings().write(
        "refused a question of the server: too many are open, or its id is too long");
    auto refusal = Session::refusal_of(message);
    if (!refusal) co_return;
    auto refused = co_await post(*std::move(refusal));
    if (!refused) log::debug("refusing a question: {}", refused.error().message);
    co_return;
  }
  if (!waiting_.contains(mcp::canonical_id(message.id()))) {
    stream->warnings().write("dropped a {}: nothing was asked under its id", mcp::label(message));
    co_return;
  }
  const std::string id(message.id());
  answer_one(id, std::move(message));
}

void LegacySse::answer_one(std::string_view id, Result<Message> answer) {
  const auto waiting = waiting_.find(mcp::canonical_id(id));
  if (waiting == waiting_.end()) return;
  waiting->second->answer = std::move(answer);
  waiting->second->done.set();
  waiting_.erase(waiting);
}

void LegacySse::answer_all(const Error& why) {
  for (auto& [id, waiting] : waiting_) {
    waiting->answer = std::unexpected(why);
    waiting->done.set();
  }
  waiting_.clear();
}

// Only the loss of a stream is news; that it cannot be opened again may go on for long.
awaitable<void> LegacySse::disconnected(Error why) {
  log::at(endpoint_ ? log::Level::info : log::Level::debug,
          "the server's event stream: {}; connecting again", why.message);
  endpoint_.reset();
  settled_.reset();
  answer_all({.kind = ErrorKind::network, .message = std::string(kDisconnected)});
  for (Message& cancellation : session_.withdraw_questions())
    co_await own_->hear(std::move(cancellation));
}

awaitable<Result<Message>> LegacySse::call(Call call) {
  if (closing_) co_return fail(ErrorKind::cancelled, "the connection is being closed");
  const Message request = call.request;
  const auto withdrawal = call.withdrawal;
  const bool opens = request.is_request("initialize");
  auto answer = co_await answer_of(std::move(call));
  if (answer && answer->result()) {
    if (opens) session_.opened(request, *answer, http::Head());
    if (!opens) session_.succeeded(request);
  }
  const bool cancelled = !answer && answer.error().kind == ErrorKind::cancelled;
  if (cancelled && !closing_ && endpoint_ && settled_.is_set() && !opens) {
    const std::string params = fmt::format(R"({{"requestId":{}}})", request.id());
    Message note = withdrawal && *withdrawal
                       ? **withdrawal
                       : mcp::make_notification("notifications/cancelled", params);
    tasks_.spawn("telling of a cancellation", post(std::move(note)));
  }
  co_return answer;
}

awaitable<Result<Message>> LegacySse::answer_of(Call call) {
  auto ready = co_await wait_for_session();
  if (!ready) co_return propagate(ready);
  const bool cancelled = io::is_cancelled(co_await asio::this_coro::cancellation_state);
  if (cancelled) co_return fail(ErrorKind::cancelled, "cancelled");
  co_return co_await exchange(std::move(call.request));
}

awaitable<Result<Message>> LegacySse::exchange(Message request) {
  const std::string id = mcp::canonical_id(request.id());
  auto patience = link_.settings().timeout_read;
  if (request.method() == "tools/call") patience = std::chrono::hours(24 * 365);
  auto waiting = std::make_shared<Waiting>(executor_);
  waiting_.insert_or_assign(id, waiting);
  const auto posting = tasks_.spawn("a POST", post_request(std::move(request), waiting));
  auto arrived = co_await io::with_deadline(patience, wait_for_answer(waiting));
  waiting_.erase(id);
  // What nobody waits for any more must not be sent later, after a pause for the server.
  const auto signal = posting.lock();
  if (signal && (!arrived || !waiting->answer)) signal->emit(asio::cancellation_type::terminal);
  if (!arrived) co_return propagate(arrived, "waiting for the answer on the event stream");
  co_return waiting->answer;
}

// The answer may be quicker than the end of the POST, and then it counts, whatever the POST comes
// to.
awaitable<Result<void>> LegacySse::post_request(Message request, std::shared_ptr<Waiting> waiting) {
  auto posted = co_await post(std::move(request));
  if (!posted && !waiting->done.is_set()) {
    waiting->answer = std::unexpected(posted.error());
    waiting->done.set();
  }
  co_return ok();
}

// Ends with the answer, the end of the stream, or cancellation.
awaitable<Result<void>> LegacySse::wait_for_answer(std::shared_ptr<Waiting> waiting) {
  const bool done = co_await waiting->done.wait();
  if (!done) co_return fail(ErrorKind::cancelled, "cancelled");
  co_return ok();
}

// Ends when the session is there, or never will be.
awaitable<Result<void>> LegacySse::wait_for_session() {
  if (!settled_.is_set()) {
    auto settled = co_await io::with_deadline(link_.settings().timeout_read, io::until(settled_));
    if (!settled && settled.error().kind == ErrorKind::timed_out)
      co_return fail(ErrorKind::unreachable, "SSE endpoint unavailable");
    if (!settled) co_return propagate(settled);
  }
  if (fatal_) co_return std::unexpected(*fatal_);
  if (closing_) co_return fail(ErrorKind::cancelled, "the connection is being closed");
  co_return ok();
}

// An answer to a question does not wait: the question came on the stream that is open, and the
// server may wait for it before it goes on with the handshake.
awaitable<Result<void>> LegacySse::tell(Message message, std::shared_ptr<const Origin>) {
  if (message.is_response()) {
    if (session_.answered(message)) co_return co_await post(std::move(message));
    log::warning("dropped a {} of the client: nobody asked", mcp::label(message));
    co_return ok();
  }
  auto ready = co_await wait_for_session();
  if (!ready) co_return propagate(ready);
  co_return co_await post(std::move(message));
}

awaitable<Result<void>> LegacySse::post(Message message) {
  if (!endpoint_) co_return fail(ErrorKind::network, std::string(kDisconnected));
  Outgoing request;
  request.url = *endpoint_;
  request.fields.add("Content-Type", "application/json");
  request.fields.add("Accept", "application/json, text/event-stream");
  request.body = message.bytes();
  request.replay_safe = mcp::is_replay_safe(message);
  request.label = message.method();
  auto answer = co_await link_.send(std::move(request));
  if (!answer) co_return propagate(answer);
  const int status = answer->head.status;
  if (status == 200 || status == 202 || status == 204) co_return ok();
  co_return std::unexpected(link_.refusal(answer->head));
}

awaitable<void> LegacySse::close() {
  closing_ = true;
  tasks_.cancel();
  co_await tasks_.join();
  settled_.set();
  over_.set();
}

}  // namespace mcpio::upstream
