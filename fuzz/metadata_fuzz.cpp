// SPDX-License-Identifier: MIT
// Input: a document. Read as both kinds of metadata, it leads to no address that is not safe, and
// to no issuer and no resource but those that were asked for.
#include <optional>
#include <string>
#include <vector>

#include "oauth/discovery_urls.h"
#include "oauth/endpoint_guard.h"
#include "oauth/issuer.h"
#include "oauth/pkce_support.h"
#include "oauth/resource_indicator.h"
#include "oauth/resource_metadata.h"
#include "oauth/scopes.h"
#include "oauth/server_metadata.h"
#include "property.h"

namespace mcpio::fuzz {
namespace {

using namespace oauth;

const KnownProviders kProviders(true);

void check_endpoints(const Endpoints& endpoints) {
  for (const auto& endpoint : {endpoints.authorization, endpoints.token, endpoints.registration,
                               endpoints.device_authorization, endpoints.revocation,
                               endpoints.introspection, endpoints.pushed_authorization_request})
    check(!endpoint || check_endpoint(*endpoint, "endpoint"), "an endpoint is safe");
}

void check_discovery(const std::string& server) {
  const auto url = check_endpoint(server, "authorization server");
  check(url.has_value(), "a server that is used is safe");
  const auto urls = server_metadata_urls(*url);
  check(urls.size() == 2 || urls.size() == 3, "there are two or three candidates");
  for (const std::string& candidate : urls) {
    const auto parsed = codec::parse_url(candidate);
    check(parsed && codec::same_origin(*parsed, *url), "metadata is asked for on its own origin");
  }
}

void check_server(std::string_view text) {
  auto metadata = parse_server_metadata(text);
  const auto read = read_server_metadata(200, text);
  check(metadata.has_value() == (read && *read), "both read alike");
  if (!metadata) return;
  const IssuerRule rule{.expected = "https://auth.example/t", .trusted = {}};
  const auto issuer = check_issuer(rule, metadata->issuer);
  check(!issuer || issuer->issuer == rule.expected || issuer->issuer == rule.expected + "/",
        "no other issuer is accepted");
  (void)check_pkce({.allow_missing = false, .providers = kProviders}, *metadata);
  check(fill_in_endpoints(*metadata, "https://auth.example").has_value(), "defaults are safe");
  check(metadata->endpoints.token && metadata->endpoints.authorization, "nothing is missing");
  check_endpoints(metadata->endpoints);
  check_endpoints(endpoints_for_mtls(*metadata));
}

void check_resource(std::string_view text) {
  const auto read = read_resource_metadata(200, text);
  check(read.has_value(), "a document is there or not");
  const auto* const found = std::get_if<ResourceMetadata>(&*read);
  if (found == nullptr) return;
  const ResourceMetadata& metadata = *found;

  const auto server = codec::parse_url("https://mcp.example/a/mcp?key=1").value();
  const auto resource = choose_resource({}, server, metadata.resource);
  if (resource) {
    const auto url = codec::parse_url(resource->value());
    check(url && codec::same_origin(*url, server), "a resource is on the server's origin");
    check(!metadata.resource || *metadata.resource == **resource, "it is sent as published");
  }
  if (const auto usable = usable_servers(metadata.authorization_servers, {}, kProviders))
    for (const std::string& candidate : *usable) check_discovery(candidate);

  const ScopeSources sources{.option = {},
                             .challenge = "",
                             .resource_supported = metadata.scopes_supported,
                             .server_supported = metadata.scopes_supported};
  const auto choice = choose_scope(sources);
  check(metadata.scopes_supported || choice.scope.empty(), "no scope is made up");
  check(has_scopes(unite_scopes(choice.scope, "a"), choice.scope), "a union has its parts");
}

}  // namespace
}  // namespace mcpio::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const auto text = mcpio::fuzz::text_of(bytes, size);
  mcpio::fuzz::check_server(text);
  mcpio::fuzz::check_resource(text);
  return 0;
}
