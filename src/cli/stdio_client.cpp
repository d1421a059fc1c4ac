// SPDX-License-Identifier: MIT
#include "cli/stdio_client.h"

#include <algorithm>

#include "mcp/methods.h"
#include "mcp/protocol_version.h"

namespace mcpio::cli {
namespace {

using downstream::StdioWriter;

class LineReply final : public bridge::Reply {
 public:
  LineReply(const bridge::Bridge& bridge, std::shared_ptr<StdioWriter> writer)
      : bridge_(bridge), writer_(std::move(writer)) {}

  awaitable<void> answer(std::optional<Message> message) override {
    const bool is_busy = bridge_.requests_under_way() > 4;
    const auto pace = is_busy ? io::LineWriter::Pace::with_others : io::LineWriter::Pace::at_once;
    if (message) co_await writer_->write(message->bytes(), pace);
  }

 private:
  const bridge::Bridge& bridge_;
  std::shared_ptr<StdioWriter> writer_;
};

// Collects the answers to the requests of one batch.
class BatchReply final : public bridge::Reply {
 public:
  // `answers`: those that are there already. `requests`: how many are still to come.
  BatchReply(std::shared_ptr<StdioWriter> writer, std::vector<Message> answers,
             std::size_t requests)
      : writer_(std::move(writer)), answers_(std::move(answers)), open_(requests) {}

  awaitable<void> answer(std::optional<Message> message) override {
    if (message) answers_.push_back(*std::move(message));
    if (--open_ == 0) co_await write_all();
  }

  // Nothing at all, where nothing is to be answered (JSON-RPC 2.0, section 6).
  awaitable<void> write_all() {
    if (answers_.empty()) co_return;
    auto line = std::make_shared<Buffer>();
    for (const Message& one : answers_) {
      (void)line->append(line->empty() ? '[' : ',');
      (void)line->append(one.text());
    }
    (void)line->append(']');
    co_await writer_->write(std::move(line), io::LineWriter::Pace::at_once);
  }

 private:
  std::shared_ptr<StdioWriter> writer_;
  std::vector<Message> answers_;
  std::size_t open_;
};

awaitable<Result<void>> write(std::shared_ptr<StdioWriter> writer, Message message) {
  co_await writer->write(message.bytes(), io::LineWriter::Pace::at_once);
  co_return ok();
}

awaitable<Result<void>> write_batch(std::shared_ptr<BatchReply> batch) {
  co_await batch->write_all();
  co_return ok();
}

}  // namespace

StdioClient::StdioClient(bridge::Bridge& bridge, std::shared_ptr<StdioWriter> writer,
                         io::TaskScope& tasks)
    : bridge_(bridge),
      writer_(writer),
      line_reply_(std::make_shared<LineReply>(bridge, std::move(writer))),
      tasks_(tasks) {}

void StdioClient::on_message(Message message) { bridge_.accept(std::move(message), line_reply_); }

void StdioClient::on_batch(std::vector<Message> messages, std::vector<Message> refusals) {
  const std::string& version = bridge_.protocol_version();
  if (version.empty() || !mcp::protocol_version(version).has_batches)
    return on_unusable(mcp::make_error("null", mcp::error_code::kInvalidRequest,
                                       "this revision of the protocol has no batches"));
  const auto requests = std::count_if(messages.begin(), messages.end(),
                                      [](const Message& m) { return m.is_request(); });
  auto reply = std::make_shared<BatchReply>(writer_, std::move(refusals),
                                            static_cast<std::size_t>(requests));
  if (requests == 0) tasks_.spawn("answering a batch", write_batch(reply));
  for (Message& message : messages) bridge_.accept(std::move(message), reply);
}

void StdioClient::on_unusable(Message answer) {
  tasks_.spawn("answering an unusable line", write(writer_, std::move(answer)));
}

}  // namespace mcpio::cli
