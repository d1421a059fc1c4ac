// SPDX-License-Identifier: MIT
// An end of the spine whose HTTP the test plays, on a loop that runs only when the test says so.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "io/task_scope.h"
#include "support/fake_authorizer.h"
#include "support/fake_clock.h"
#include "support/fake_http_client.h"
#include "support/fake_upstream.h"
#include "support/result_matchers.h"
#include "support/run.h"
#include "upstream/origin_link.h"

namespace mcpio::upstream {

inline codec::Url url_of(std::string_view text) { return *codec::parse_url(text); }

inline std::string body_of(const http::Request& request) {
  return request.body ? std::string(request.body->view()) : std::string();
}

// What a request is: the method of its JSON-RPC message, "response", or the HTTP method.
inline std::string kind_of(const http::Request& request) {
  if (!request.body) return request.method;
  const Message message = Message::of(body_of(request));
  return message.is_response() ? "response" : message.method();
}

inline std::string field(const http::Request& request, std::string_view name) {
  return std::string(request.fields.find(name).value_or("(none)"));
}

class UpstreamFixture : public testing::Test {
 protected:
  void TearDown() override {
    tasks_.cancel();
    test::run(loop_, tasks_.join());
  }

  // A coroutine that goes on while the test does other things.
  template <class T>
  struct Started {
    std::shared_ptr<std::optional<Result<T>>> outcome;
    io::TaskScope::Canceller canceller;

    bool is_done() const { return outcome->has_value(); }
    const Result<T>& result() const { return outcome->value(); }
    void cancel() const {
      if (const auto signal = canceller.lock()) signal->emit(asio::cancellation_type::terminal);
    }
  };

  template <class T>
  Started<T> start(awaitable<Result<T>> operation) {
    Started<T> started{std::make_shared<std::optional<Result<T>>>(), {}};
    outcomes_.push_back(started.outcome);
    started.canceller = tasks_.spawn("a test", keep(std::move(operation), started.outcome));
    turn();
    return started;
  }

  template <class T>
  const Result<T>& finish(const Started<T>& started) {
    turn_until([&] { return started.is_done(); });
    return started.result();
  }

  // Runs everything that can run without waiting for the time.
  void turn() {
    loop_.restart();
    loop_.poll();
  }

  // Runs the loop, timers included, until it is so.
  template <class Condition>
  void turn_until(Condition is_so) {
    const auto until = std::chrono::steady_clock::now() + test::kPatience;
    loop_.restart();
    while (!is_so() && loop_.run_one_until(until) > 0) {
    }
    if (!is_so()) throw std::runtime_error("it did not come to that");
  }

  Call call_of(Message request) { return Call(std::move(request), related_, nullptr, nullptr); }

  // The kinds of all requests so far.
  std::vector<std::string> asked() {
    std::vector<std::string> kinds;
    for (std::size_t i = 0; i < client_.count(); ++i) kinds.push_back(kind_of(client_.request(i)));
    return kinds;
  }

  asio::io_context loop_{1};
  test::FakeHttpClient client_{loop_.get_executor()};
  test::FakeAuthorizer authorizer_;
  test::FakeClock clock_;
  OriginLink link_{client_, authorizer_, clock_, {.retry_delay = std::chrono::milliseconds(1)}};
  std::shared_ptr<test::RecordingHearer> own_ = std::make_shared<test::RecordingHearer>();
  std::shared_ptr<test::RecordingHearer> related_ = std::make_shared<test::RecordingHearer>();
  io::TaskScope tasks_{loop_.get_executor()};

 private:
  std::vector<std::shared_ptr<const void>>
      outcomes_;  // what finish() refers to, for the whole test

  template <class T>
  static awaitable<Result<void>> keep(awaitable<Result<T>> operation,
                                      std::shared_ptr<std::optional<Result<T>>> outcome) {
    outcome->emplace(co_await std::move(operation));
    co_return ok();
  }
};

}  // namespace mcpio::upstream
