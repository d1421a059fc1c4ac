// SPDX-License-Identifier: MIT
#include "demo/reply.h"

#include <tuple>
#include <utility>

#include "codec/url.h"

namespace mcpio::demo {
namespace {

constexpr int kDepth = 64;  // of arrays and objects in a message

}  // namespace

http::Fields with_type(std::string_view type) {
  http::Fields fields;
  fields.add("Content-Type", type);
  fields.add("Cache-Control", "no-store");
  return fields;
}

std::shared_ptr<const Buffer> body_of(const Json& message) {
  return std::make_shared<const Buffer>(message.dump());
}

awaitable<void> send(Reply reply, int status, http::Fields fields,
                     std::shared_ptr<const Buffer> body) {
  auto sent = co_await reply->send(status, std::move(fields), std::move(body));
  std::ignore = sent;
}

awaitable<void> send_json(Reply reply, int status, Json message) {
  co_await send(std::move(reply), status, with_type("application/json"), body_of(message));
}

awaitable<void> send(Reply reply, HttpAnswer answer) {
  const bool has_body = !answer.body.is_null();
  if (has_body) answer.fields.set("Content-Type", "application/json");
  answer.fields.set("Cache-Control", "no-store");
  auto body = has_body ? body_of(answer.body) : nullptr;
  co_await send(std::move(reply), answer.status, std::move(answer.fields), std::move(body));
}

Json parse(std::string_view text) {
  bool too_deep = false;
  const auto look = [&too_deep](int depth, Json::parse_event_t, Json&) {
    too_deep = too_deep || depth > kDepth;
    return !too_deep;
  };
  Json message = Json::parse(text, look, false);
  return too_deep ? Json(Json::value_t::discarded) : message;
}

const Json& member(const Json& object, const char* name) {
  static const Json kNone = Json::object();
  const auto found = object.is_object() ? object.find(name) : object.end();
  return found == object.end() ? kNone : *found;
}

std::string text_of(const Json& object, const char* name) {
  const Json& text = member(object, name);
  return text.is_string() ? text.get<std::string>() : "";
}

bool is_foreign(const http::IncomingRequest& request) {
  const auto origin = request.fields.find("Origin");
  if (!origin) return false;
  const auto url = codec::parse_url(*origin);
  return !url || !codec::is_loopback(url->host);
}

}  // namespace mcpio::demo
