// SPDX-License-Identifier: MIT
// How the demo's servers read JSON and answer requests.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "demo/catalogue.h"
#include "http/server.h"

namespace mcpio::demo {

using Reply = std::shared_ptr<http::Responder>;

// Not to be kept by anybody.
http::Fields with_type(std::string_view type);
std::shared_ptr<const Buffer> body_of(const Json& message);

// A whole answer as a value.
struct HttpAnswer {
  int status = 200;
  Json body = Json();  // null: none
  http::Fields fields = http::Fields();
};

// They send, and need no result: whether the client still listens changes nothing here.
awaitable<void> send(Reply reply, int status, http::Fields fields,
                     std::shared_ptr<const Buffer> body);
awaitable<void> send_json(Reply reply, int status, Json message);
awaitable<void> send(Reply reply, HttpAnswer answer);

// Discarded if it is no JSON, or nested so deep that copying or writing it, which the library does
// by recursion, would be too much for the stack.
Json parse(std::string_view text);

// A member of an object; an empty object, or no text, if there is none of that kind.
const Json& member(const Json& object, const char* name);
std::string text_of(const Json& object, const char* name);

// A page of another machine may speak to neither server.
bool is_foreign(const http::IncomingRequest& request);

}  // namespace mcpio::demo
