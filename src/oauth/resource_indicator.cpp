// SPDX-License-Identifier: MIT
#include "oauth/resource_indicator.h"

#include <fmt/core.h>

#include <string_view>

namespace mcpio::oauth {
namespace {

std::string_view without_slash(std::string_view path) {
  if (path.ends_with('/')) path.remove_suffix(1);
  return path;
}

bool is_segment_prefix(std::string_view prefix, std::string_view path) {
  return path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
}

// A query is part of the resource; without one, all queries are.
bool holds(const codec::Url& resource, const codec::Url& server) {
  if (resource.userinfo || resource.fragment || !codec::same_origin(resource, server)) return false;
  const std::string_view path = without_slash(resource.path);
  if (resource.query) return resource.query == server.query && path == without_slash(server.path);
  return is_segment_prefix(path, without_slash(server.path));
}

}  // namespace

std::string canonical_resource(const codec::Url& server) {
  codec::Url resource = server;
  resource.userinfo.reset();
  resource.fragment.reset();
  return codec::to_string(resource);
}

Result<std::optional<std::string>> choose_resource(const ResourceRule& rule,
                                                   const codec::Url& server,
                                                   const std::optional<std::string>& published) {
  if (rule.omit) return std::nullopt;
  if (rule.value) return rule.value;
  if (!published) return canonical_resource(server);
  const auto resource = codec::parse_url(*published);
  if (resource && holds(*resource, server)) return published;
  return fail(
      ErrorKind::untrusted,
      fmt::format("the resource metadata is for {}, which is not {}; --oauth-resource VALUE "
                  "names another one, --no-resource-indicator none",
                  codec::for_log(*published), codec::for_log(server)));
}

}  // namespace mcpio::oauth
