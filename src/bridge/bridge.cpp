// SPDX-License-Identifier: MIT
#include "bridge/bridge.h"

#include <fmt/core.h>

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <utility>

#include "base/limits.h"
#include "base/log.h"
#include "bridge/rescue.h"
#include "codec/json_view.h"
#include "io/deadline.h"
#include "mcp/methods.h"

namespace mcpio::bridge {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kShuttingDown =
    "mcp-stdio is shutting down; this request was not answered";

void log_message(std::string_view direction, const Message& message) {
  if (!log::enabled(log::Level::debug)) return;
  log::debug("{} {} ({} bytes)", direction, mcp::label(message), message.text().size());
  log::trace("{} {}", direction, message.text());
}

// The request of that canonical id in a queue of waiting messages.
template <class Queue>
auto find_request(Queue& queue, std::string_view id) {
  return std::find_if(queue.begin(), queue.end(), [&](const auto& waiting) {
    return waiting.message.is_request() && mcp::canonical_id(waiting.message.id()) == id;
  });
}

std::string out_of_time(milliseconds limit) {
  return fmt::format("no answer within the time allowed (--timeout-request {:g})",
                     std::chrono::duration<double>(limit).count());
}

void log_duration(const Message& request, SteadyTime begun) {
  if (!log::enabled(log::Level::debug)) return;
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begun;
  log::debug("{} took {:.1f} ms", mcp::label(request), took.count());
}

}  // namespace

Bridge::Bridge(asio::any_io_executor executor, std::unique_ptr<Upstream> top,
               std::shared_ptr<Hearer> client, Settings settings)
    : executor_(executor),
      top_(std::move(top)),
      client_(std::move(client)),
      settings_(settings),
      idle_(executor),
      upstream_ended_(executor),
      life_(executor),
      calls_(executor),
      tells_(executor),
      refusals_(executor) {
  life_.spawn("upstream", live());
}

awaitable<Result<void>> Bridge::live() {
  auto lived = co_await top_->run(client_);
  if (!lived) failure_ = lived.error();
  upstream_ended_.set();
  co_return ok();
}

void Bridge::accept(Message message, std::shared_ptr<Reply> reply) {
  log_message("->", message);
  idle_.reset();
  Waiting waiting(std::move(message), std::move(reply));
  if (stopping_) return refuse(std::move(waiting), mcp::error_code::kBridge, kShuttingDown);
  if (auto why = objection(waiting.message)) return reject(std::move(waiting), *why);
  if (waiting.message.is_notification("notifications/cancelled"))
    return cancel(std::move(waiting.message));
  const bool in_order = waiting.message.is_request() && !held_.empty();
  if (in_order || is_behind_handshake(waiting.message)) return enqueue(held_, std::move(waiting));
  route(std::move(waiting));
}

// Why a message of the client cannot be used; no value: it can.
std::optional<std::string> Bridge::objection(const Message& message) const {
  if (const auto why = message.ambiguity(); !why.empty()) return std::string(why);
  if (!message.is_request()) return std::nullopt;
  const std::string id = mcp::canonical_id(message.id());
  if (std::string_view(id).substr(1).starts_with(mcp::kOwnIdPrefix))
    return fmt::format("ids that begin with {} are reserved", mcp::kOwnIdPrefix);
  if (flights_.contains(id) || find_request(held_, id) != held_.end() ||
      find_request(waiting_, id) != waiting_.end())
    return "a request with this id is under way already";
  return std::nullopt;
}

// A request gets an error, and so does a server that waits for the answer to its question.
void Bridge::reject(Waiting waiting, std::string_view why) {
  const bool answers = waiting.message.is_response() && !waiting.message.id().empty();
  if (!answers) return refuse(std::move(waiting), mcp::error_code::kInvalidRequest, why);
  log::warning("sent an error in place of a {}: {}", mcp::label(waiting.message), why);
  waiting.message =
      mcp::make_error(waiting.message.id(), mcp::error_code::kInvalidRequest,
                      fmt::format("the client's answer cannot be passed on: {}", why));
  route(std::move(waiting));
}

bool Bridge::is_behind_handshake(const Message& message) const {
  if (message.is_response()) return false;  // the handshake itself may wait for it
  return opening_ || (message.is_request() && confirming_ > 0);
}

void Bridge::route(Waiting waiting) {
  const Message& message = waiting.message;
  if (message.is_request()) {
    const bool has_place = counted_ < limits::kRequestsInFlight && waiting_.empty();
    const bool may_pass =
        message.method() == "ping" && in_exchange_ < 2 * limits::kRequestsInFlight;
    if (!has_place && !may_pass) return enqueue(waiting_, std::move(waiting));
    return begin(std::move(waiting));
  }
  if (tells_.size() >= limits::kTellsInFlight) {
    log::warning("dropped a {}: the server does not take what the client says",
                 mcp::label(message));
    return;
  }
  if (message.is_notification("notifications/initialized")) ++confirming_;
  ++telling_;
  tells_.spawn("telling the server", say(std::move(waiting.message)));
}

void Bridge::begin(Waiting waiting) {
  std::string key = mcp::canonical_id(waiting.message.id());
  const bool counted = waiting.message.method() != "ping";
  if (counted) ++counted_;
  ++in_exchange_;
  Flight& flight = flights_[key];
  flight.opens = waiting.message.is_request("initialize");
  if (flight.opens) opening_ = true;
  flight.withdrawal = std::make_shared<std::optional<Message>>();
  auto canceller = calls_.spawn("a request", exchange(std::move(waiting), key, counted));
  // It may have run to its end already.
  const auto still = flights_.find(key);
  if (still != flights_.end()) still->second.canceller = std::move(canceller);
}

// One request, from here to its answer.
awaitable<Result<void>> Bridge::exchange(Waiting waiting, std::string key, bool counted) {
  const auto begun = std::chrono::steady_clock::now();
  const Message request = std::move(waiting.message);
  const auto withdrawal = flights_.at(key).withdrawal;
  Call call(request, client_, nullptr, withdrawal);
  auto answer = co_await ask(std::move(call), waiting.since);

  const bool opens = request.is_request("initialize");
  if (opens) {
    const auto version = answer && answer->result()
                             ? codec::find_member(*answer->result(), "protocolVersion")
                             : std::nullopt;
    if (version) protocol_version_ = codec::string_value(*version).value_or("");
  }
  // The client may use the id again as soon as it has read the answer.
  flights_.erase(key);
  std::optional<Message> reply;
  if (*withdrawal) {
    log::debug("{} was cancelled", mcp::label(request));  // an answer would come too late
  } else if (answer) {
    reply = answer->with_id(request.id());
  } else if (answer.error().kind == ErrorKind::cancelled) {
    reply = reply_for(request, Error{ErrorKind::cancelled, std::string(kShuttingDown)});
  } else {
    reply = reply_for(request, answer.error());
    log::warning("{}: {}", mcp::label(request), answer.error().message);
  }
  if (reply) log_message("<-", *reply);
  log_duration(request, begun);
  co_await waiting.reply->answer(std::move(reply));
  if (opens) opening_ = false;
  if (counted) --counted_;
  --in_exchange_;
  release();
  co_return ok();
}

awaitable<Result<Message>> Bridge::ask(Call call, SteadyTime since) {
  const milliseconds limit = settings_.request_timeout;
  if (limit.count() == 0) co_return co_await top_->call(std::move(call));
  const auto due = since + limit;
  const auto left = std::chrono::ceil<milliseconds>(due - std::chrono::steady_clock::now());
  if (left.count() <= 0) co_return fail(ErrorKind::timed_out, out_of_time(limit));
  auto answer = co_await io::with_deadline(left, top_->call(std::move(call)));
  const bool is_late = std::chrono::steady_clock::now() >= due;
  if (is_late && !answer && answer.error().kind == ErrorKind::timed_out)
    answer.error().message = out_of_time(limit);
  co_return answer;
}

awaitable<Result<void>> Bridge::say(Message message) {
  const bool confirms = message.is_notification("notifications/initialized");
  auto told = co_await top_->tell(std::move(message), nullptr);
  if (confirms) --confirming_;
  --telling_;
  release();
  co_return told;
}

// Lets go what nothing holds any more. What is answered at once calls this again: it must not nest
// as deep as the queues are long.
void Bridge::release() {
  if (releasing_) return;
  releasing_ = true;
  while (!held_.empty() && !is_behind_handshake(held_.front().message)) {
    Waiting next = std::move(held_.front());
    held_.pop_front();
    waiting_bytes_ -= next.message.text().size();
    route(std::move(next));
  }
  while (!waiting_.empty() && counted_ < limits::kRequestsInFlight) {
    Waiting next = std::move(waiting_.front());
    waiting_.pop_front();
    waiting_bytes_ -= next.message.text().size();
    begin(std::move(next));
  }
  releasing_ = false;
  set_idle_if_so();
}

void Bridge::set_idle_if_so() {
  if (in_exchange_ == 0 && telling_ == 0 && held_.empty() && waiting_.empty()) idle_.set();
}

void Bridge::enqueue(Queue& queue, Waiting waiting) {
  const std::size_t size = waiting.message.text().size();
  if (held_.size() + waiting_.size() >= limits::kRequestsWaiting ||
      waiting_bytes_ + size > limits::kRequestsWaitingBytes)
    return refuse(std::move(waiting), mcp::error_code::kBridge,
                  "too many requests are waiting; try again when some are answered");
  waiting_bytes_ += size;
  queue.push_back(std::move(waiting));
  if (settings_.request_timeout.count() == 0 || watching_the_clock_) return;
  watching_the_clock_ = true;
  calls_.spawn("the clock", watch_the_clock());
}

// Answers requests that have waited for as long as they may take in all. Runs while any wait.
awaitable<Result<void>> Bridge::watch_the_clock() {
  asio::steady_timer timer(executor_);
  for (auto due = next_due(); due; due = next_due()) {
    timer.expires_at(*due);
    co_await timer.async_wait(as_result);
    const bool cancelled = io::is_cancelled(co_await asio::this_coro::cancellation_state);
    if (cancelled) break;
    refuse_overdue(held_);
    refuse_overdue(waiting_);
    release();
  }
  watching_the_clock_ = false;
  co_return ok();
}

// When the time of the first request that waits is over; no value: none waits.
std::optional<SteadyTime> Bridge::next_due() const {
  // What waits for a place came before what is held.
  for (const Queue* queue : {&waiting_, &held_})
    for (const Waiting& waiting : *queue)
      if (waiting.message.is_request()) return waiting.since + settings_.request_timeout;
  return std::nullopt;
}

void Bridge::refuse_overdue(Queue& queue) {
  const auto begun = std::chrono::steady_clock::now() - settings_.request_timeout;
  Queue all = std::exchange(queue, {});
  for (Waiting& waiting : all) {
    if (!waiting.message.is_request() || waiting.since > begun) {
      queue.push_back(std::move(waiting));
      continue;
    }
    waiting_bytes_ -= waiting.message.text().size();
    refuse(std::move(waiting), mcp::error_code::kBridge, out_of_time(settings_.request_timeout));
  }
}

void Bridge::refuse(Waiting waiting, int code, std::string_view why) {
  if (!waiting.message.is_request()) {
    log::warning("dropped a {}: {}", mcp::label(waiting.message), why);
    return;
  }
  // So many refusals wait only for a client that asks and asks and does not read.
  if (refusals_.size() >= limits::kRefusalsGiven) {
    log::warning("dropped a {}: the client does not read its answers", mcp::label(waiting.message));
    return;
  }
  auto error = mcp::make_error(waiting.message.id(), code, why);
  refusals_.spawn("refusing a request", give(std::move(waiting.reply), std::move(error)));
}

awaitable<Result<void>> Bridge::give(std::shared_ptr<Reply> reply, std::optional<Message> message) {
  if (message) log_message("<-", *message);
  co_await reply->answer(std::move(message));
  set_idle_if_so();
  co_return ok();
}

void Bridge::cancel(Message note) {
  const auto request_id =
      note.params() ? codec::find_member(*note.params(), "requestId") : std::nullopt;
  const std::string id = request_id ? mcp::canonical_id(*request_id) : std::string();
  if (cancel_in(held_, id) || cancel_in(waiting_, id)) return release();
  const auto flight = flights_.find(id);
  if (flight != flights_.end() && settings_.drop_late_answers) {
    // An initialize cannot be cancelled (specification, basic/utilities/cancellation).
    if (flight->second.opens) return;
    *flight->second.withdrawal = std::move(note);  // the upstream passes it on
    if (auto signal = flight->second.canceller.lock())
      signal->emit(asio::cancellation_type::terminal);
    return;
  }
  if (opening_) return enqueue(held_, Waiting(std::move(note), nullptr));
  route(Waiting(std::move(note), nullptr));
}

// A request that was never sent is simply forgotten.
bool Bridge::cancel_in(Queue& queue, std::string_view id) {
  const auto found = find_request(queue, id);
  if (found == queue.end()) return false;
  waiting_bytes_ -= found->message.text().size();
  refusals_.spawn("a cancelled request", give(std::move(found->reply), std::nullopt));
  queue.erase(found);
  return true;
}

void Bridge::refuse_all(Queue& queue) {
  for (Waiting& waiting : queue)
    refuse(std::move(waiting), mcp::error_code::kBridge, kShuttingDown);
  queue.clear();
}

awaitable<void> Bridge::stop(milliseconds grace) {
  set_idle_if_so();
  auto done = co_await io::with_deadline(grace, io::until(idle_));
  const std::size_t left = flights_.size();
  if (!done) log::info("stopping with {} request{} unanswered", left, left == 1 ? "" : "s");
  stopping_ = true;
  refuse_all(held_);
  refuse_all(waiting_);
  calls_.cancel();
  co_await calls_.join();
  tells_.cancel();
  co_await tells_.join();
  co_await top_->close();
  co_await life_.join();
  refusals_.cancel();  // those of the meantime too
  co_await refusals_.join();
}

}  // namespace mcpio::bridge
