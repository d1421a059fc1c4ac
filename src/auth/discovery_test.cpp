// SPDX-License-Identifier: MIT
#include "auth/discovery.h"

#include <gmock/gmock.h>

#include "auth/grant_fixture.h"
#include "support/result_matchers.h"

namespace mcpio::auth {
namespace {

using test::FailsWith;
using test::IsOk;
using testing::ElementsAre;

constexpr std::string_view kNamed = "https://mcp.example/named";
constexpr std::string_view kPathMetadata =
    "https://mcp.example/.well-known/oauth-protected-resource/mcp";
constexpr std::string_view kRootMetadata =
    "https://mcp.example/.well-known/oauth-protected-resource";
constexpr std::string_view kServerMetadata =
    "https://as.example/.well-known/oauth-authorization-server";
constexpr std::string_view kOpenIdMetadata = "https://as.example/.well-known/openid-configuration";

std::string resource_metadata(std::vector<std::string> servers) {
  return codec::JsonWriter()
      .add("resource", "https://mcp.example/mcp")
      .add("authorization_servers", servers)
      .text();
}

std::string server_metadata(std::string issuer) {
  return codec::JsonWriter().add("issuer", issuer).add("token_endpoint", issuer + "/token").text();
}

class DiscoveryTest : public testing::Test, public GrantFixture {
 protected:
  Result<Discovered> discover(std::string_view named = "", std::vector<std::string> held = {}) {
    Discovery discovery(fetcher, settings);
    oauth::ServerChallenge challenge;
    challenge.resource_metadata = std::string(named);
    return await(discovery.run(std::move(challenge), std::move(held)));
  }
  Result<oauth::ServerMetadata> metadata_of(std::string issuer) {
    Discovery discovery(fetcher, settings);
    return await(discovery.metadata_of(std::move(issuer)));
  }
  std::vector<std::string> asked() {
    std::vector<std::string> urls;
    for (std::size_t nth = 0; nth < count(); ++nth) urls.push_back(url(nth));
    return urls;
  }
  void has(std::string_view url, std::string text) { answers(url, {{200, std::move(text)}}); }
};

std::string issuer_in(const Result<Discovered>& found) {
  return found ? found->server.issuer : found.error().message;
}

TEST_F(DiscoveryTest, AsksOneCandidateAfterTheOtherAndNoneTwice) {
  has(kRootMetadata, resource_metadata({std::string(kIssuer)}));
  has(kOpenIdMetadata, server_metadata(std::string(kIssuer)));
  EXPECT_EQ(issuer_in(discover(kPathMetadata)), kIssuer);
  EXPECT_THAT(asked(), ElementsAre(kPathMetadata, kRootMetadata, kServerMetadata, kOpenIdMetadata));
}

TEST_F(DiscoveryTest, AsksNobodyElseOnceItKnows) {
  has(kNamed, resource_metadata({std::string(kIssuer)}));
  has(kServerMetadata, server_metadata(std::string(kIssuer)));
  const auto found = discover(kNamed);
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(found->indicator, "https://mcp.example/mcp");
  EXPECT_THAT(asked(), ElementsAre(kNamed, kServerMetadata));
}

TEST_F(DiscoveryTest, GoesOnWhereNobodyIsAtHome) {
  cannot_reach_server_at(1);
  has(kPathMetadata, resource_metadata({std::string(kIssuer)}));
  has(kServerMetadata, server_metadata(std::string(kIssuer)));
  EXPECT_EQ(issuer_in(discover("https://docs.example/resource")), kIssuer);
}

// Somebody should have answered there: it is no server of MCP 2025-03-26.
TEST_F(DiscoveryTest, DoesNotTakeAServerThatCannotBeReachedForAnOldOne) {
  cannot_reach_server_at(1);
  EXPECT_THAT(discover("https://docs.example/resource"),
              FailsWith(ErrorKind::protocol, "no resource metadata (RFC 9728) can be read"));
  EXPECT_EQ(count(), 3u);
}

TEST_F(DiscoveryTest, EndsWhereTheResourceMetadataFail) {
  answers(kPathMetadata, {{503, ""}});
  has(kRootMetadata, resource_metadata({std::string(kIssuer)}));
  EXPECT_THAT(discover(), FailsWith(ErrorKind::rejected, "answered 503"));
  EXPECT_THAT(asked(), ElementsAre(kPathMetadata));
}

TEST_F(DiscoveryTest, EndsWhereTheConnectionBreaks) {
  answers(kPathMetadata, {{0, ""}});
  EXPECT_THAT(discover(), FailsWith(ErrorKind::network, ""));
  EXPECT_EQ(count(), 1u);
}

// All of its documents are on one origin: whoever cannot be reached there is not asked again, and
// is not said to publish nothing.
TEST_F(DiscoveryTest, SaysThatTheAuthorizationServerCannotBeReached) {
  has(kPathMetadata, resource_metadata({std::string(kIssuer)}));
  cannot_reach_server_at(2);
  EXPECT_THAT(discover(),
              FailsWith(ErrorKind::unreachable, "looking for the authorization server"));
  EXPECT_EQ(count(), 2u);
  cannot_reach_server_at(4);
  EXPECT_THAT(discover(), FailsWith(ErrorKind::unreachable, "; try again later, or see --proxy"));
}

TEST_F(DiscoveryTest, SaysThatTheAuthorizationServerFails) {
  has(kPathMetadata, resource_metadata({std::string(kIssuer)}));
  answers(kServerMetadata, {{503, ""}});
  EXPECT_THAT(discover(), FailsWith(ErrorKind::rejected, "answered 503"));
  EXPECT_EQ(count(), 3u);
}

// Some fail at an address that they do not know.
TEST_F(DiscoveryTest, TakesTheNextFormWhereTheFirstFails) {
  answers(kServerMetadata, {{500, ""}});
  has(kOpenIdMetadata, server_metadata(std::string(kIssuer)));
  const auto found = metadata_of(std::string(kIssuer));
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(found->endpoints.token, "https://as.example/token");
}

TEST_F(DiscoveryTest, SaysFirstWhoseDocumentItFound) {
  answers(kServerMetadata, {{500, ""}});
  has(kOpenIdMetadata, server_metadata("https://elsewhere.example"));
  EXPECT_THAT(metadata_of(std::string(kIssuer)),
              FailsWith(ErrorKind::untrusted, "https://elsewhere.example"));
}

TEST_F(DiscoveryTest, SaysThatThereAreNoMetadata) {
  EXPECT_THAT(metadata_of(std::string(kIssuer)),
              FailsWith(ErrorKind::protocol, "publishes no metadata (RFC 8414)"));
  EXPECT_EQ(count(), 2u);
}

TEST_F(DiscoveryTest, AsksTheServerFirstThatItHasCredentialsOf) {
  has(kPathMetadata, resource_metadata({"https://first.example", std::string(kIssuer)}));
  has(kServerMetadata, server_metadata(std::string(kIssuer)));
  EXPECT_EQ(issuer_in(discover("", {std::string(kIssuer)})), kIssuer);
  EXPECT_THAT(asked(), ElementsAre(kPathMetadata, kServerMetadata));
}

TEST_F(DiscoveryTest, AsksTheNextServerWhereOneIsOfNoUse) {
  has(kPathMetadata, resource_metadata({"https://first.example", std::string(kIssuer)}));
  has(kServerMetadata, server_metadata(std::string(kIssuer)));
  cannot_reach_server_at(2);
  EXPECT_EQ(issuer_in(discover()), kIssuer);
}

TEST_F(DiscoveryTest, TellsOfTheFirstServerIfNoneIsOfUse) {
  has(kPathMetadata, resource_metadata({"https://first.example", std::string(kIssuer)}));
  EXPECT_THAT(discover(),
              FailsWith(ErrorKind::protocol, "https://first.example publishes no metadata"));
}

// MCP 2025-03-26: the server is its own authorization server, with endpoints of fixed names.
TEST_F(DiscoveryTest, TakesAServerThatSaysNothingForAnOldOne) {
  const auto found = discover();
  ASSERT_THAT(found, IsOk());
  EXPECT_FALSE(found->resource);
  EXPECT_EQ(found->server.issuer, "https://mcp.example");
  EXPECT_EQ(found->server.endpoints.token, "https://mcp.example/token");
}

TEST_F(DiscoveryTest, SaysThatAnOldServerCannotBeReached) {
  cannot_reach_server_at(3);
  EXPECT_THAT(discover(), FailsWith(ErrorKind::unreachable, ""));
}

TEST_F(DiscoveryTest, AsksNobodyForWhatTheUserHasGiven) {
  settings.metadata = GivenMetadata{.text = server_metadata("https://given.example")};
  EXPECT_EQ(issuer_in(discover()), "https://given.example");
  EXPECT_THAT(asked(), ElementsAre(kPathMetadata, kRootMetadata));
  EXPECT_THAT(metadata_of(std::string(kIssuer)),
              FailsWith(ErrorKind::untrusted, "the token is from https://as.example"));
}

// They are for the MCP server: where it says that its documents are is another place.
TEST_F(DiscoveryTest, SendsTheUsersFieldsToTheServersOriginAlone) {
  settings.metadata_fields = {{"X-Tenant", Secret("contoso")}};
  has("https://docs.example/resource", resource_metadata({std::string(kIssuer)}));
  EXPECT_THAT(discover("https://docs.example/resource"),
              FailsWith(ErrorKind::protocol, "publishes no metadata"));
  for (std::size_t nth = 0; nth < count(); ++nth) EXPECT_EQ(header(nth, "X-Tenant"), "");
}

TEST_F(DiscoveryTest, SendsTheUsersFieldsToTheServer) {
  settings.metadata_fields = {{"X-Tenant", Secret("contoso")}};
  EXPECT_THAT(discover(), IsOk());
  EXPECT_EQ(header(0, "X-Tenant"), "contoso");
}

constexpr std::string_view kEvilMetadata =
    "https://evil.example/.well-known/oauth-authorization-server";

// An MCP server that sends us to a server of its own, which claims to be the one we trust.
class TrustedIssuerTest : public DiscoveryTest {
 protected:
  TrustedIssuerTest() {
    settings.issuer = kIssuer;
    has(kPathMetadata, resource_metadata({"https://evil.example"}));
  }
  void claims_to_be_it(std::string_view authorization_endpoint) {
    has(kEvilMetadata, codec::JsonWriter()
                           .add("issuer", kIssuer)
                           .add("authorization_endpoint", authorization_endpoint)
                           .add("token_endpoint", "https://evil.example/token")
                           .text());
  }
};

// RFC 9207, section 1: the code would come from the honest server, and go to the other one.
TEST_F(TrustedIssuerTest, IsAskedItself) {
  claims_to_be_it("https://as.example/authorize");
  has(kServerMetadata, server_metadata(std::string(kIssuer)));
  const auto found = discover();
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(found->server.endpoints.token, "https://as.example/token");
  EXPECT_FALSE(found->server.is_hearsay);
}

TEST_F(TrustedIssuerTest, IsNotSpokenForInPart) {
  claims_to_be_it("https://as.example/authorize");
  EXPECT_THAT(discover(), FailsWith(ErrorKind::untrusted,
                                    "https://evil.example says that it is https://as.example"));
}

TEST_F(TrustedIssuerTest, IsNotSpokenForWhereItFails) {
  claims_to_be_it("https://evil.example/authorize");
  answers(kServerMetadata, {{503, ""}});
  EXPECT_THAT(discover(), FailsWith(ErrorKind::untrusted, "--oauth-metadata"));
}

TEST_F(TrustedIssuerTest, IsNotSpokenForWhereASecretIsItsAlone) {
  claims_to_be_it("https://evil.example/authorize");
  settings.client_secret = Secret("s");
  EXPECT_THAT(discover(), FailsWith(ErrorKind::untrusted, "--oauth-metadata"));
}

TEST_F(TrustedIssuerTest, MayBeSpokenForWhereItSaysNothing) {
  claims_to_be_it("https://evil.example/authorize");
  const auto found = discover();
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(found->server.issuer, kIssuer);
  EXPECT_TRUE(found->server.is_hearsay);
}

TEST_F(TrustedIssuerTest, IsTheOnlyOne) {
  has(kEvilMetadata, server_metadata("https://evil.example"));
  EXPECT_THAT(discover(), FailsWith(ErrorKind::untrusted, "only https://as.example is trusted"));
}

}  // namespace
}  // namespace mcpio::auth
