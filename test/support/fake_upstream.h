// SPDX-License-Identifier: MIT
// An Upstream that does what the test says, and remembers what it was asked.
#pragma once

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "io/event.h"
#include "spine/upstream.h"

namespace mcpio::test {

//   auto owned = std::make_unique<FakeUpstream>(executor);
//   FakeUpstream& server = *owned;      // good as long as whoever owns it lives
//   ...
//   server.answer("1", R"({"tools":[]})");
//
// A call waits until it is answered or cancelled, unless answers() or fail_on() says otherwise.
class FakeUpstream final : public Upstream {
 public:
  using Answers = std::function<Result<Message>(const Message&)>;

  explicit FakeUpstream(asio::any_io_executor executor)
      : executor_(executor),
        tells_free_(executor),
        may_close_(executor),
        ended_(executor),
        farewell_(executor, kNever) {
    tells_free_.set();
    may_close_.set();
  }

  // ---- What the test says

  // Every call from now on is answered without waiting for anything.
  void answers(Answers answers) { answers_ = std::move(answers); }
  // The nth call or tell from the beginning (1 is the first) fails without waiting.
  void fail_on(int nth, Error error) {
    fail_on_ = nth;
    failure_ = std::move(error);
  }
  // Answers the open call of that id, which must be there.
  void answer(std::string_view id, std::string_view result) {
    settle(id, mcp::make_result(id, result));
  }
  void settle(std::string_view id, Result<Message> answer) {
    const auto open = std::find_if(open_.begin(), open_.end(), [&](const auto& call) {
      return call->id == id && !call->answer;
    });
    if (open == open_.end()) throw std::logic_error("no open call " + std::string(id));
    (*open)->answer = std::move(answer);
    (*open)->changed.cancel();
  }
  // A cancelled call is answered all the same, when the test says so.
  void ignore_cancellation() { ignores_cancellation_ = true; }
  // A cancelled call does not return before finish_farewells().
  void begin_farewells() { says_farewell_ = true; }
  void finish_farewells() {
    says_farewell_ = false;
    farewell_.cancel();
  }
  // tell() does not return before take_tells().
  void hold_tells() { tells_free_.reset(); }
  void take_tells() { tells_free_.set(); }
  // close() does not return before let_close().
  void hold_close() { may_close_.reset(); }
  void let_close() { may_close_.set(); }
  // run() returns by itself.
  void end(Result<void> how) {
    end_ = std::move(how);
    ended_.set();
  }

  // ---- What it was asked

  // Labels of calls and tells, in the order they came.
  const std::vector<std::string>& log() const { return log_; }
  const std::vector<Call>& calls() const { return calls_; }
  const std::vector<Message>& told() const { return told_; }
  // Ids of the calls that were cancelled, and the client's notes about it ("": none).
  const std::vector<std::string>& cancelled() const { return cancelled_; }
  const std::vector<std::string>& withdrawals() const { return withdrawals_; }
  std::size_t open() const { return open_.size(); }
  int operations() const { return operations_; }
  int closed() const { return closed_; }
  const std::shared_ptr<Hearer>& own() const { return own_; }

  // ---- Upstream

  awaitable<Result<Message>> call(Call call) override {
    log_.push_back(mcp::label(call.request));
    calls_.push_back(call);
    if (++operations_ == fail_on_) co_return std::unexpected(failure_);
    if (answers_) co_return answers_(call.request);
    const auto open = open_.insert(
        open_.end(), std::make_shared<Open>(std::string(call.request.id()), executor_));
    const std::shared_ptr<Open> mine = *open;
    bool was_cancelled = false;
    while (!mine->answer) {
      co_await mine->changed.async_wait(as_result);
      const bool cancelled = io::is_cancelled(co_await asio::this_coro::cancellation_state);
      if (!cancelled || was_cancelled) continue;
      was_cancelled = true;
      cancelled_.push_back(mine->id);
      const bool has_note = call.withdrawal && *call.withdrawal;
      withdrawals_.emplace_back(has_note ? (*call.withdrawal)->text() : "");
      if (!ignores_cancellation_) mine->answer.emplace(fail(ErrorKind::cancelled, "cancelled"));
      while (says_farewell_) co_await farewell_.async_wait(as_result);
    }
    open_.erase(open);
    co_return *std::move(mine->answer);
  }

  awaitable<Result<void>> tell(Message message,
                               [[maybe_unused]] std::shared_ptr<const Origin> origin) override {
    log_.push_back(mcp::label(message));
    told_.push_back(std::move(message));
    if (++operations_ == fail_on_) co_return std::unexpected(failure_);
    const bool taken = co_await tells_free_.wait();
    if (!taken) co_return fail(ErrorKind::cancelled, "cancelled");
    co_return ok();
  }

  awaitable<Result<void>> run(std::shared_ptr<Hearer> own) override {
    own_ = std::move(own);
    co_await ended_.wait();
    co_return end_;
  }

  awaitable<void> close() override {
    ++closed_;
    ended_.set();
    co_await may_close_.wait();
  }

 private:
  static constexpr auto kNever = asio::steady_timer::time_point::max();

  struct Open {
    Open(std::string open_id, const asio::any_io_executor& executor)
        : id(std::move(open_id)), changed(executor, kNever) {}
    std::string id;
    asio::steady_timer changed;  // never expires
    std::optional<Result<Message>> answer;
  };

  asio::any_io_executor executor_;
  Answers answers_;
  int fail_on_ = 0;
  Error failure_{.kind = ErrorKind::network, .message = ""};
  bool ignores_cancellation_ = false;
  bool says_farewell_ = false;
  io::Event tells_free_, may_close_, ended_;
  asio::steady_timer farewell_;  // never expires
  Result<void> end_;

  std::vector<std::string> log_;
  std::vector<Call> calls_;
  std::vector<Message> told_;
  std::vector<std::string> cancelled_, withdrawals_;
  std::list<std::shared_ptr<Open>> open_;
  int operations_ = 0;
  int closed_ = 0;
  std::shared_ptr<Hearer> own_;
};

// Remembers what it hears.
class RecordingHearer final : public Hearer {
 public:
  awaitable<void> hear(Message message) override {
    heard_.emplace_back(message.text());
    co_return;
  }
  const std::vector<std::string>& heard() const { return heard_; }

 private:
  std::vector<std::string> heard_;
};

}  // namespace mcpio::test
