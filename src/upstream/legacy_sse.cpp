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
    auto heard = co_await hear_stream();
    const Error why = heard ? Error{ErrorKind::network, "the stream ended"} : heard.error();
    if (why.kind == ErrorKind::cancelled) co_return ok();
    if (first && !endpoint_) {
      fatal_ = why;
      settled_.set();
      over_.set();
      co_return ok();
    }
    disconnected(why);
    const bool waited = co_await io::pause(settings_.reconnect_delay);
    if (!waited) co_return ok();
  }
}

// From opening one stream to its end.
awaitable<Result<void>> LegacySse::hear_stream() {
  auto opened = co_await open();
  if (!opened) co_return propagate(opened);
  const std::shared_ptr<MessageStream> stream = *std::move(opened);
  for (;;) {
    auto next = co_await stream->next();
    if (!next) co_return propagate(next);
    if (!*next) co_return ok();
    co_await take(**std::move(next));
  }
}

awaitable<Result<std::shared_ptr<MessageStream>>> LegacySse::open() {
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
  auto found = co_await io::with_deadline(link_.settings().timeout_connect, find_endpoint(stream));
  if (!found && found.error().kind == ErrorKind::timed_out)
    co_return fail(ErrorKind::timed_out,
                   "the server's event stream named no endpoint in time (--timeout-connect)");
  if (!found) co_return propagate(found);
  co_return stream;
}

awaitable<Result<void>> LegacySse::find_endpoint(std::shared_ptr<MessageStream> stream) {
  while (!stream->endpoint()) {
    auto next = co_await stream->next_event();
    if (!next) co_return propagate(next);
    if (!*next)
      co_return fail(ErrorKind::protocol, "the server's event stream ended without an endpoint");
  }
  co_return learn_endpoint(*stream->endpoint());
}

Result<void> LegacySse::learn_endpoint(const std::string& reference) {
  auto url = codec::resolve(url_, reference);
  if (!url) return propagate(url, "the endpoint the server named");
  if (settings_.has_credentials && !codec::same_origin(url_, *url))
    return fail(
        ErrorKind::rejected,
        fmt::format("the server names an endpoint on another origin, {}, which must not get "
                    "the credentials of {}",
                    codec::origin_of(*url), codec::origin_of(url_)));
  endpoint_ = *std::move(url);
  log::debug("the server's endpoint is {}", codec::for_log(*endpoint_));
  settled_.set();
  return ok();
}

// One message from the stream.
awaitable<void> LegacySse::take(Message message) {
  if (message.is_response()) {
    const auto waiting = waiting_.find(mcp::canonical_id(message.id()));
    if (waiting == waiting_.end()) {
      log::warning("dropped a {}: nothing was asked under its id", mcp::label(message));
      co_return;
    }
    waiting->second->answer = std::move(message);
    waiting->second->done.set();
    waiting_.erase(waiting);
    co_return;
  }
  if (session_.heard(message)) {
    co_await own_->hear(std::move(message));
    co_return;
  }
  log::warning("refused a question of the server: too many are open, or its id is too long");
  auto refusal = Session::refusal_of(message);
  if (!refusal) co_return;
  auto refused = co_await post(*std::move(refusal));
  if (!refused) log::debug("refusing a question: {}", refused.error().message);
}

void LegacySse::disconnected(const Error& why) {
  log::info("the server's event stream: {}; connecting again", why.message);
  endpoint_.reset();
  settled_.reset();
  for (auto& [id, waiting] : waiting_) {
    waiting->answer = fail(ErrorKind::network, std::string(kDisconnected));
    waiting->done.set();
  }
  waiting_.clear();
}

awaitable<Result<Message>> LegacySse::call(Call call) {
  if (closing_) co_return fail(ErrorKind::cancelled, "the connection is being closed");
  const Message request = call.request;
  const auto withdrawal = call.withdrawal;
  auto answer = co_await answer_of(std::move(call));
  waiting_.erase(mcp::canonical_id(request.id()));
  const bool cancelled = !answer && answer.error().kind == ErrorKind::cancelled;
  if (cancelled && !closing_ && endpoint_ && !request.is_request("initialize")) {
    const std::string params = fmt::format(R"({{"requestId":{}}})", request.id());
    Message note = withdrawal && *withdrawal
                       ? **withdrawal
                       : mcp::make_notification("notifications/cancelled", params);
    tasks_.spawn("telling of a cancellation", post(std::move(note)));
  }
  co_return answer;
}

awaitable<Result<Message>> LegacySse::answer_of(Call call) {
  auto found = co_await wait_for_endpoint();
  if (!found) co_return propagate(found);
  auto waiting = std::make_shared<Waiting>(executor_);
  waiting_.insert_or_assign(mcp::canonical_id(call.request.id()), waiting);
  tasks_.spawn("a POST", post_request(call.request, waiting));
  auto patience = link_.settings().timeout_read;
  if (call.request.method() == "tools/call") patience = std::chrono::hours(24 * 365);
  auto arrived = co_await io::with_deadline(patience, wait_for_answer(waiting));
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

awaitable<Result<void>> LegacySse::wait_for_endpoint() {
  if (!settled_.is_set()) {
    auto settled = co_await io::with_deadline(link_.settings().timeout_read, io::until(settled_));
    if (!settled && settled.error().kind == ErrorKind::timed_out)
      co_return fail(ErrorKind::unreachable, "SSE endpoint unavailable");
    if (!settled) co_return propagate(settled);
  }
  if (fatal_) co_return std::unexpected(*fatal_);
  co_return ok();
}

awaitable<Result<void>> LegacySse::tell(Message message, std::shared_ptr<const Origin>) {
  if (message.is_response() && !session_.answered(message)) {
    log::warning("dropped a {} of the client: nobody asked", mcp::label(message));
    co_return ok();
  }
  auto found = co_await wait_for_endpoint();
  if (!found) co_return propagate(found);
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
  over_.set();
}

}  // namespace mcpio::upstream
