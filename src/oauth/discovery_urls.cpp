// SPDX-License-Identifier: MIT
#include "oauth/discovery_urls.h"

#include <algorithm>
#include <string_view>

namespace mcpio::oauth {
namespace {

constexpr std::string_view kResource = "/.well-known/oauth-protected-resource";
constexpr std::string_view kServer = "/.well-known/oauth-authorization-server";
constexpr std::string_view kOpenId = "/.well-known/openid-configuration";

// Without the slashes at its end: "any terminating "/" MUST be removed" (RFC 8414, section 3.1).
std::string_view path_of(const codec::Url& url) {
  std::string_view path = url.path;
  while (path.ends_with('/')) path.remove_suffix(1);
  return path;
}

std::string joined(const codec::Url& url, std::string_view first, std::string_view second) {
  return codec::origin_of(url).append(first).append(second);
}

void add_once(std::vector<std::string>& urls, std::string url) {
  if (std::ranges::find(urls, url) == urls.end()) urls.push_back(std::move(url));
}

void add_candidates(std::vector<MetadataCandidate>& candidates, const codec::Url& issuer) {
  for (std::string& url : server_metadata_urls(issuer))
    candidates.push_back({.url = std::move(url), .issuer = joined(issuer, path_of(issuer), "")});
}

}  // namespace

std::vector<std::string> resource_metadata_urls(const codec::Url& server,
                                                const std::optional<codec::Url>& named) {
  std::vector<std::string> urls;
  if (named) urls.push_back(codec::to_string(*named));
  const std::string query = server.query ? "?" + *server.query : "";
  add_once(urls, joined(server, kResource, path_of(server)) + query);
  add_once(urls, joined(server, kResource, ""));
  return urls;
}

std::vector<std::string> server_metadata_urls(const codec::Url& issuer) {
  const std::string_view path = path_of(issuer);
  std::vector<std::string> urls;
  add_once(urls, joined(issuer, kServer, path));
  add_once(urls, joined(issuer, kOpenId, path));
  add_once(urls, joined(issuer, path, kOpenId));
  return urls;
}

std::vector<MetadataCandidate> legacy_metadata_candidates(const codec::Url& server) {
  codec::Url origin = server;
  origin.path.clear();
  std::vector<MetadataCandidate> candidates;
  add_candidates(candidates, origin);
  if (!path_of(server).empty()) add_candidates(candidates, server);
  return candidates;
}

}  // namespace mcpio::oauth
