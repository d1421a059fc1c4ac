// SPDX-License-Identifier: MIT
// Reads JSON-RPC messages out of the body of an HTTP answer: one JSON text, or an event stream.
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "base/buffer.h"
#include "base/result.h"
#include "codec/json_scanner.h"
#include "codec/sse_parser.h"
#include "http/client.h"
#include "io/awaitable.h"
#include "mcp/message.h"

namespace mcpio::upstream {

// Batches are taken apart here. The data of an event goes straight into the buffer that becomes the
// message, so that a message is held once, however large. One coroutine at a time.
class MessageStream : private codec::SseSink {
 public:
  enum class Framing { json, events };

  struct Limits {
    std::size_t message_bytes;
    Budget* budget;  // may be null
  };

  // `expected_bytes`: the announced length of a JSON body; 0: not known.
  MessageStream(std::unique_ptr<http::Exchange> body, Framing framing, Limits limits,
                std::size_t expected_bytes = 0);

  // The next message; no value: the stream ended as it should. An event that is no message is
  // logged and skipped, a JSON body that is none fails with `protocol`. Otherwise fails as
  // Exchange::read().
  awaitable<Result<std::optional<mcp::Message>>> next();

  // As next(), but returns at any event, a message or not, and leaves messages where they are.
  // False: the stream ended.
  awaitable<Result<bool>> next_event();

  // The data of the `endpoint` event of the HTTP+SSE transport, once it came.
  const std::optional<std::string>& endpoint() const { return endpoint_; }

  bool is_event_stream() const { return framing_ == Framing::events; }
  const std::string& last_event_id() const { return events_.last_event_id(); }
  std::optional<std::chrono::milliseconds> retry() const { return events_.retry(); }
  bool heard_anything() const { return heard_anything_; }
  // next() failed because the rest of the body could not be had, not because of what it says.
  bool broke_off() const { return broke_off_; }

  // The first bytes of a body that is no message, to say what it was. Not for logs.
  std::string_view preview() const { return preview_; }

 private:
  Result<void> data(std::string_view piece) override;
  Result<void> dispatch(std::string_view type) override;
  Result<void> take(std::string_view piece);
  Result<void> end();
  Result<void> keep(codec::JsonText text);

  std::unique_ptr<http::Exchange> body_;
  const Framing framing_;
  const Limits limits_;
  codec::SseParser events_;
  codec::JsonScanner scanner_;
  std::optional<Error> bad_data_;  // why the open event is no JSON
  std::string preview_;            // the first bytes of the body, or of the open event
  std::deque<mcp::Message> ready_;
  std::optional<std::string> endpoint_;
  bool heard_anything_ = false;
  bool broke_off_ = false;
  bool ended_ = false;
};

// What a body is that should have been JSON, in a few words a person can use: an HTML page's title,
// for example. Never more of the body than that.
std::string describe_body(std::string_view preview, std::string_view media_type);

}  // namespace mcpio::upstream
