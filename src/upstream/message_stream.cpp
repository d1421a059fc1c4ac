// SPDX-License-Identifier: MIT
#include "upstream/message_stream.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/limits.h"
#include "base/log.h"
#include "codec/json_view.h"

namespace mcpio::upstream {
namespace {

bool is_break(ErrorKind kind) {
  return kind == ErrorKind::network || kind == ErrorKind::timed_out || kind == ErrorKind::protocol;
}

}  // namespace

MessageStream::MessageStream(std::unique_ptr<http::Exchange> body, Framing framing, Limits limits,
                             std::size_t expected_bytes)
    : body_(std::move(body)),
      framing_(framing),
      limits_(limits),
      events_(*this),
      scanner_(limits.message_bytes, limits.budget) {
  if (expected_bytes > Buffer::kFree) scanner_.expect(expected_bytes);
}

awaitable<Result<std::optional<mcp::Message>>> MessageStream::next() {
  while (ready_.empty()) {
    auto heard = co_await next_event();
    if (!heard) co_return propagate(heard);
    if (!*heard) co_return std::nullopt;
  }
  std::optional<mcp::Message> message(std::move(ready_.front()));
  ready_.pop_front();
  co_return message;
}

awaitable<Result<bool>> MessageStream::next_event() {
  if (ended_) co_return false;
  const bool cancelled = co_await io::is_cancelled();
  if (cancelled) co_return fail(ErrorKind::cancelled, "cancelled");
  auto piece = co_await body_->read();
  if (!piece) {
    broke_off_ = is_break(piece.error().kind);
    co_return propagate(piece);
  }
  auto taken = *piece ? take(**piece) : end();
  if (!taken) co_return propagate(taken);
  co_return true;
}

Result<void> MessageStream::take(std::string_view piece) {
  if (framing_ == Framing::events) return events_.feed(piece);
  return data(piece);
}

Result<void> MessageStream::end() {
  ended_ = true;
  body_.reset();
  if (framing_ == Framing::events) return events_.finish();
  if (bad_data_) return std::unexpected(*bad_data_);
  if (scanner_.is_empty()) return ok();
  auto text = scanner_.finish();
  if (!text) return propagate(text);
  return keep(*std::move(text));
}

// Data of an event, or a piece of a JSON body.
Result<void> MessageStream::data(std::string_view piece) {
  if (preview_.size() < limits::kBodyPreviewBytes)
    preview_ += piece.substr(0, limits::kBodyPreviewBytes - preview_.size());
  if (bad_data_) return ok();
  auto fed = scanner_.feed(piece);
  if (fed) return ok();
  bad_data_ = fed.error();
  scanner_.reset();
  // What is too large will not become a message by reading on; an event that is no JSON may be one
  // of another type.
  if (bad_data_->kind == ErrorKind::too_large) return propagate(fed);
  return ok();
}

Result<void> MessageStream::dispatch(std::string_view type) {
  heard_anything_ = true;
  const std::string start = std::exchange(preview_, {});
  const std::optional<Error> bad = std::exchange(bad_data_, {});
  auto text = scanner_.finish();
  if (type == "endpoint") {
    if (!endpoint_) endpoint_ = start;
    return ok();
  }
  if (type != "message") return ok();
  if (bad || !text) {
    log::warning("skipped an event that is no message: {}",
                 bad ? bad->message : text.error().message);
    return ok();
  }
  auto kept = keep(*std::move(text));
  if (!kept) log::warning("skipped an event that is no message: {}", kept.error().message);
  return ok();
}

Result<void> MessageStream::keep(codec::JsonText text) {
  if (!text.is_array()) {
    auto message = mcp::Message::from(std::move(text));
    if (!message) return propagate(message);
    ready_.push_back(*std::move(message));
    return ok();
  }
  const auto elements = codec::array_elements(text.bytes.view());
  if (elements.size() > limits::kBatchMessages)
    return fail(ErrorKind::too_large, "a batch of too many messages");
  for (const std::string_view element : elements) {
    auto fed = scanner_.feed(element);
    auto one = fed ? scanner_.finish() : Result<codec::JsonText>(propagate(fed));
    auto message = one ? mcp::Message::from(*std::move(one)) : Result<mcp::Message>(propagate(one));
    if (message)
      ready_.push_back(*std::move(message));
    else
      log::warning("skipped an element of a batch: {}", message.error().message);
    scanner_.reset();
  }
  return ok();
}

std::string describe_body(std::string_view preview, std::string_view media_type) {
  if (preview.empty()) return "an empty body";
  std::string lower(preview);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const std::string kind = media_type.empty() ? "a body without a content type"
                                              : fmt::format("a body of type {}", media_type);
  const std::size_t title = lower.find("<title>");
  if (title == std::string::npos)
    return lower.find("<html") != std::string::npos ? "an HTML page" : kind;
  const std::size_t begin = title + 7;
  const std::size_t end = std::min(lower.find('<', begin), begin + 60);
  std::string words;
  for (const char c : preview.substr(begin, end - begin)) {
    const auto byte = static_cast<unsigned char>(c);
    words += byte < 0x20 || byte == 0x7F || byte == '"' ? ' ' : c;
  }
  return fmt::format("an HTML page titled \"{}\"", words);
}

}  // namespace mcpio::upstream
