// SPDX-License-Identifier: MIT
#include "downstream/stdio.h"

#include <fmt/core.h>

#include <cstring>
#include <utility>

#include "base/limits.h"
#include "base/log.h"
#include "codec/json_view.h"
#include "mcp/methods.h"

namespace mcpio::downstream {
namespace {

// Better a known id on a broken line than none: the client can tell which request failed.
std::string id_so_far(const codec::JsonScanner& scanner) {
  for (const codec::JsonMember& member : scanner.members()) {
    if (member.value_size == 0) continue;
    const std::string_view name = scanner.bytes().substr(member.name_at, member.name_size);
    const std::string_view value = scanner.bytes().substr(member.value_at, member.value_size);
    const bool is_id = codec::is_string(value) ||
                       value.find_first_not_of("-0123456789.eE+") == std::string_view::npos;
    if (name == "id" && is_id) return std::string(value);
  }
  return "null";
}

}  // namespace

StdioReader::StdioReader(asio::any_io_executor executor, int fd, Limits limits)
    : input_(std::move(executor), fd),
      limits_(limits),
      scanner_(limits.message_bytes, limits.budget) {}

awaitable<Result<void>> StdioReader::read_all(std::shared_ptr<Listener> listener) {
  for (;;) {
    auto piece = co_await input_.read();
    if (!piece) co_return propagate(piece, "reading stdin");
    if (!*piece) {
      end_line(*listener);  // the last line may lack its ending
      co_return ok();
    }
    for (std::string_view left = **piece; !left.empty();) {
      const bool has_room = co_await listener->room().wait();
      if (!has_room) co_return fail(ErrorKind::cancelled, "cancelled");
      left = take(left, *listener);
    }
  }
}

// Returns what is left of the piece when the listener has no room any more.
std::string_view StdioReader::take(std::string_view piece, Listener& listener) {
  while (!piece.empty() && listener.room().is_set()) {
    const std::size_t end = piece.find('\n');
    take_part(piece.substr(0, end));
    if (end == std::string_view::npos) return {};
    end_line(listener);
    piece.remove_prefix(end + 1);
  }
  return piece;
}

void StdioReader::take_part(std::string_view part) {
  if (bad_) return;  // skipping the rest of a line that is no use
  auto fed = scanner_.feed(part);
  if (fed) return;
  bad_ = fed.error();
  bad_id_ = id_so_far(scanner_);
  scanner_.reset();
}

void StdioReader::end_line(Listener& listener) {
  if (!bad_ && scanner_.is_empty()) return;  // a blank line
  const std::string id = bad_ ? std::exchange(bad_id_, {}) : id_so_far(scanner_);
  auto text = bad_ ? Result<codec::JsonText>(std::unexpected(*std::exchange(bad_, std::nullopt)))
                   : scanner_.finish();
  if (!text) {
    const bool too_large = text.error().kind == ErrorKind::too_large;
    const int code = too_large ? mcp::error_code::kInvalidRequest : mcp::error_code::kParseError;
    log::warning("a line of the client is no message: {}", text.error().message);
    return listener.on_unusable(mcp::make_error(id, code, text.error().message));
  }
  if (text->is_array()) return take_batch(*text, listener);
  const std::string usable = mcp::usable_id(*text);
  auto message = mcp::Message::from(*std::move(text));
  if (message) return listener.on_message(*std::move(message));
  log::warning("a line of the client is no message: {}", message.error().message);
  listener.on_unusable(
      mcp::make_error(usable, mcp::error_code::kInvalidRequest, message.error().message));
}

void StdioReader::take_batch(const codec::JsonText& array, Listener& listener) {
  const auto refuse = [&](std::string_view why) {
    listener.on_unusable(mcp::make_error("null", mcp::error_code::kInvalidRequest, why));
  };
  std::vector<Message> messages, refusals;
  codec::ElementReader elements(array.bytes.view());
  while (const auto element = elements.next()) {
    if (messages.size() + refusals.size() == limits::kBatchMessages)
      return refuse("a batch of too many messages");
    codec::JsonScanner scanner(limits_.message_bytes, limits_.budget);
    auto fed = scanner.feed(*element);
    auto text = fed ? scanner.finish() : Result<codec::JsonText>(propagate(fed));
    const std::string usable = text ? mcp::usable_id(*text) : "null";
    auto message = text ? Message::from(*std::move(text)) : Result<Message>(propagate(text));
    if (message)
      messages.push_back(*std::move(message));
    else
      refusals.push_back(
          mcp::make_error(usable, mcp::error_code::kInvalidRequest, message.error().message));
  }
  if (messages.empty() && refusals.empty()) return refuse("an empty batch");
  listener.on_batch(std::move(messages), std::move(refusals));
}

StdioWriter::StdioWriter(asio::any_io_executor executor, int fd)
    : output_(std::move(executor), fd) {}

awaitable<void> StdioWriter::hear(Message message) {
  if (log::enabled(log::Level::debug)) {
    log::debug("<- {} ({} bytes)", mcp::label(message), message.text().size());
    log::trace("<- {}", message.text());
  }
  co_await write(message.bytes(), io::LineWriter::Pace::at_once);
}

awaitable<void> StdioWriter::write(std::shared_ptr<const Buffer> line, io::LineWriter::Pace pace) {
  auto written = co_await output_.write(std::move(line), pace);
  if (!written) log::debug("writing stdout: {}", written.error().message);
}

}  // namespace mcpio::downstream
