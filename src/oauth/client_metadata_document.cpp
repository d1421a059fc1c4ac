// SPDX-License-Identifier: MIT
#include "oauth/client_metadata_document.h"

#include <fmt/format.h>

#include <algorithm>

#include "codec/json_document.h"
#include "codec/url.h"
#include "oauth/auth_method.h"

namespace mcpio::oauth {
namespace {

// Percent codes included: `%2e` is a dot to every reader that normalizes (RFC 3986, section 6.2.2).
bool is_dot_segment(std::string segment) {
  for (std::size_t at = 0; (at = segment.find('%', at)) != segment.npos; ++at) {
    const std::string code = segment.substr(at, 3);
    if (code == "%2e" || code == "%2E") segment.replace(at, 3, ".");
  }
  return segment == "." || segment == "..";
}

bool has_dot_segment(std::string_view path) {
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    if (is_dot_segment(std::string(path.substr(0, end)))) return true;
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return false;
}

struct Rule {
  bool (*is_broken)(const codec::Url&);
  std::string_view problem;
};

constexpr Rule kRules[] = {
    {[](const codec::Url& url) { return !url.is_https(); }, "must be an https URL"},
    {[](const codec::Url& url) { return url.path.empty() || url.path == "/"; }, "needs a path"},
    {[](const codec::Url& url) { return has_dot_segment(url.path); },
     "must not contain . or .. as a path segment"},
    {[](const codec::Url& url) { return url.fragment.has_value(); }, "must not have a fragment"},
    {[](const codec::Url& url) { return url.userinfo.has_value(); },
     "must not hold a user name or password"},
};

}  // namespace

Result<void> check_client_metadata_url(std::string_view text) {
  const auto url = codec::parse_url(text);
  if (!url) return fail(ErrorKind::config, "must be an https URL");
  for (const Rule& rule : kRules)
    if (rule.is_broken(*url)) return fail(ErrorKind::config, std::string(rule.problem));
  return ok();
}

std::string client_metadata_document(std::string_view url, std::vector<std::string> redirect_uris,
                                     std::string_view jwks) {
  if (redirect_uris.empty())
    redirect_uris = {"http://127.0.0.1/callback", "http://localhost/callback"};
  const AuthMethod method = jwks.empty() ? AuthMethod::none : AuthMethod::private_key_jwt;
  codec::JsonWriter document;
  document.add("client_id", url)
      .add("client_name", "mcp-stdio")
      .add("application_type", "native")
      .add("redirect_uris", redirect_uris)
      .add("response_types", std::vector<std::string>{"code"})
      .add("grant_types", std::vector<std::string>{"authorization_code", "refresh_token",
                                                   "urn:ietf:params:oauth:grant-type:device_code"})
      .add("token_endpoint_auth_method", name_of(method));
  if (!jwks.empty()) document.add_json("jwks", jwks);
  return document.text();
}

}  // namespace mcpio::oauth
