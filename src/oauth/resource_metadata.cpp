// SPDX-License-Identifier: MIT
#include "oauth/resource_metadata.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/limits.h"
#include "codec/json_document.h"
#include "codec/json_scanner.h"
#include "oauth/endpoint_guard.h"
#include "oauth/issuer.h"

namespace mcpio::oauth {

namespace {

// Of any kind; a document can only be an object.
bool is_json(std::string_view body) {
  codec::JsonScanner scanner(limits::kDocumentBytes);
  return scanner.feed(body) && scanner.finish();
}

}  // namespace

Result<ResourceAnswer> read_resource_metadata(int status, std::string_view body) {
  if (status >= 500)
    return fail(ErrorKind::rejected, fmt::format("the resource metadata answered {}", status));
  if (status >= 400) return NoDocument();
  if (status >= 300) return UselessDocument{fmt::format("answered {}", status)};
  const auto document = codec::JsonObject::parse(body, "resource metadata");
  if (status != 200 || (!document && !is_json(body))) return NoDocument();
  if (!document) return UselessDocument{"is no JSON object"};
  auto servers = document->strings("authorization_servers");
  if (!servers || servers->empty()) return UselessDocument{"names no authorization server"};
  return ResourceMetadata{
      .resource = document->string("resource"),
      .authorization_servers = *std::move(servers),
      .scopes_supported = document->strings("scopes_supported"),
      .dpop_bound_access_tokens_required = document->is_true("dpop_bound_access_tokens_required")};
}

Result<std::vector<std::string>> usable_servers(std::span<const std::string> listed,
                                                std::span<const std::string> held,
                                                const KnownProviders& providers) {
  const auto is_held = [&](const std::string& server) {
    return std::ranges::any_of(
        held, [&](const std::string& issuer) { return is_same_issuer(server, issuer, providers); });
  };
  std::vector<std::string> usable;
  std::vector<std::string> others;
  std::string fault = "it names none";
  for (const std::string& server : listed) {
    if (const auto url = check_endpoint(server, "authorization server"); !url)
      fault = url.error().message;
    else
      (is_held(server) ? usable : others).push_back(server);
  }
  usable.insert(usable.end(), others.begin(), others.end());
  if (usable.empty())
    return fail(ErrorKind::protocol,
                "the resource metadata names no usable authorization server: " + fault);
  usable.resize(std::min(usable.size(), limits::kAuthorizationServers));
  return usable;
}

}  // namespace mcpio::oauth
