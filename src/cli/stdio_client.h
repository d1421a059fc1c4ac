// SPDX-License-Identifier: MIT
// Joins the client on stdin and stdout to the bridge: each line goes in, each answer comes out.
#pragma once

#include <memory>
#include <vector>

#include "bridge/bridge.h"
#include "downstream/stdio.h"
#include "io/event.h"

namespace mcpio::cli {

// Batches exist in some revisions only (JSON-RPC 2.0, section 6): where they do, a client's batch
// is answered with one array, when its last request is; elsewhere it is refused whole.
//
// A client that says much that nobody can use, and does not read what it is told of that, is not
// listened to until it does.
class StdioClient final : public downstream::Listener {
 public:
  // `bridge` must outlive it.
  StdioClient(bridge::Bridge& bridge, std::shared_ptr<downstream::StdioWriter> writer,
              io::TaskScope& tasks);

  io::Event& room() override { return room_; }
  void on_message(Message message) override;
  void on_batch(std::vector<Message> messages, std::vector<Message> refusals) override;
  void on_unusable(Message answer) override;

 private:
  void give(std::shared_ptr<const Buffer> line);
  awaitable<Result<void>> write(std::shared_ptr<const Buffer> line);

  bridge::Bridge& bridge_;
  std::shared_ptr<downstream::StdioWriter> writer_;
  std::shared_ptr<bridge::Reply> line_reply_;
  io::TaskScope& tasks_;
  std::size_t given_ = 0;  // answers to unusable lines that stdout has no room for yet
  io::Event room_;
};

}  // namespace mcpio::cli
