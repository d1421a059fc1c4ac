// SPDX-License-Identifier: MIT
// A message's parts are parts of its text, and replacing one changes nothing else.
#include <array>
#include <string>
#include <utility>

#include "codec/json_scanner.h"
#include "mcp/message.h"
#include "property.h"

namespace mcpio::fuzz {
namespace {

using mcp::Message;

Result<Message> message_from(std::string_view text) {
  codec::JsonScanner scanner(1 << 20);
  if (auto fed = scanner.feed(text); !fed) return propagate(fed);
  auto json = scanner.finish();
  if (!json) return propagate(json);
  (void)mcp::usable_id(*json);
  return Message::from(std::move(*json));
}

void check_same_but_id(const Message& a, const Message& b) {
  check(a.kind() == b.kind() && a.method() == b.method(), "kind and method stay");
  check(a.params() == b.params() && a.result() == b.result() && a.error() == b.error(),
        "params, result and error stay");
  check(a.ambiguity() == b.ambiguity(), "names stay");
}

void check_message(const Message& message) {
  check(!mcp::label(message).empty(), "every message has a label");
  check(!message.is_notification() || message.id().empty(), "a notification has no id");
  check(!message.is_request() || !message.id().empty(), "a request has an id");
  check(message.is_response() == message.method().empty(), "only a response has no method");
  const auto again = message_from(message.text());
  check(again.has_value() && again->id() == message.id(), "a message's text is that message");
  check_same_but_id(*again, message);
  if (message.id().empty()) return;

  check(mcp::canonical_id(mcp::canonical_id(message.id())) == mcp::canonical_id(message.id()),
        "a canonical id is its own");
  const Message other = message.with_id("\"another\"");
  check(other.id() == "\"another\"", "the id is the new one");
  check_same_but_id(other, message);
  check(other.with_id(message.id()).text() == message.text(), "and back again");
  check(message_from(other.text()).has_value(), "what was rewritten is a message");
}

void check_rewrites(const Message& message) {
  if (message.is_response()) {
    if (!message.result()) return;
    const std::array<std::string_view, 2> pieces{R"({"x":)", "1}"};
    const Message other = message.with_result(pieces);
    check(other.result() == R"({"x":1})" && other.id() == message.id(),
          "the result is the new one");
    check(message_from(other.text()).has_value(), "what was rewritten is a message");
    return;
  }
  const Message other = message.with_params(R"({"x":1})");
  check(other.params() == R"({"x":1})" && other.id() == message.id(), "params are the new ones");
  check(other.method() == message.method(), "the method stays");
  check(message_from(other.text()).has_value(), "what was rewritten is a message");
}

}  // namespace
}  // namespace mcpio::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const auto message = mcpio::fuzz::message_from(mcpio::fuzz::text_of(bytes, size));
  if (!message) return 0;
  mcpio::fuzz::check_message(*message);
  if (message->ambiguity().empty()) mcpio::fuzz::check_rewrites(*message);
  return 0;
}
