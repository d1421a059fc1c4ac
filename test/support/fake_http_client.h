// SPDX-License-Identifier: MIT
// An http::Client whose every answer the test decides, and which remembers what it was asked.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/client.h"
#include "io/event.h"

namespace mcpio::test {

// One answer. It may be complete before it is asked for, or be given bit by bit while it is read.
class FakeAnswer {
 public:
  explicit FakeAnswer(asio::any_io_executor executor) : changed_(std::move(executor)) {}

  FakeAnswer& head(int status, std::vector<http::Field> fields = {}) {
    head_.emplace(http::Head{.status = status});
    for (const auto& [name, value] : fields) head_->fields.add(name, value);
    return changed();
  }
  FakeAnswer& piece(std::string_view bytes) {
    pieces_.emplace_back(bytes);
    return changed();
  }
  FakeAnswer& end() {
    ended_ = true;
    return changed();
  }
  // The server's address.
  FakeAnswer& from(std::string address) {
    address_ = std::move(address);
    return *this;
  }
  // Instead of what has not been given yet: of the head, or of the rest of the body.
  FakeAnswer& fail(ErrorKind kind, std::string message = "it failed, said the test") {
    failure_ = Error{.kind = kind, .message = std::move(message)};
    return changed();
  }

  // Whole answers.
  FakeAnswer& status(int status, std::vector<http::Field> fields = {}) {
    return head(status, std::move(fields)).end();
  }
  FakeAnswer& json(std::string_view text, std::vector<http::Field> fields = {}) {
    fields.push_back({"Content-Type", "application/json"});
    return head(200, std::move(fields)).piece(text).end();
  }
  // The head of an event stream, which stays open.
  FakeAnswer& stream(std::vector<http::Field> fields = {}) {
    fields.push_back({"Content-Type", "text/event-stream"});
    return head(200, std::move(fields));
  }
  FakeAnswer& event(std::string_view text, std::string_view id = {}) {
    const std::string id_line = id.empty() ? "" : "id: " + std::string(id) + "\n";
    return piece(id_line + "data: " + std::string(text) + "\n\n");
  }

  // 0: no head was given.
  int head_status() const { return head_ ? head_->status : 0; }
  // Nobody reads it any more.
  bool is_abandoned() const { return abandoned_; }
  // What was asked for it.
  const http::Request& request() const { return request_; }

 private:
  friend class FakeExchange;
  friend class FakeHttpClient;

  FakeAnswer& changed() {
    changed_.set();
    return *this;
  }

  http::Request request_;
  io::Event changed_;
  std::optional<http::Head> head_;
  std::string address_;
  std::deque<std::string> pieces_;
  std::optional<Error> failure_;
  bool ended_ = false;
  bool abandoned_ = false;
};

class FakeExchange final : public http::Exchange {
 public:
  explicit FakeExchange(std::shared_ptr<FakeAnswer> answer) : answer_(std::move(answer)) {}
  FakeExchange(const FakeExchange&) = delete;
  FakeExchange& operator=(const FakeExchange&) = delete;
  ~FakeExchange() override { answer_->abandoned_ = true; }

  awaitable<Result<http::Head>> head() override {
    while (!answer_->head_ && !answer_->failure_) {
      const bool waited = co_await news();
      if (!waited) co_return fail(ErrorKind::cancelled, "the request was abandoned");
    }
    if (!answer_->head_) co_return std::unexpected(*answer_->failure_);
    co_return *answer_->head_;
  }

  awaitable<Result<std::optional<std::string_view>>> read() override {
    while (answer_->pieces_.empty() && !answer_->failure_ && !answer_->ended_) {
      const bool waited = co_await news();
      if (!waited) co_return fail(ErrorKind::cancelled, "the request was abandoned");
    }
    if (!answer_->pieces_.empty()) {
      delivered_ = std::move(answer_->pieces_.front());
      answer_->pieces_.pop_front();
      co_return std::string_view(delivered_);
    }
    if (answer_->failure_) co_return std::unexpected(*answer_->failure_);
    co_return std::nullopt;
  }

  std::string server_address() const override { return answer_->address_; }

 private:
  awaitable<bool> news() {
    answer_->changed_.reset();
    return answer_->changed_.wait();
  }

  std::shared_ptr<FakeAnswer> answer_;
  std::string delivered_;
};

//   FakeHttpClient client(executor);
//   client.on_request([](FakeAnswer& answer) { answer.json(R"({"jsonrpc":"2.0", ...})"); });
//   client.fail_on(3, ErrorKind::network);   // whatever the third request would have got
//
// Without a handler a request waits for what the test gives to answer(n). One thread.
class FakeHttpClient final : public http::Client {
 public:
  using Handler = std::function<void(FakeAnswer&)>;
  // Where the chosen request breaks: before any answer, or in the body behind a good head.
  enum class Breaks { head, body };

  explicit FakeHttpClient(asio::any_io_executor executor) : executor_(std::move(executor)) {}

  void on_request(Handler handler) { handler_ = std::move(handler); }
  // 1 is the first. A request that is `unreachable` does not get to the handler.
  void fail_on(std::size_t nth, ErrorKind kind, Breaks where = Breaks::head) {
    fail_on_ = nth;
    failure_ = kind;
    breaks_ = where;
  }

  std::size_t count() const { return answers_.size(); }
  // 0 is the first.
  FakeAnswer& answer(std::size_t at) { return *answers_.at(at); }
  const http::Request& request(std::size_t at) const { return answers_.at(at)->request(); }

  std::unique_ptr<http::Exchange> send(http::Request request) override {
    auto answer = std::make_shared<FakeAnswer>(executor_);
    answer->request_ = std::move(request);
    answers_.push_back(answer);
    const bool fails = answers_.size() == fail_on_;
    if (handler_ && !(fails && failure_ == ErrorKind::unreachable)) handler_(*answer);
    if (fails) break_off(*answer);
    return std::make_unique<FakeExchange>(std::move(answer));
  }

 private:
  void break_off(FakeAnswer& answer) const {
    if (breaks_ == Breaks::head) answer.head_.reset();
    answer.pieces_.clear();
    answer.ended_ = false;
    answer.fail(failure_);
  }

  asio::any_io_executor executor_;
  Handler handler_;
  std::size_t fail_on_ = 0;
  ErrorKind failure_ = ErrorKind::network;
  Breaks breaks_ = Breaks::head;
  std::vector<std::shared_ptr<FakeAnswer>> answers_;
};

}  // namespace mcpio::test
