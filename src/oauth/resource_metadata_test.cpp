// SPDX-License-Identifier: MIT
#include "oauth/resource_metadata.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "support/result_matchers.h"

namespace mcpio::oauth {
namespace {

using test::FailsWith;
using test::HoldsOk;
using test::IsOk;
using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::IsEmpty;
using testing::Optional;

ResourceMetadata metadata_of(std::string_view text) {
  const auto metadata = read_resource_metadata(200, text);
  const auto* const found = metadata ? std::get_if<ResourceMetadata>(&*metadata) : nullptr;
  EXPECT_NE(found, nullptr) << text;
  return found != nullptr ? *found : ResourceMetadata{};
}

TEST(ResourceMetadata, IsReadFromTheExampleOfRfc9728) {
  const ResourceMetadata metadata = metadata_of(R"({
    "resource": "https://resource.example.com",
    "authorization_servers": ["https://as1.example.com", "https://as2.example.net"],
    "bearer_methods_supported": ["header", "body"],
    "scopes_supported": ["profile", "email", "phone"],
    "resource_documentation": "https://resource.example.com/resource_documentation.html"})");
  EXPECT_EQ(metadata.resource, "https://resource.example.com");
  EXPECT_THAT(metadata.authorization_servers,
              ElementsAre("https://as1.example.com", "https://as2.example.net"));
  EXPECT_THAT(metadata.scopes_supported, Optional(ElementsAre("profile", "email", "phone")));
  EXPECT_FALSE(metadata.dpop_bound_access_tokens_required);
}

TEST(ResourceMetadata, TakesWhatHasTheWrongTypeAsAbsent) {
  const ResourceMetadata metadata = metadata_of(R"({
    "resource": ["https://a.example"], "authorization_servers": [5, "https://as.example", null],
    "scopes_supported": "mcp", "dpop_bound_access_tokens_required": "true"})");
  EXPECT_EQ(metadata.resource, std::nullopt);
  EXPECT_THAT(metadata.authorization_servers, ElementsAre("https://as.example"));
  EXPECT_EQ(metadata.scopes_supported, std::nullopt);
  EXPECT_FALSE(metadata.dpop_bound_access_tokens_required);
}

TEST(ResourceMetadata, SaysThatTokensAreBoundToAKey) {
  const auto metadata = metadata_of(R"({"authorization_servers": ["https://as.example"],
    "dpop_bound_access_tokens_required": true, "scopes_supported": []})");
  EXPECT_TRUE(metadata.dpop_bound_access_tokens_required);
  EXPECT_THAT(metadata.scopes_supported, Optional(IsEmpty()));
}

struct Answer {
  std::string_view name;
  int status;
  std::string_view body;
};

constexpr std::string_view kGood = R"({"authorization_servers": ["https://as.example"]})";

class NoResourceMetadata : public testing::TestWithParam<Answer> {};

TEST_P(NoResourceMetadata, IsSaidByClientErrorsAndWhatIsNoJson) {
  const auto read = read_resource_metadata(GetParam().status, GetParam().body);
  EXPECT_TRUE(read && std::holds_alternative<NoDocument>(*read));
}

const Answer kNone[] = {
    {"NotFound", 404, kGood},
    {"Unauthorized", 401, kGood},
    {"MethodNotAllowed", 405, ""},
    {"NoContent", 204, ""},
    {"Nothing", 200, ""},
    {"Html", 200, "<!doctype html>"},
    {"BrokenJson", 200, R"({"authorization_servers": [)"},
};
INSTANTIATE_TEST_SUITE_P(G246, NoResourceMetadata, testing::ValuesIn(kNone),
                         [](const auto& test) { return std::string(test.param.name); });

class UselessResourceMetadata : public testing::TestWithParam<Answer> {};

// The next candidate is asked, and the server is none of MCP 2025-03-26.
TEST_P(UselessResourceMetadata, IsNotTakenForNone) {
  const auto read = read_resource_metadata(GetParam().status, GetParam().body);
  EXPECT_TRUE(read && std::holds_alternative<UselessDocument>(*read));
}

const Answer kUseless[] = {
    {"RedirectElsewhere", 302, ""},
    {"Array", 200, "[]"},
    {"Scalar", 200, "null"},
    {"NamesNoServer", 200, R"({"resource": "https://a.example"})"},
    {"EmptyList", 200, R"({"authorization_servers": []})"},
    {"NoStringInTheList", 200, R"({"authorization_servers": [5, null]})"},
    {"ListIsAString", 200, R"({"authorization_servers": "https://as.example"})"},
};
INSTANTIATE_TEST_SUITE_P(G246And247, UselessResourceMetadata, testing::ValuesIn(kUseless),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(ReadResourceMetadata, FailsWhenTheServerDoes) {
  for (const int status : {500, 502, 503, 504})
    EXPECT_THAT(read_resource_metadata(status, kGood),
                FailsWith(ErrorKind::rejected, std::to_string(status)));
}

std::vector<std::string> servers(std::vector<std::string> listed, std::vector<std::string> held) {
  const auto usable = usable_servers(listed, held, KnownProviders(true));
  EXPECT_THAT(usable, IsOk());
  return usable.value_or(std::vector<std::string>());
}

TEST(UsableServers, AreThoseThatAreSafeAsListed) {
  EXPECT_THAT(
      servers({"http://a.example", "https://b.example", "ftp://c.example", "https://u@d.example",
               "https://e.example:x", "https://f.example/t", "http://127.0.0.1:9"},
              {}),
      ElementsAre("https://b.example", "https://f.example/t", "http://127.0.0.1:9"));
}

TEST(UsableServers, BeginWithTheOneWeHoldCredentialsOf) {
  const std::vector<std::string> listed = {"https://a.example", "https://b.example",
                                           "https://c.example/"};
  EXPECT_THAT(servers(listed, {"https://b.example"}),
              ElementsAre("https://b.example", "https://a.example", "https://c.example/"));
  EXPECT_THAT(servers(listed, {"https://c.example"}),
              ElementsAre("https://c.example/", "https://a.example", "https://b.example"));
  EXPECT_THAT(servers(listed, {"https://other.example"}), ElementsAreArray(listed));
  // The store has the issuer that the document names.
  EXPECT_THAT(servers({"https://a.example", "https://mcp.slack.com"}, {"https://slack.com"}),
              ElementsAre("https://mcp.slack.com", "https://a.example"));
}

TEST(UsableServers, AreNotWithoutEnd) {
  EXPECT_EQ(servers(std::vector<std::string>(1000, "https://a.example"), {}).size(),
            limits::kAuthorizationServers);
}

TEST(UsableServers, FailWithTheReasonIfThereIsNone) {
  const std::vector<std::string> listed = {"ftp://b.example", "http://a.example"};
  EXPECT_THAT(usable_servers(listed, {}, KnownProviders(true)),
              FailsWith(ErrorKind::protocol, "http://a.example is not https"));
  EXPECT_THAT(usable_servers({}, {}, KnownProviders(true)),
              FailsWith(ErrorKind::protocol, "names none"));
}

}  // namespace
}  // namespace mcpio::oauth
