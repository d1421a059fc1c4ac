// SPDX-License-Identifier: MIT
#include "oauth/resource_indicator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "support/result_matchers.h"

namespace mcpio::oauth {
namespace {

using test::FailsWith;
using test::HoldsOk;
using testing::Eq;
using testing::Optional;

codec::Url url_of(std::string_view text) { return codec::parse_url(text).value(); }

TEST(CanonicalResource, IsTheServersUrlWithoutUserinfoAndFragment) {
  for (const auto& [server, resource] : {
           // MCP 2026-07-28, canonical server URI.
           std::pair("https://mcp.example.com/mcp", "https://mcp.example.com/mcp"),
           std::pair("https://mcp.example.com", "https://mcp.example.com"),
           std::pair("https://mcp.example.com:8443", "https://mcp.example.com:8443"),
           std::pair("https://mcp.example.com/server/mcp", "https://mcp.example.com/server/mcp"),
           std::pair("https://mcp.example.com/", "https://mcp.example.com/"),
           std::pair("HTTPS://MCP.Example.com/Mcp", "https://mcp.example.com/Mcp"),
           std::pair("https://u:p@mcp.example.com/mcp?k=1#x", "https://mcp.example.com/mcp?k=1"),
           std::pair("https://mcp.example.com:443/mcp", "https://mcp.example.com:443/mcp"),
       })
    EXPECT_EQ(canonical_resource(url_of(server)), resource);
}

struct Accepted {
  std::string_view name, server, published;
};

class AcceptedResources : public testing::TestWithParam<Accepted> {};

TEST_P(AcceptedResources, AreSentByteForByte) {
  const std::string published(GetParam().published);
  EXPECT_THAT(choose_resource({}, url_of(GetParam().server), published),
              HoldsOk(Optional(Eq(published))));
}

const Accepted kAccepted[] = {
    {"Equal", "https://a.example/mcp", "https://a.example/mcp"},
    {"SlashMore", "https://a.example/mcp", "https://a.example/mcp/"},
    {"SlashLess", "https://a.example/mcp/", "https://a.example/mcp"},
    {"RootSlash", "https://a.example", "https://a.example/"},
    {"Origin", "https://a.example/mcp", "https://a.example"},
    {"OriginWithASlash", "https://a.example/mcp", "https://a.example/"},
    {"WholeSegments", "https://a.example/a/b/mcp", "https://a.example/a/b"},
    {"WholeSegmentsWithASlash", "https://a.example/a/b/mcp", "https://a.example/a/b/"},
    {"HostCaseAndPort", "https://a.example/mcp", "HTTPS://A.Example:443/mcp"},
    {"SameQuery", "https://a.example/mcp?key=1", "https://a.example/mcp?key=1"},
    {"QueryLeftOut", "https://a.example/mcp?key=1", "https://a.example/mcp"},
    {"UserinfoOfTheServer", "https://u:p@a.example/mcp", "https://a.example/mcp"},
    {"ThisMachine", "http://localhost:8080/mcp", "http://localhost:8080/mcp"},
};
INSTANTIATE_TEST_SUITE_P(Rfc9728, AcceptedResources, testing::ValuesIn(kAccepted),
                         [](const auto& test) { return std::string(test.param.name); });

struct Refused {
  std::string_view name, published;
};

class RefusedResources : public testing::TestWithParam<Refused> {};

TEST_P(RefusedResources, AreRefusedWithTheOptionsThatHelp) {
  const auto server = url_of("https://a.example/a/mcp?key=1");
  const std::string published(GetParam().published);
  const auto chosen = choose_resource({}, server, published);
  EXPECT_THAT(chosen, FailsWith(ErrorKind::untrusted, "--oauth-resource"));
  EXPECT_THAT(chosen, FailsWith(ErrorKind::untrusted, "--no-resource-indicator"));
  EXPECT_EQ(chosen.error().message.find("key=1"), std::string::npos);

  EXPECT_THAT(choose_resource({.value = "api://x", .omit = false}, server, published),
              HoldsOk(Optional(Eq("api://x"))));
  EXPECT_THAT(choose_resource({.value = {}, .omit = true}, server, published),
              HoldsOk(Eq(std::nullopt)));
}

const Refused kRefused[] = {
    {"OtherHost", "https://evil.example.com/mcp"},
    {"OtherScheme", "http://a.example/a/mcp"},
    {"OtherPort", "https://a.example:8443/a/mcp"},
    {"Subdomain", "https://x.a.example/a/mcp"},
    {"HostAsPrefix", "https://a.example.evil.example/a/mcp"},
    {"PartOfASegment", "https://a.example/a/m"},
    {"LongerPath", "https://a.example/a/mcp/more"},
    {"OtherPath", "https://a.example/b"},
    {"PathCase", "https://a.example/A/mcp"},
    {"DotSegments", "https://a.example/b/../a/mcp"},
    {"TwoSlashes", "https://a.example//"},
    {"OtherQuery", "https://a.example/a/mcp?key=2"},
    {"QueryOnAPrefix", "https://a.example/a?key=1"},
    {"Userinfo", "https://u@a.example/a/mcp"},
    {"Fragment", "https://a.example/a/mcp#x"},
    {"NoUrl", "a.example"},
    {"Urn", "urn:example:mcp"},
    {"Empty", ""},
    {"Control", "https://a.example/\n"},
};
INSTANTIATE_TEST_SUITE_P(Rfc9728, RefusedResources, testing::ValuesIn(kRefused),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(ChooseResource, IsTheServersOwnUrlIfNothingIsPublished) {
  EXPECT_THAT(choose_resource({}, url_of("https://u@a.example/mcp?k=1"), std::nullopt),
              HoldsOk(Optional(Eq("https://a.example/mcp?k=1"))));
}

TEST(ChooseResource, IsWhatTheUserSays) {
  const auto server = url_of("https://a.example/mcp");
  EXPECT_THAT(choose_resource({.value = "https://a.example/mcp/", .omit = false}, server,
                              "https://a.example/mcp"),
              HoldsOk(Optional(Eq("https://a.example/mcp/"))));
  EXPECT_THAT(choose_resource({.value = {}, .omit = true}, server, std::nullopt),
              HoldsOk(Eq(std::nullopt)));
}

}  // namespace
}  // namespace mcpio::oauth
