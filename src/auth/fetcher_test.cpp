// SPDX-License-Identifier: MIT
// Which addresses an authorization server's requests may go to. The rule itself is tested in
// oauth/address_guard_test.cpp, that it is asked in time in http/curl_client_test.cpp.
#include "auth/fetcher.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <string>

#include "support/fake_http_client.h"
#include "support/result_matchers.h"
#include "support/run.h"

namespace mcpio::auth {
namespace {

using test::FailsWith;
using test::IsOk;

class FetcherTest : public testing::Test {
 protected:
  FetcherTest() {
    settings_.server = codec::parse_url("https://mcp.example/mcp").value();
    client_.on_request([this](test::FakeAnswer& answer) { answer.json("{}").from(address_); });
  }

  Fetcher& fetcher() {
    if (!fetcher_) fetcher_.emplace(client_, settings_);
    return *fetcher_;
  }
  // Asks for a document; what is asked about the connection, if anything, is answered for
  // `connected`.
  Result<void> fetch(std::string url, std::string connected) {
    address_ = connected;
    auto got = test::run(loop_, fetcher().get(codec::parse_url(url).value(), http::Fields()));
    if (!got) return propagate(got);
    const http::Request& sent = client_.request(client_.count() - 1);
    return sent.check_address ? sent.check_address(connected) : ok();
  }

  asio::io_context loop_{1};
  test::FakeHttpClient client_{loop_.get_executor()};
  OAuthSettings settings_;
  std::optional<Fetcher> fetcher_;
  std::string address_;
};

constexpr auto kMetadata = "https://login.example/.well-known/oauth-authorization-server";

TEST_F(FetcherTest, RefusesAPrivateAddressIfTheServerIsPublic) {
  ASSERT_THAT(fetch("https://mcp.example/meta", "192.0.2.1"), IsOk());
  EXPECT_THAT(fetch(kMetadata, "::ffff:10.0.0.1"),
              FailsWith(ErrorKind::untrusted, "--oauth-allow-private"));
  EXPECT_THAT(fetch(kMetadata, "198.51.100.1"), IsOk());
}

// Behind a proxy there is no address of a connection, and a browser asks nobody.
TEST_F(FetcherTest, SendsNothingToAHostThatIsAPrivateAddress) {
  ASSERT_THAT(fetch("https://mcp.example/meta", ""), IsOk());
  for (const char* url :
       {"http://127.0.0.1:8001/token", "http://localhost/", "http://localhost./", "http://[::1]/x",
        "https://169.254.169.254/latest", "https://[::ffff:10.0.0.1]/"}) {
    EXPECT_THAT(fetch(url, ""), FailsWith(ErrorKind::untrusted, "--oauth-allow-private")) << url;
    EXPECT_THAT(fetcher().check_host(codec::parse_url(url).value()),
                FailsWith(ErrorKind::untrusted, "--oauth-allow-private"));
  }
  EXPECT_EQ(client_.count(), 1U);
  EXPECT_THAT(fetcher().check_host(codec::parse_url("https://login.example/").value()), IsOk());
}

TEST_F(FetcherTest, AsksAPrivateHostIfTheServerIsOne) {
  settings_.server = codec::parse_url("http://127.0.0.1:3000/mcp").value();
  EXPECT_THAT(fetch("http://127.0.0.1:8001/token", ""), IsOk());
}

TEST_F(FetcherTest, RefusesAPrivateAddressIfNobodyKnowsWhereTheServerIs) {
  EXPECT_THAT(fetch(kMetadata, "127.0.0.1"), FailsWith(ErrorKind::untrusted, "127.0.0.1"));
}

TEST_F(FetcherTest, GoesWhereTheServerIs) {
  ASSERT_THAT(fetch("https://mcp.example/meta", "10.0.0.2"), IsOk());
  EXPECT_THAT(fetch(kMetadata, "10.0.0.1"), IsOk());
}

TEST_F(FetcherTest, BelievesWhoeverElseHasMetTheServer) {
  fetcher().server_is_at("10.0.0.2");
  EXPECT_THAT(fetch(kMetadata, "10.0.0.1"), IsOk());
}

TEST_F(FetcherTest, GoesWhereTheUserSays) {
  settings_.issuer = "https://login.example";
  EXPECT_THAT(fetch(kMetadata, "10.0.0.1"), IsOk());
}

TEST_F(FetcherTest, GoesWhereTheStoreSays) {
  fetcher().trust("https://login.example/token");
  EXPECT_THAT(fetch(kMetadata, "10.0.0.1"), IsOk());
  EXPECT_THAT(fetch("https://other.example/", "10.0.0.1"),
              FailsWith(ErrorKind::untrusted, "other.example"));
}

TEST_F(FetcherTest, GoesAnywhereWithAllowPrivate) {
  settings_.allow_private = true;
  EXPECT_THAT(fetch(kMetadata, "10.0.0.1"), IsOk());
}

}  // namespace
}  // namespace mcpio::auth
