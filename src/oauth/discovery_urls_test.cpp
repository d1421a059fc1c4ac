// SPDX-License-Identifier: MIT
#include "oauth/discovery_urls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace mcpio::oauth {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;

codec::Url url_of(std::string_view text) { return codec::parse_url(text).value(); }

struct Urls {
  std::string_view name, from;
  std::vector<std::string> tried;
};

std::string name_of(const testing::TestParamInfo<Urls>& test) {
  return std::string(test.param.name);
}

class ResourceMetadataUrls : public testing::TestWithParam<Urls> {};

TEST_P(ResourceMetadataUrls, AreTriedInOrder) {
  EXPECT_THAT(resource_metadata_urls(url_of(GetParam().from), std::nullopt),
              ElementsAreArray(GetParam().tried));
}

const Urls kResources[] = {
    // RFC 9728, section 3.1.
    {"NoPath",
     "https://resource.example.com",
     {"https://resource.example.com/.well-known/oauth-protected-resource"}},
    {"Path",
     "https://resource.example.com/resource1",
     {"https://resource.example.com/.well-known/oauth-protected-resource/resource1",
      "https://resource.example.com/.well-known/oauth-protected-resource"}},
    // MCP 2026-07-28, protected resource metadata discovery requirements.
    {"McpExample",
     "https://example.com/public/mcp",
     {"https://example.com/.well-known/oauth-protected-resource/public/mcp",
      "https://example.com/.well-known/oauth-protected-resource"}},
    {"RootSlash", "https://a.example/", {"https://a.example/.well-known/oauth-protected-resource"}},
    {"TrailingSlash",
     "https://a.example/mcp/",
     {"https://a.example/.well-known/oauth-protected-resource/mcp",
      "https://a.example/.well-known/oauth-protected-resource"}},
    {"DeepPath",
     "https://a.example/b/c/d/mcp",
     {"https://a.example/.well-known/oauth-protected-resource/b/c/d/mcp",
      "https://a.example/.well-known/oauth-protected-resource"}},
    {"Port",
     "http://localhost:8080/mcp",
     {"http://localhost:8080/.well-known/oauth-protected-resource/mcp",
      "http://localhost:8080/.well-known/oauth-protected-resource"}},
    {"OwnPort",
     "https://a.example:443",
     {"https://a.example/.well-known/oauth-protected-resource"}},
    {"Ipv6",
     "http://[::1]:8080/mcp",
     {"http://[::1]:8080/.well-known/oauth-protected-resource/mcp",
      "http://[::1]:8080/.well-known/oauth-protected-resource"}},
    {"KeepsTheQuery",
     "https://a.example/mcp?key=1&b=/",
     {"https://a.example/.well-known/oauth-protected-resource/mcp?key=1&b=/",
      "https://a.example/.well-known/oauth-protected-resource"}},
    {"QueryWithoutPath",
     "https://a.example?key=1",
     {"https://a.example/.well-known/oauth-protected-resource?key=1",
      "https://a.example/.well-known/oauth-protected-resource"}},
    {"NoUserinfoNoFragment",
     "https://u:p@a.example/mcp#x",
     {"https://a.example/.well-known/oauth-protected-resource/mcp",
      "https://a.example/.well-known/oauth-protected-resource"}},
    {"KeepsPercentCodes",
     "https://a.example/m%2Fcp",
     {"https://a.example/.well-known/oauth-protected-resource/m%2Fcp",
      "https://a.example/.well-known/oauth-protected-resource"}},
};
INSTANTIATE_TEST_SUITE_P(Rfc9728, ResourceMetadataUrls, testing::ValuesIn(kResources), name_of);

TEST(ResourceMetadataUrlsNamed, ComeFirst) {
  EXPECT_THAT(resource_metadata_urls(url_of("https://a.example/mcp"),
                                     url_of("https://meta.example/custom/location.json?a=b")),
              ElementsAre("https://meta.example/custom/location.json?a=b",
                          "https://a.example/.well-known/oauth-protected-resource/mcp",
                          "https://a.example/.well-known/oauth-protected-resource"));
}

TEST(ResourceMetadataUrlsNamed, AreAskedOnce) {
  const auto server = url_of("https://a.example/mcp");
  EXPECT_THAT(resource_metadata_urls(
                  server, url_of("https://a.example/.well-known/oauth-protected-resource/mcp")),
              ElementsAre("https://a.example/.well-known/oauth-protected-resource/mcp",
                          "https://a.example/.well-known/oauth-protected-resource"));
  EXPECT_THAT(resource_metadata_urls(
                  server, url_of("https://a.example/.well-known/oauth-protected-resource")),
              ElementsAre("https://a.example/.well-known/oauth-protected-resource",
                          "https://a.example/.well-known/oauth-protected-resource/mcp"));
}

class ServerMetadataUrls : public testing::TestWithParam<Urls> {};

TEST_P(ServerMetadataUrls, AreTriedInOrder) {
  EXPECT_THAT(server_metadata_urls(url_of(GetParam().from)), ElementsAreArray(GetParam().tried));
}

const Urls kServers[] = {
    // MCP 2026-07-28, authorization server metadata discovery.
    {"Path",
     "https://auth.example.com/tenant1",
     {"https://auth.example.com/.well-known/oauth-authorization-server/tenant1",
      "https://auth.example.com/.well-known/openid-configuration/tenant1",
      "https://auth.example.com/tenant1/.well-known/openid-configuration"}},
    {"NoPath",
     "https://auth.example.com",
     {"https://auth.example.com/.well-known/oauth-authorization-server",
      "https://auth.example.com/.well-known/openid-configuration"}},
    {"RootSlash",
     "https://auth.example.com/",
     {"https://auth.example.com/.well-known/oauth-authorization-server",
      "https://auth.example.com/.well-known/openid-configuration"}},
    // RFC 8414, section 3.1: any terminating slash is removed.
    {"TrailingSlash",
     "https://example.com/issuer1/",
     {"https://example.com/.well-known/oauth-authorization-server/issuer1",
      "https://example.com/.well-known/openid-configuration/issuer1",
      "https://example.com/issuer1/.well-known/openid-configuration"}},
    {"Keycloak",
     "https://id.example:8443/auth/realms/one",
     {"https://id.example:8443/.well-known/oauth-authorization-server/auth/realms/one",
      "https://id.example:8443/.well-known/openid-configuration/auth/realms/one",
      "https://id.example:8443/auth/realms/one/.well-known/openid-configuration"}},
    {"DropsTheQuery",
     "https://u@a.example/t?p=x#y",
     {"https://a.example/.well-known/oauth-authorization-server/t",
      "https://a.example/.well-known/openid-configuration/t",
      "https://a.example/t/.well-known/openid-configuration"}},
};
INSTANTIATE_TEST_SUITE_P(Rfc8414, ServerMetadataUrls, testing::ValuesIn(kServers), name_of);

// MCP 2025-03-26, authorization base URL: the path is discarded first.
TEST(LegacyMetadataCandidates, AreOnTheOriginThenOnTheWholeUrl) {
  EXPECT_THAT(
      legacy_metadata_candidates(url_of("https://u@api.example.com/v1/mcp/?key=1")),
      ElementsAre(
          MetadataCandidate{"https://api.example.com/.well-known/oauth-authorization-server",
                            "https://api.example.com"},
          MetadataCandidate{"https://api.example.com/.well-known/openid-configuration",
                            "https://api.example.com"},
          MetadataCandidate{"https://api.example.com/.well-known/oauth-authorization-server/v1/mcp",
                            "https://api.example.com/v1/mcp"},
          MetadataCandidate{"https://api.example.com/.well-known/openid-configuration/v1/mcp",
                            "https://api.example.com/v1/mcp"},
          MetadataCandidate{"https://api.example.com/v1/mcp/.well-known/openid-configuration",
                            "https://api.example.com/v1/mcp"}));
}

TEST(LegacyMetadataCandidates, OfAServerWithoutAPathAreTwo) {
  EXPECT_THAT(
      legacy_metadata_candidates(url_of("http://127.0.0.1:9/")),
      ElementsAre(MetadataCandidate{"http://127.0.0.1:9/.well-known/oauth-authorization-server",
                                    "http://127.0.0.1:9"},
                  MetadataCandidate{"http://127.0.0.1:9/.well-known/openid-configuration",
                                    "http://127.0.0.1:9"}));
}

}  // namespace
}  // namespace mcpio::oauth
