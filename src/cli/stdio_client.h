// SPDX-License-Identifier: MIT
// Joins the client on stdin and stdout to the bridge: each line goes in, each answer comes out.
#pragma once

#include <memory>
#include <vector>

#include "bridge/bridge.h"
#include "downstream/stdio.h"

namespace mcpio::cli {

// Batches exist in some revisions only (JSON-RPC 2.0, section 6): where they do, a client's batch
// is answered with one array, when its last request is; elsewhere it is refused whole.
class StdioClient final : public downstream::Listener {
 public:
  // `bridge` must outlive it.
  StdioClient(bridge::Bridge& bridge, std::shared_ptr<downstream::StdioWriter> writer,
              io::TaskScope& tasks);

  void on_message(Message message) override;
  void on_batch(std::vector<Message> messages, std::vector<Message> refusals) override;
  void on_unusable(Message answer) override;

 private:
  bridge::Bridge& bridge_;
  std::shared_ptr<downstream::StdioWriter> writer_;
  std::shared_ptr<bridge::Reply> line_reply_;
  io::TaskScope& tasks_;
};

}  // namespace mcpio::cli
