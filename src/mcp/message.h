// SPDX-License-Identifier: MIT
// One JSON-RPC message: its original bytes, and the few things about it that anybody decides on.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/buffer.h"
#include "base/result.h"
#include "codec/json_scanner.h"

namespace mcpio::mcp {

enum class Kind { request, notification, response };

// Copies share everything, since nothing of it changes: a message is as cheap to hand on as a
// pointer, and to be used no more than one once it was moved from. Never a batch: whoever receives
// takes arrays apart.
class Message {
 public:
  // Takes a well-formed JSON text for what it is. Fails with `protocol` and the reason why it is no
  // JSON-RPC 2.0 message; see also unusable_id().
  static Result<Message> from(codec::JsonText text);

  // For texts of our own and for tests; the text must be a message.
  static Message of(std::string_view text);

  Kind kind() const { return parts_->kind; }
  bool is_request() const { return kind() == Kind::request; }
  bool is_notification() const { return kind() == Kind::notification; }
  bool is_response() const { return kind() == Kind::response; }
  bool is_request(std::string_view name) const { return is_request() && method() == name; }
  bool is_notification(std::string_view name) const {
    return is_notification() && method() == name;
  }

  // The id as its JSON text (`1`, `"a"`, `null`); empty for a notification, and for an error that
  // answers nobody in particular. The view lives as long as the message or a copy of it.
  std::string_view id() const { return at(parts_->id); }
  // Decoded; empty for a response.
  const std::string& method() const { return parts_->method; }

  // JSON texts of members; no value: there is none.
  std::optional<std::string_view> params() const { return member(parts_->params); }
  std::optional<std::string_view> result() const { return member(parts_->result); }
  std::optional<std::string_view> error() const { return member(parts_->error); }

  // The whole line, without its line ending.
  std::string_view text() const { return parts_->bytes.view(); }
  std::shared_ptr<const Buffer> bytes() const { return {parts_, &parts_->bytes}; }

  // What readers disagree on in the names at the top level, in `params` and in `params._meta`, in a
  // few words (codec/json_names.h); empty: nothing. Reads the whole text, so ask for it once, and
  // only where something depends on it: for messages of the client.
  std::string_view ambiguity() const;

  // A copy with another id, or with other params; every other byte stays. Both must be JSON texts.
  // Copies are charged to the same budget, but made beyond it too, as by Buffer::copy().
  Message with_id(std::string_view id) const;
  Message with_params(std::string_view params) const;
  // For a response that has a result: the same with another one, given in pieces.
  Message with_result(std::span<const std::string_view> pieces) const;

 private:
  struct Span {
    std::size_t at = 0, size = 0;
  };
  struct Parts {
    Kind kind = Kind::notification;
    Buffer bytes = {};
    std::string method = {};
    Span id = {}, params = {}, result = {}, error = {};
  };
  explicit Message(std::shared_ptr<const Parts> parts) : parts_(std::move(parts)) {}

  std::string_view at(Span span) const { return text().substr(span.at, span.size); }
  std::optional<std::string_view> member(Span span) const {
    return span.size > 0 ? std::optional(at(span)) : std::nullopt;
  }
  // Everything with `now` in place of `old`.
  Parts changed(Span old, std::span<const std::string_view> now) const;
  Message with(Span old, std::span<const std::string_view> now) const;

  std::shared_ptr<const Parts> parts_;
};

// The id to answer under when a text is not a message we can use: its id member if that is a string
// or a number and the text is not meant as a response, else "null".
std::string usable_id(const codec::JsonText& text);

// Messages of our own. Ids and params are JSON texts; `text` and `method` are plain.
Message make_request(std::string_view id, std::string_view method, std::string_view params = {});
Message make_notification(std::string_view method, std::string_view params = {});
Message make_result(std::string_view id, std::string_view result);
Message make_error(std::string_view id, int code, std::string_view text,
                   std::string_view data = {});

// Two ids are the same if their canonical texts are: "a" and "\u0061" are, 1 and 1.0 are not.
std::string canonical_id(std::string_view id);

// "tools/call 7", for logs: method or "response", and the id.
std::string label(const Message& message);

}  // namespace mcpio::mcp
