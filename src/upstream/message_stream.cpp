// SPDX-License-Identifier: MIT
#include "upstream/message_stream.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/limits.h"
#include "codec/json_view.h"

namespace mcpio::upstream {
namespace {

// The scanner counts what it keeps; this is for what it does not.
Error too_large(std::size_t limit) {
  return {
      ErrorKind::too_large,
      fmt::format("the message is larger than allowed, with all that surrounds it (the limit is "
                  "{} bytes; see --max-message-size)",
                  limit)};
}

// A member of a message of which only the end is known: many servers write its id last. If what
// begins with the name is the rest of one object, that object is the message.
std::optional<std::string> member_at_end(std::string_view end, std::string_view name) {
  const std::size_t at = end.rfind(fmt::format("\"{}\"", name));
  if (at == std::string_view::npos) return std::nullopt;
  codec::JsonScanner scanner(limits::kEventTailBytes);
  auto fed = scanner.feed("{");
  if (fed) fed = scanner.feed(end.substr(at));
  if (!fed) return std::nullopt;
  const auto text = scanner.finish();
  const auto value = text ? codec::find_member(text->bytes.view(), name) : std::nullopt;
  return value ? std::optional<std::string>(*value) : std::nullopt;
}

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
  has_skipped_ = false;
  while (ready_.empty()) {
    if (failure_) co_return std::unexpected(*failure_);
    auto heard = co_await next_event();
    // What came whole before it counts.
    if (!heard) failure_ = std::move(heard).error();
    if (heard && !*heard && ready_.empty()) co_return std::nullopt;
  }
  Item first = std::move(ready_.front());
  ready_.pop_front();
  has_skipped_ = !first.message;
  skipped_id_ = std::move(first.skipped_id);
  if (!first.message) co_return propagate(first.message);
  co_return *std::move(first.message);
}

awaitable<Result<bool>> MessageStream::next_event() {
  if (ended_) co_return false;
  const bool cancelled = io::is_cancelled(co_await asio::this_coro::cancellation_state);
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
  if (open_.bad) return std::unexpected(*open_.bad);
  if (scanner_.is_empty()) return ok();
  auto text = scanner_.finish();
  if (!text) return propagate(text);
  return keep(*std::move(text));
}

// Data of an event, or a piece of a JSON body.
Result<void> MessageStream::data(std::string_view piece) {
  remember(piece);
  if (!open_.bad) {
    auto scanned = scan(piece);
    if (scanned) return ok();
    give_up(std::move(scanned).error());
  }
  return discard();
}

void MessageStream::remember(std::string_view piece) {
  open_.received += piece.size();
  if (open_.beginning.size() < limits::kBodyPreviewBytes)
    open_.beginning += piece.substr(0, limits::kBodyPreviewBytes - open_.beginning.size());
  if (!skips_too_large_) return;
  constexpr std::size_t kKept = limits::kEventTailBytes;
  open_.end += piece.substr(piece.size() - std::min(piece.size(), kKept));
  if (open_.end.size() > kKept) open_.end.erase(0, open_.end.size() - kKept);
}

Result<void> MessageStream::scan(std::string_view piece) {
  auto fed = scanner_.feed(piece);
  if (fed && open_.received > limits_.message_bytes)
    return std::unexpected(too_large(limits_.message_bytes));
  return fed;
}

// What is received will be no message.
void MessageStream::give_up(Error why) {
  for (const codec::JsonMember& member : scanner_.members()) {
    const std::string_view text = scanner_.bytes();
    const std::string_view name = text.substr(member.name_at, member.name_size);
    if (name == "method") open_.has_method = true;
    if (name == "id" && member.value_size > 0)
      open_.id = text.substr(member.value_at, member.value_size);
  }
  open_.bad = std::move(why);
  scanner_.reset();
}

// Fails if there is no reason to read on.
Result<void> MessageStream::discard() {
  const bool is_event = framing_ == Framing::events;
  // Its beginning says what a body is that is no message; an event may be one of another type.
  if (!is_event && open_.beginning.size() >= limits::kBodyPreviewBytes)
    return std::unexpected(*open_.bad);
  const bool is_large = open_.bad->kind == ErrorKind::too_large;
  if (is_event && !is_large && open_.received > limits_.message_bytes)
    open_.bad = too_large(limits_.message_bytes);
  if (open_.bad->kind != ErrorKind::too_large || skips_too_large_) return ok();
  return std::unexpected(*open_.bad);
}

Result<void> MessageStream::dispatch(std::string_view type) {
  heard_anything_ = true;
  const Open event = std::exchange(open_, {});
  auto text = scanner_.finish();
  if (type == "endpoint") {
    if (!endpoint_) endpoint_ = event.beginning;
    return ok();
  }
  if (type != "message") return ok();
  if (event.bad) {
    skip(event);
    return ok();
  }
  auto kept = text ? keep(*std::move(text)) : Result<void>(propagate(text));
  if (!kept) warnings_.write("skipped an event that is no message: {}", kept.error().message);
  return ok();
}

void MessageStream::skip(const Open& event) {
  if (event.bad->kind != ErrorKind::too_large) {
    warnings_.write("skipped an event that is no message: {}", event.bad->message);
    return;
  }
  warnings_.write("skipped an event of {} bytes: {}", event.received, event.bad->message);
  if (event.has_method || member_at_end(event.end, "method")) return;  // nobody waits for it
  const auto id = event.id ? event.id : member_at_end(event.end, "id");
  ready_.push_back({std::unexpected(*event.bad), id});
}

Result<void> MessageStream::keep(codec::JsonText text) {
  if (!text.is_array()) {
    auto message = mcp::Message::from(std::move(text));
    if (!message) return propagate(message);
    ready_.push_back({*std::move(message)});
    return ok();
  }
  codec::ElementReader elements(text.bytes.view());
  std::size_t count = 0;
  while (const auto element = elements.next()) {
    if (++count > limits::kBatchMessages)
      return fail(ErrorKind::too_large, "a batch of too many messages");
    auto fed = scanner_.feed(*element);
    auto one = fed ? scanner_.finish() : Result<codec::JsonText>(propagate(fed));
    auto message = one ? mcp::Message::from(*std::move(one)) : Result<mcp::Message>(propagate(one));
    if (message)
      ready_.push_back({*std::move(message)});
    else
      warnings_.write("skipped an element of a batch: {}", message.error().message);
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
