// SPDX-License-Identifier: MIT
// Between a client and a server: which request is under way, and that each gets exactly one answer.
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/clock.h"
#include "io/event.h"
#include "io/task_scope.h"
#include "spine/upstream.h"

namespace mcpio::bridge {

// Where the answer to one request goes.
class Reply {
 public:
  virtual ~Reply() = default;
  // Once for each request. No value: the client has cancelled it, and there is no answer.
  virtual awaitable<void> answer(std::optional<Message> message) = 0;
};

//   Bridge bridge(executor, std::move(top), client, settings);
//   bridge.accept(message, reply);     // as often as the client speaks; never waits
//   co_await bridge.stop(grace);       // answers what is left, closes the upstream
//
// What waits for what:
//   - `initialize` is answered before anything behind it is sent, and `notifications/initialized`
//     is taken by the server before any request behind it is. Until then the rest is held, in
//     order, but for the client's answers: the server may have asked before it answers.
//   - At most limits::kRequestsInFlight requests are under way; others wait, in order, up to a
//     number and a size, and beyond that they are refused.
//   - Answers, notifications, cancellations and pings wait for nothing else.
//
// One thread. stop() must have run before it is destroyed.
class Bridge {
 public:
  struct Settings {
    // --timeout-request, from accept() to the answer; 0: none.
    std::chrono::milliseconds request_timeout{0};
    bool drop_late_answers = true;  // off: --no-cancel-filter
  };

  // `client` hears what no request asked for, and what belongs to requests.
  Bridge(asio::any_io_executor executor, std::unique_ptr<Upstream> top,
         std::shared_ptr<Hearer> client, Settings settings);

  void accept(Message message, std::shared_ptr<Reply> reply);

  // The protocol revision the client and the server agreed on; empty: not yet.
  const std::string& protocol_version() const { return protocol_version_; }

  // Until their answers are written.
  std::size_t requests_under_way() const { return in_exchange_; }

  // Is set when the upstream has ended by itself; then failure() says why.
  io::Event& upstream_ended() { return upstream_ended_; }
  const std::optional<Error>& failure() const { return failure_; }

  // Requests under way get `grace` to finish, those left after it get an error. Then the upstream
  // is closed. Nothing is accepted any more.
  awaitable<void> stop(std::chrono::milliseconds grace);

 private:
  struct Waiting {
    Message message;
    std::shared_ptr<Reply> reply;
    SteadyTime since = std::chrono::steady_clock::now();
  };
  struct Flight {
    io::TaskScope::Canceller canceller;
    std::shared_ptr<std::optional<Message>> withdrawal;
    bool opens = false;
  };
  using Queue = std::deque<Waiting>;

  bool is_behind_handshake(const Message& message) const;
  void route(Waiting waiting);
  void begin(Waiting waiting);
  void enqueue(Queue& queue, Waiting waiting);
  void release();
  void cancel(Message note);
  bool cancel_in(Queue& queue, std::string_view id);
  void reject(Waiting waiting, std::string_view why);
  void refuse(Waiting waiting, int code, std::string_view why);
  void refuse_all(Queue& queue);
  void refuse_overdue(Queue& queue);
  std::optional<SteadyTime> next_due() const;
  void set_idle_if_so();
  std::optional<std::string> objection(const Message& message) const;

  awaitable<Result<void>> live();
  awaitable<Result<void>> exchange(Waiting waiting, std::string key, bool counted);
  awaitable<Result<Message>> ask(Call call, SteadyTime since);
  awaitable<Result<void>> watch_the_clock();
  awaitable<Result<void>> say(Message message);
  awaitable<Result<void>> give(std::shared_ptr<Reply> reply, std::optional<Message> message);

  asio::any_io_executor executor_;
  std::unique_ptr<Upstream> top_;
  std::shared_ptr<Hearer> client_;
  const Settings settings_;
  std::string protocol_version_;

  std::unordered_map<std::string, Flight> flights_;  // by canonical id
  std::size_t in_exchange_ = 0;    // requests under way, until their answer is written
  std::size_t counted_ = 0;        // those of them that count against the limit
  std::size_t telling_ = 0;        // notifications and answers the server has not taken yet
  std::size_t waiting_bytes_ = 0;  // in both queues
  Queue held_;                     // behind a handshake
  Queue waiting_;                  // behind the limit
  bool opening_ = false;           // initialize is under way
  int confirming_ = 0;             // notifications/initialized under way
  bool releasing_ = false;
  bool watching_the_clock_ = false;
  bool stopping_ = false;

  io::Event idle_, upstream_ended_;
  std::optional<Error> failure_;
  io::TaskScope life_, calls_, tells_, refusals_;
};

}  // namespace mcpio::bridge
