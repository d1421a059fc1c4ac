// SPDX-License-Identifier: MIT
#include "cli/stdio_client.h"

#include <algorithm>

#include "base/limits.h"
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

std::shared_ptr<const Buffer> array_of(const std::vector<Message>& messages) {
  auto line = std::make_shared<Buffer>();
  for (const Message& one : messages) {
    (void)line->append(line->empty() ? '[' : ',');
    (void)line->append(one.text());
  }
  (void)line->append(']');
  return line;
}

// Collects the answers to the requests of one batch.
class BatchReply final : public bridge::Reply {
 public:
  // `answers`: those that are there already. `requests`: how many are still to come.
  BatchReply(std::shared_ptr<StdioWriter> writer, std::vector<Message> answers,
             std::size_t requests)
      : writer_(std::move(writer)), answers_(std::move(answers)), open_(requests) {}

  awaitable<void> answer(std::optional<Message> message) override {
    if (message) answers_.push_back(*std::move(message));
    // Nothing at all, where nothing is to be answered (JSON-RPC 2.0, section 6).
    if (--open_ > 0 || answers_.empty()) co_return;
    co_await writer_->write(array_of(answers_), io::LineWriter::Pace::at_once);
  }

 private:
  std::shared_ptr<StdioWriter> writer_;
  std::vector<Message> answers_;
  std::size_t open_;
};

}  // namespace

StdioClient::StdioClient(bridge::Bridge& bridge, std::shared_ptr<StdioWriter> writer,
                         io::TaskScope& tasks)
    : bridge_(bridge),
      writer_(writer),
      line_reply_(std::make_shared<LineReply>(bridge, std::move(writer))),
      tasks_(tasks),
      room_(tasks.executor()) {
  room_.set();
}

void StdioClient::on_message(Message message) { bridge_.accept(std::move(message), line_reply_); }

void StdioClient::on_batch(std::vector<Message> messages, std::vector<Message> refusals) {
  const std::string& version = bridge_.protocol_version();
  if (version.empty() || !mcp::protocol_version(version).has_batches)
    return on_unusable(mcp::make_error("null", mcp::error_code::kInvalidRequest,
                                       "this revision of the protocol has no batches"));
  const auto requests = std::count_if(messages.begin(), messages.end(),
                                      [](const Message& m) { return m.is_request(); });
  if (requests == 0 && !refusals.empty()) give(array_of(refusals));
  auto reply = std::make_shared<BatchReply>(writer_, std::move(refusals),
                                            static_cast<std::size_t>(requests));
  for (Message& message : messages) bridge_.accept(std::move(message), reply);
}

void StdioClient::on_unusable(Message answer) { give(answer.bytes()); }

void StdioClient::give(std::shared_ptr<const Buffer> line) {
  if (++given_ == limits::kErrorsGiven) room_.reset();
  tasks_.spawn("answering an unusable line", write(std::move(line)));
}

awaitable<Result<void>> StdioClient::write(std::shared_ptr<const Buffer> line) {
  co_await writer_->write(std::move(line), io::LineWriter::Pace::at_once);
  if (given_-- == limits::kErrorsGiven) room_.set();
  co_return ok();
}

}  // namespace mcpio::cli
