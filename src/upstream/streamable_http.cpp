// SPDX-License-Identifier: MIT
#include "upstream/streamable_http.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "base/limits.h"
#include "base/log.h"
#include "codec/json_view.h"
#include "io/deadline.h"
#include "io/pause.h"
#include "mcp/methods.h"

namespace mcpio::upstream {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kNotSentAgain =
    "; it was not sent again, because the server may have executed it";

// Long quiet tools are legitimate; whatever else is silent for long is broken.
bool may_be_quiet(const Message& request) { return request.method() == "tools/call"; }

// Did it fail in a way that leaves open whether the server has executed the request?
bool may_be_executed(ErrorKind kind) {
  return kind == ErrorKind::network || kind == ErrorKind::timed_out || kind == ErrorKind::protocol;
}

// The answer broke off, and could not be taken up where it did.
std::unexpected<Error> interrupted(Error why) {
  if (why.kind == ErrorKind::protocol || why.kind == ErrorKind::rejected ||
      why.kind == ErrorKind::unreachable)
    why.kind = ErrorKind::network;
  why.message.insert(0, "upstream stream interrupted: ");
  return std::unexpected(std::move(why));
}

// A server that cannot read the id answers under null, or none (JSON-RPC 2.0, section 5).
bool answers_nobody(const Message& response) {
  return response.error() && (response.id().empty() || codec::is_null(response.id()));
}

// What was heard is no answer; a page of another program gets a word about what it is.
std::unexpected<Error> unusable(Error why, const MessageStream& stream, std::string_view type) {
  if (why.kind != ErrorKind::protocol || stream.is_event_stream()) return std::unexpected(why);
  return fail(ErrorKind::protocol,
              fmt::format("HTTP 200 with {} instead of a JSON-RPC message; is the URL right?",
                          describe_body(stream.preview(), type)));
}

std::size_t announced_size(const http::Head& head) {
  std::size_t size = 0;
  const auto length = head.fields.find("content-length");
  if (length && !head.fields.find("content-encoding"))
    std::from_chars(length->data(), length->data() + length->size(), size);
  return size;
}

// The words of a JSON-RPC error, fit for an error text of ours.
std::string error_words(const Message& response) {
  const auto text = codec::find_member(*response.error(), "message");
  auto words = text ? codec::string_value(*text).value_or("") : std::string();
  std::replace_if(
      words.begin(), words.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; }, ' ');
  if (words.size() > 200) words.resize(200);
  return words;
}

}  // namespace

StreamableHttp::StreamableHttp(asio::any_io_executor executor, OriginLink& link, codec::Url url,
                               Settings settings)
    : executor_(executor),
      link_(link),
      url_(std::move(url)),
      settings_(settings),
      initialized_(executor),
      new_session_(executor),
      closed_(executor),
      listening_(executor),
      tasks_(executor) {}

awaitable<Result<Message>> StreamableHttp::call(Call call) {
  if (closing_) co_return fail(ErrorKind::cancelled, "the connection is being closed");
  const bool opens = call.request.method() == "initialize";
  auto answer = co_await carry(call);
  const bool cancelled = !answer && answer.error().kind == ErrorKind::cancelled;
  // An initialize cannot be cancelled (specification, basic/utilities/cancellation).
  if (cancelled && !opens && !closing_)
    tasks_.spawn("telling of a cancellation", tell_cancelled(std::move(call)));
  co_return answer;
}

// Once more in a new session, if the server has lost the old one.
awaitable<Result<Message>> StreamableHttp::carry(Call call) {
  if (call.request.method() != "initialize") {
    auto ready = co_await renewed_if_needed();
    if (!ready) co_return propagate(ready, "session lost");
  }
  if (closing_) co_return fail(ErrorKind::cancelled, "cancelled");
  const int epoch = session_.epoch();
  auto answer = co_await exchange(call);
  if (answer || answer.error().kind != ErrorKind::session_lost) co_return answer;
  auto renewed = co_await renew(epoch);
  if (!renewed) co_return propagate(renewed, "session lost");
  co_return co_await exchange(std::move(call));
}

awaitable<Result<Message>> StreamableHttp::exchange(Call call) {
  const Message asked = call.request;
  const bool opens = asked.method() == "initialize";
  const bool in_session = !opens && session_.has_id();
  const int epoch = session_.epoch();
  auto reply = co_await converse(std::move(call), posting(asked, !opens));
  if (opens) opening_status_ = reply ? reply->head.status : reply.error().http_status;
  if (!reply) {
    const bool was_refused = reply.error().kind == ErrorKind::rejected;
    if (!was_refused || !in_session) co_return propagate(reply);
    const bool lost = co_await means_lost_session(reply.error().http_status, epoch);
    if (lost) co_return fail(ErrorKind::session_lost, reply.error().message);
    co_return propagate(reply);
  }
  if (reply->message.result() && opens) replace_session(asked, reply->message, reply->head);
  if (reply->message.result() && !opens) session_.succeeded(asked);
  co_return std::move(reply->message);
}

// Sends a request and hears its answer: again if the answer breaks off and the request may be
// executed twice. What the server said in full and wrongly it would say again: that is an error.
awaitable<Result<StreamableHttp::Reply>> StreamableHttp::converse(Call call, Outgoing request) {
  const int epoch = session_.epoch();
  const bool in_session = request.fields.find("Mcp-Session-Id").has_value();
  for (;;) {
    auto sending = link_.send(request);
    auto answer = co_await std::move(sending);
    if (!answer) {
      if (!request.replay_safe && may_be_executed(answer.error().kind))
        answer.error().message += kNotSentAgain;
      co_return propagate(answer);
    }
    request.attempts_made = answer->attempts;
    const http::Head head = answer->head;
    // A late answer of a lost session must not bring its id back. The first handshake's is needed
    // at once, for answers to what its own stream asks.
    const bool is_first = !session_.initialize() && call.request.method() == "initialize";
    if (head.status == 200 && (in_session || is_first) && epoch == session_.epoch())
      session_.adopt_id(head);
    auto response = co_await read_answer(call, *std::move(answer), epoch, in_session);
    if (response) co_return Reply{*std::move(response), head};

    Error& failure = response.error();
    if (failure.kind != ErrorKind::network && failure.kind != ErrorKind::timed_out)
      co_return propagate(response);
    if (!request.replay_safe) failure.message += kNotSentAgain;
    if (!request.replay_safe || request.attempts_made >= link_.settings().attempts)
      co_return propagate(response);
    log::info("{}: {}, trying again", request.label, failure.message);
    const bool waited = co_await io::pause(link_.settings().retry_delay * request.attempts_made);
    if (!waited) co_return fail(ErrorKind::cancelled, "cancelled");
  }
}

awaitable<Result<Message>> StreamableHttp::read_answer(Call call, Answer answer, int epoch,
                                                       bool in_session) {
  const int status = answer.head.status;
  if (status == 200) co_return co_await hear_answer(std::move(call), std::move(answer), epoch);
  if (status == 202) co_return fail(ErrorKind::protocol, "HTTP 202 (no response body for request)");
  // The session is lost, whatever the body says about this request.
  if (status == 404 && in_session) co_return std::unexpected(link_.refusal(answer.head));
  co_return co_await refused(std::move(call), std::move(answer));
}

// Ends with the answer, a refusal of the server, cancellation, or --timeout-request. Fails with
// `network` or `timed_out` if the answer broke off.
awaitable<Result<Message>> StreamableHttp::hear_answer(Call call, Answer answer, int epoch) {
  Resumption resumption;
  resumption.epoch = epoch;
  resumption.opens = call.request.method() == "initialize";
  if (resumption.opens) resumption.opening_id = Session::id_in(answer.head);
  resumption.may_be_quiet = may_be_quiet(call.request);
  const std::string type = answer.type();
  Stream stream = stream_of(answer);
  ReconnectDelay delay;
  for (;;) {
    auto response = co_await hear_until_answer(call, stream);
    if (response && *response) {
      if (stream->is_event_stream() && !stream->is_over() && !closing_)
        tasks_.spawn("reading on", linger(std::move(stream), call.related));
      co_return **std::move(response);
    }
    if (!response && !stream->broke_off())
      co_return unusable(std::move(response).error(), *stream, type);
    resumption.learn(*stream);
    if (stream->heard_anything()) delay.heard();
    if (resumption.last_event_id.empty() || !session_.version().has_resumption) {
      if (!response) co_return interrupted(std::move(response).error());
      co_return fail(ErrorKind::protocol, stream->is_event_stream()
                                              ? "the server ended the stream without a response"
                                              : "empty response from server");
    }
    auto taking_up = take_up_again(resumption, delay.next(resumption.retry));
    auto again = co_await std::move(taking_up);
    if (!again) co_return interrupted(std::move(again).error());
    stream = *std::move(again);
  }
}

void StreamableHttp::Resumption::learn(const MessageStream& stream) {
  if (!stream.last_event_id().empty()) last_event_id = stream.last_event_id();
  if (stream.retry()) retry = stream.retry();
}

// No value: the stream ended as it should, and before the answer.
awaitable<Result<std::optional<Message>>> StreamableHttp::hear_until_answer(Call call,
                                                                            Stream stream) {
  for (;;) {
    auto next = co_await stream->next();
    if (!next || !*next) co_return next;
    auto answer = co_await pass_on(call, stream, **std::move(next));
    if (answer) co_return answer;
  }
}

// The message, if it answers the call; everything else is heard by whoever asked.
awaitable<std::optional<Message>> StreamableHttp::pass_on(Call call, Stream stream,
                                                          Message message) {
  if (!message.is_response()) {
    co_await hear(call.related, std::move(stream), std::move(message));
    co_return std::nullopt;
  }
  if (mcp::canonical_id(message.id()) == mcp::canonical_id(call.request.id())) co_return message;
  if (answers_nobody(message)) {
    co_return Message::of(fmt::format(R"({{"jsonrpc":"2.0","id":{},"error":{}}})",
                                      call.request.id(), *message.error()));
  }
  stream->warnings().write("dropped a {} in the answer to {}", mcp::label(message),
                           mcp::label(call.request));
  co_return std::nullopt;
}

// What the server says on its way to the client. A question that cannot be kept is answered here,
// since the server waits; that it has to wait for that is what keeps a flood of them small.
awaitable<void> StreamableHttp::hear(std::shared_ptr<Hearer> hearer, Stream stream,
                                     Message message) {
  if (session_.heard(message)) {
    co_await hearer->hear(std::move(message));
    co_return;
  }
  stream->warnings().write(
      "refused a question of the server: too many are open, or its id is too long");
  auto refusal = Session::refusal_of(message);
  if (!refusal) co_return;
  auto refused = co_await post(*std::move(refusal));
  if (!refused) log::debug("refusing a question: {}", refused.error().message);
}

// A status that is no success. If the body is a JSON-RPC error for this request, that is its
// answer.
awaitable<Result<Message>> StreamableHttp::refused(Call call, Answer answer) {
  Error refusal = link_.refusal(answer.head);
  const std::string type = answer.type();
  Stream stream = stream_of(answer);
  auto body = co_await io::with_deadline(std::chrono::seconds(10), stream->next());
  if (!body && body.error().kind == ErrorKind::cancelled) co_return propagate(body);
  if (body && *body && (*body)->is_response() && (*body)->error()) {
    if (mcp::canonical_id((*body)->id()) == mcp::canonical_id(call.request.id()))
      co_return **std::move(body);
    refusal.message += fmt::format(": {}", error_words(**body));
  } else if (type == "text/html") {
    refusal.message += fmt::format(" with {}", describe_body(stream->preview(), type));
  }
  co_return std::unexpected(std::move(refusal));
}

// Revision 2025-11-25, basic/transports, "Resumability and Redelivery".
awaitable<Result<StreamableHttp::Stream>> StreamableHttp::take_up_again(Resumption resumption,
                                                                        milliseconds wait) {
  const bool waited = co_await io::pause(wait);
  if (!waited) co_return fail(ErrorKind::cancelled, "cancelled");
  if (!resumption.opens && resumption.epoch != session_.epoch())
    co_return fail(ErrorKind::network, "the server has lost its session");
  log::debug("taking up a stream again after event {}", resumption.last_event_id);
  auto opening = open_stream(resumption);
  auto answer = co_await std::move(opening);
  if (!answer) co_return propagate(answer);
  const Error refusal = link_.refusal(answer->head);
  if (refusal.http_status == 200 && answer->type() == "text/event-stream")
    co_return stream_of(*answer);
  answer->body.reset();
  bool lost = !resumption.opens && session_.has_id() && may_mean_lost_session(refusal.http_status);
  if (lost) lost = co_await has_lost_session();
  if (!lost) co_return std::unexpected(refusal);
  // Not waited for: a renewal may be what this stream belongs to.
  tasks_.spawn("opening a new session", renew(resumption.epoch));
  co_return fail(ErrorKind::network, "the server has lost its session");
}

// What the server still says on a stream that has given its answer. If the stream ends soon, its
// connection can be used again.
awaitable<Result<void>> StreamableHttp::linger(Stream stream, std::shared_ptr<Hearer> hearer) {
  const auto until = std::chrono::steady_clock::now() + limits::kStreamLinger;
  for (;;) {
    const auto left = until - std::chrono::steady_clock::now();
    if (left <= left.zero()) co_return ok();
    auto next = co_await io::with_deadline(std::chrono::ceil<milliseconds>(left), stream->next());
    if (!next || !*next) co_return ok();
    Message message = **std::move(next);
    if (message.is_response()) {
      stream->warnings().write("dropped a second {} on one stream", mcp::label(message));
    } else {
      co_await hear(hearer, stream, std::move(message));
    }
  }
}

awaitable<Result<void>> StreamableHttp::tell(Message message, std::shared_ptr<const Origin>) {
  if (closing_) co_return fail(ErrorKind::cancelled, "the connection is being closed");
  if (message.is_response() && !session_.answered(message)) {
    log::warning("dropped a {} of the client: nobody asked", mcp::label(message));
    co_return ok();
  }
  const bool initialized = message.is_notification("notifications/initialized");
  const bool is_answer = message.is_response();
  // An answer waits for nothing: the handshake itself may have asked.
  if (!is_answer) {
    auto ready = co_await renewed_if_needed();
    if (!ready) co_return propagate(ready, "session lost");
  }
  if (closing_) co_return fail(ErrorKind::cancelled, "cancelled");
  const int epoch = session_.epoch();
  auto posted = co_await post(message);
  if (!posted && posted.error().kind == ErrorKind::session_lost) {
    auto renewed = co_await renew(epoch);
    if (!renewed) co_return propagate(renewed, "session lost");
    // The new session has been told that we are initialized, and never asked what the old one did.
    posted = ok();
    if (!initialized && !is_answer) posted = co_await post(std::move(message));
  }
  if (posted && initialized && !initialized_.is_set()) {
    listening_.reset();
    initialized_.set();
    if (own_) co_await wait_until_heard();
  }
  co_return posted;
}

awaitable<Result<void>> StreamableHttp::post(Message message) {
  const bool in_session = session_.has_id();
  const int epoch = session_.epoch();
  auto answer = co_await link_.send(posting(message, true));
  if (!answer) co_return propagate(answer);
  const int status = answer->head.status;
  if (status < 200 || status >= 300) {
    const Error refusal = link_.refusal(answer->head);
    answer->body.reset();
    bool lost = in_session;
    if (lost) lost = co_await means_lost_session(status, epoch);
    if (lost) co_return fail(ErrorKind::session_lost, refusal.message);
    co_return std::unexpected(refusal);
  }
  if (in_session && status == 200 && epoch == session_.epoch()) session_.adopt_id(answer->head);
  if (own_ && !closing_) tasks_.spawn("reading on", linger(stream_of(*answer), own_));
  co_return ok();
}

awaitable<Result<void>> StreamableHttp::tell_cancelled(Call call) {
  if (call.withdrawal && *call.withdrawal) co_return co_await post(**call.withdrawal);
  const std::string params = fmt::format(R"({{"requestId":{}}})", call.request.id());
  co_return co_await post(mcp::make_notification("notifications/cancelled", params));
}

awaitable<Result<void>> StreamableHttp::run(std::shared_ptr<Hearer> own) {
  own_ = std::move(own);
  tasks_.spawn("listening to the server", listen());
  if (settings_.ping_interval.count() > 0) tasks_.spawn("pinging the server", ping_now_and_then());
  co_await closed_.wait();
  co_return ok();
}

awaitable<void> StreamableHttp::close() {
  closing_ = true;
  tasks_.cancel();
  co_await tasks_.join();
  if (session_.has_id()) {
    Outgoing farewell = outgoing("DELETE", true);
    auto ended = co_await io::with_deadline(limits::kGoodbye, end_session(std::move(farewell)));
    if (!ended) log::debug("ending the session: {}", ended.error().message);
  }
  closed_.set();
}

// 405 means that the server does not let clients end sessions: nothing is wrong.
awaitable<Result<void>> StreamableHttp::end_session(Outgoing request) {
  request.label = "ending the session";
  auto answer = co_await link_.send(std::move(request));
  if (!answer) co_return propagate(answer);
  log::debug("ended the session: HTTP {}", answer->head.status);
  co_return ok();
}

// A client may shake hands again; then nobody will use its old session any more.
void StreamableHttp::replace_session(const Message& initialize, const Message& answer,
                                     const http::Head& head) {
  const std::string old_id = session_.id();
  Outgoing farewell = outgoing("DELETE", true);
  session_.opened(initialize, answer, head);
  half_open_ = false;
  initialized_.reset();
  new_session_.set();
  if (!old_id.empty() && old_id != session_.id() && !closing_)
    tasks_.spawn("ending the old session", end_session(std::move(farewell)));
}

Outgoing StreamableHttp::outgoing(std::string method, bool in_session) const {
  Outgoing request;
  request.method = std::move(method);
  request.url = url_;
  if (request.method == "POST") {
    request.fields.add("Content-Type", "application/json");
    request.fields.add("Accept", "application/json, text/event-stream");
  }
  if (in_session) session_.add_to(request.fields);
  return request;
}

Outgoing StreamableHttp::posting(const Message& message, bool in_session) const {
  Outgoing request = outgoing("POST", in_session);
  request.body = message.bytes();
  request.replay_safe = mcp::is_replay_safe(message);
  request.may_be_quiet = may_be_quiet(message);
  request.label = message.is_response() ? "an answer of the client" : message.method();
  return request;
}

StreamableHttp::Stream StreamableHttp::stream_of(Answer& answer) const {
  const bool events = answer.type() == "text/event-stream";
  return std::make_shared<MessageStream>(
      std::move(answer.body),
      events ? MessageStream::Framing::events : MessageStream::Framing::json, settings_.limits,
      events ? 0 : announced_size(answer.head));
}

std::string StreamableHttp::own_id() {
  return fmt::format("\"{}{}\"", mcp::kOwnIdPrefix, ++own_ids_);
}

}  // namespace mcpio::upstream
