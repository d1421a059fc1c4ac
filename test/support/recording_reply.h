// SPDX-License-Identifier: MIT
// Where answers of a Bridge go in tests: each counts its own, all write into one log.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bridge/bridge.h"
#include "io/event.h"

namespace mcpio::test {

// What a client has read, and a gate that stands for a client that does not read.
struct Inbox {
  explicit Inbox(asio::any_io_executor executor) : reads(std::move(executor)) { reads.set(); }

  std::vector<std::string> lines;
  io::Event reads;
};

class RecordingReply final : public bridge::Reply {
 public:
  explicit RecordingReply(std::shared_ptr<Inbox> inbox) : inbox_(std::move(inbox)) {}

  awaitable<void> answer(std::optional<Message> message) override {
    ++answers_;
    if (message) inbox_->lines.emplace_back(message->text());
    co_await inbox_->reads.wait();
  }
  // How often answer() was called, with a message or without.
  int answers() const { return answers_; }

 private:
  std::shared_ptr<Inbox> inbox_;
  int answers_ = 0;
};

}  // namespace mcpio::test
