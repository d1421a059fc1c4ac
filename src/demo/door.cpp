// SPDX-License-Identifier: MIT
#include "demo/door.h"

#include <fmt/core.h>

#include <utility>

#include "codec/url.h"

namespace mcpio::demo {
namespace {

constexpr std::string_view kWellKnown = "/.well-known/oauth-protected-resource";

// RFC 6750, section 2.1; the scheme's name in any case (RFC 9110, section 11.1).
std::string_view bearer_token(const http::IncomingRequest& request) {
  constexpr std::string_view kScheme = "Bearer ";
  const std::string_view value = request.fields.find("Authorization").value_or("");
  const bool is_bearer = http::equals_ignoring_case(value.substr(0, kScheme.size()), kScheme);
  return is_bearer ? value.substr(kScheme.size()) : std::string_view();
}

// RFC 9728, section 3.1.
codec::Url metadata_url_of(std::string_view resource) {
  auto url = codec::parse_url(resource).value();
  url.path = std::string(kWellKnown) + url.path;
  return url;
}

}  // namespace

Door::Door(std::string resource, AuthorizationServer& server)
    : resource_(std::move(resource)), metadata_url_(metadata_url_of(resource_)), server_(server) {}

std::optional<HttpAnswer> Door::answer(const http::IncomingRequest& request) const {
  if (request.method == "GET" && request.target == metadata_url_.path) {
    server_.note(SignInEvent::found_resource);
    return HttpAnswer{200, Json{{"resource", resource_},
                                {"authorization_servers", Json::array({server_.issuer()})}}};
  }
  const std::string_view token = bearer_token(request);
  if (server_.grants().is_good(token, resource_)) return std::nullopt;

  server_.note(token.empty() ? SignInEvent::wanted : SignInEvent::token_expired);
  HttpAnswer refused{401};
  refused.fields.add("WWW-Authenticate",
                     fmt::format("Bearer {}resource_metadata=\"{}\"",
                                 token.empty() ? "" : "error=\"invalid_token\", ",
                                 codec::to_string(metadata_url_)));
  return refused;
}

}  // namespace mcpio::demo
