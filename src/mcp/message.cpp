// SPDX-License-Identifier: MIT
#include "mcp/message.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include "base/limits.h"
#include "codec/json_names.h"
#include "codec/json_view.h"
#include "mcp/methods.h"

namespace mcpio::mcp {
namespace {

constexpr std::array<std::string_view, 6> kNames{"jsonrpc", "id",     "method",
                                                 "params",  "result", "error"};

bool is_number(std::string_view json) {
  return !json.empty() && (json.front() == '-' || (json.front() >= '0' && json.front() <= '9'));
}

// MCP narrows JSON-RPC's ids to strings and numbers; null is answered, since clients send it.
bool is_id(std::string_view json) {
  return codec::is_string(json) || is_number(json) || codec::is_null(json);
}

std::size_t size_of(std::span<const std::string_view> pieces) {
  std::size_t size = 0;
  for (const auto piece : pieces) size += piece.size();
  return size;
}

// What a copy is made of was let in already: beyond the budget it is made all the same.
Buffer room_for(std::size_t bytes, Budget* budget) {
  Buffer room(budget);
  if (room.reserve(bytes)) return room;
  room = Buffer();
  (void)room.reserve(bytes);
  return room;
}

codec::JsonText scanned(std::string_view text) {
  codec::JsonScanner scanner(text.size() * 2 + 16);
  auto fed = scanner.feed(text);
  auto whole = fed ? scanner.finish() : Result<codec::JsonText>(propagate(fed));
  if (!whole) throw std::logic_error("a message of ours is " + whole.error().message);
  return *std::move(whole);
}

Message ours(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const auto part : parts) text += part;
  return Message::of(text);
}

// An answer to an answer would be taken for the answer to a request of the same id.
bool is_meant_as_response(const codec::JsonText& text) {
  bool has_outcome = false;
  for (const codec::JsonMember& member : text.members) {
    const std::string_view name = text.name(member);
    if (name == "method") return false;
    if (name == "result" || name == "error") has_outcome = true;
  }
  return has_outcome;
}

}  // namespace

Result<Message> Message::from(codec::JsonText text) {
  if (!text.is_object()) return fail(ErrorKind::protocol, "a message is a JSON object");
  Parts parts;
  std::array<const codec::JsonMember*, kNames.size()> found{};
  for (const codec::JsonMember& member : text.members) {
    const auto at = std::find(kNames.begin(), kNames.end(), text.name(member));
    if (at == kNames.end()) continue;
    auto& place = found[static_cast<std::size_t>(at - kNames.begin())];
    if (place == nullptr) place = &member;
  }
  const auto [jsonrpc, id, method, params, result, error] = found;
  const auto span = [](const codec::JsonMember* member) {
    return member == nullptr ? Span{} : Span{member->value_at, member->value_size};
  };
  const auto value = [&](const codec::JsonMember* member) {
    return member == nullptr ? std::string_view() : text.value(*member);
  };

  if (value(jsonrpc) != "\"2.0\"") return fail(ErrorKind::protocol, "jsonrpc is not \"2.0\"");
  if (id != nullptr && !is_id(value(id)))
    return fail(ErrorKind::protocol, "id is neither a string nor a number");
  if (method != nullptr) {
    auto name = codec::string_value(value(method));
    if (!name || name->empty()) return fail(ErrorKind::protocol, "method is not a name");
    parts.method = *std::move(name);
    parts.kind = id != nullptr ? Kind::request : Kind::notification;
  } else {
    if (result == nullptr && error == nullptr)
      return fail(ErrorKind::protocol, "neither method, result nor error is there");
    if (result != nullptr && error != nullptr)
      return fail(ErrorKind::protocol, "both result and error are there");
    if (error != nullptr && !codec::is_object(value(error)))
      return fail(ErrorKind::protocol, "error is not an object");
    if (id == nullptr && error == nullptr)
      return fail(ErrorKind::protocol, "a result without an id answers nothing");
    parts.kind = Kind::response;
  }
  parts.id = span(id);
  parts.params = span(params);
  parts.result = span(result);
  parts.error = span(error);
  parts.bytes = std::move(text.bytes);
  return Message(std::make_shared<const Parts>(std::move(parts)));
}

Message Message::of(std::string_view text) {
  auto message = from(scanned(text));
  if (!message) throw std::logic_error("a message of ours: " + message.error().message);
  return *std::move(message);
}

std::string_view Message::ambiguity() const {
  const auto p = params();
  const auto problem = codec::name_problem(text(), kNames);
  if (!problem.empty() || !p) return problem;
  const auto problem_of_params = codec::name_problem(*p, params_decided_on(method()));
  if (!problem_of_params.empty()) return problem_of_params;
  const auto meta = codec::find_member(*p, "_meta");
  return meta ? codec::name_problem(*meta, {}) : std::string_view();
}

Message::Parts Message::changed(Span old, std::span<const std::string_view> now) const {
  const std::string_view whole = text();
  const std::size_t new_size = size_of(now);
  Parts copy{.kind = kind(),
             .bytes = room_for(whole.size() - old.size + new_size, parts_->bytes.budget()),
             .method = method()};
  (void)copy.bytes.append(whole.substr(0, old.at));
  for (const std::string_view piece : now) (void)copy.bytes.append(piece);
  (void)copy.bytes.append(whole.substr(old.at + old.size));
  const auto moved = [&](Span span) {
    if (span.size > 0 && span.at == old.at) span.size = new_size;
    if (span.size > 0 && span.at > old.at) span.at = span.at + new_size - old.size;
    return span;
  };
  copy.id = moved(parts_->id);
  copy.params = moved(parts_->params);
  copy.result = moved(parts_->result);
  copy.error = moved(parts_->error);
  return copy;
}

Message Message::with(Span old, std::span<const std::string_view> now) const {
  return Message(std::make_shared<const Parts>(changed(old, now)));
}

Message Message::with_id(std::string_view id) const {
  return parts_->id.size > 0 && this->id() != id ? with(parts_->id, {&id, 1}) : *this;
}

Message Message::with_params(std::string_view params) const {
  if (parts_->params.size > 0) return with(parts_->params, {&params, 1});
  // In front of the closing brace. A message has another member there, so that a comma is right.
  const Span end{.at = text().rfind('}'), .size = 0};
  const std::array<std::string_view, 2> member{",\"params\":", params};
  Parts more = changed(end, member);
  more.params = Span{.at = end.at + member[0].size(), .size = params.size()};
  return Message(std::make_shared<const Parts>(std::move(more)));
}

Message Message::with_result(std::span<const std::string_view> pieces) const {
  return with(parts_->result, pieces);
}

std::string usable_id(const codec::JsonText& text) {
  if (is_meant_as_response(text)) return "null";
  for (const codec::JsonMember& member : text.members) {
    if (text.name(member) != "id" || member.value_size == 0) continue;
    const std::string_view id = text.value(member);
    if (codec::is_string(id) || is_number(id)) return std::string(id);
  }
  return "null";
}

Message make_request(std::string_view id, std::string_view method, std::string_view params) {
  const std::string name = codec::quoted(method);
  if (params.empty()) return ours({R"({"jsonrpc":"2.0","id":)", id, R"(,"method":)", name, "}"});
  return ours(
      {R"({"jsonrpc":"2.0","id":)", id, R"(,"method":)", name, R"(,"params":)", params, "}"});
}

Message make_notification(std::string_view method, std::string_view params) {
  const std::string name = codec::quoted(method);
  if (params.empty()) return ours({R"({"jsonrpc":"2.0","method":)", name, "}"});
  return ours({R"({"jsonrpc":"2.0","method":)", name, R"(,"params":)", params, "}"});
}

Message make_result(std::string_view id, std::string_view result) {
  return ours({R"({"jsonrpc":"2.0","id":)", id, R"(,"result":)", result, "}"});
}

Message make_error(std::string_view id, int code, std::string_view text, std::string_view data) {
  const std::string head =
      fmt::format(R"({{"jsonrpc":"2.0","id":{},"error":{{"code":{},"message":{})", id, code,
                  codec::quoted(text));
  if (data.empty()) return ours({head, "}}"});
  return ours({head, R"(,"data":)", data, "}}"});
}

std::string canonical_id(std::string_view id) {
  // Nothing that quoted() writes in another way.
  if (id.find_first_of("\\\x7f") == std::string_view::npos) return std::string(id);
  const auto text = codec::string_value(id);
  return text ? codec::quoted(*text) : std::string(id);
}

std::string label(const Message& message) {
  const std::string_view id = message.id().substr(0, 64);
  if (message.is_response()) return fmt::format("response {}", id);
  if (message.is_notification()) return message.method().substr(0, 64);
  return fmt::format("{} {}", message.method().substr(0, 64), id);
}

}  // namespace mcpio::mcp
