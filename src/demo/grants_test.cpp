// SPDX-License-Identifier: MIT
#include "demo/grants.h"

#include <gtest/gtest.h>

#include "crypto/pkce.h"

namespace mcpio::demo {
namespace {

constexpr std::string_view kRedirect = "http://127.0.0.1:1/callback";
constexpr std::string_view kResource = "http://127.0.0.1:2/mcp";
constexpr std::string_view kVerifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

class GrantsTest : public testing::Test {
 protected:
  std::string code() {
    return grants_.code_for({.client_id = client_,
                             .redirect_uri = std::string(kRedirect),
                             .code_challenge = crypto::s256_challenge(kVerifier),
                             .resource = std::string(kResource)});
  }
  std::optional<Tokens> redeem(std::string_view code) {
    return grants_.redeem(code, client_, kRedirect, kVerifier);
  }

  Grants grants_;
  const std::string client_ = grants_.add_client(std::string(kRedirect)).value().id;
};

TEST_F(GrantsTest, ACodeIsGoodOnce) {
  const std::string once = code();
  const auto tokens = redeem(once);
  ASSERT_TRUE(tokens.has_value());
  EXPECT_TRUE(grants_.is_good(tokens->access, kResource));
  EXPECT_FALSE(redeem(once).has_value());
}

// RFC 6749, section 4.1.3; RFC 7636, section 4.6.
TEST_F(GrantsTest, ACodeIsForItsClientItsRedirectUriAndItsVerifier) {
  const std::string other = grants_.add_client(std::string(kRedirect)).value().id;
  EXPECT_FALSE(grants_.redeem(code(), other, kRedirect, kVerifier).has_value());
  EXPECT_FALSE(grants_.redeem(code(), client_, "http://127.0.0.1:9/", kVerifier).has_value());
  EXPECT_FALSE(grants_.redeem(code(), client_, kRedirect, "another").has_value());
  EXPECT_FALSE(grants_.redeem("no-code", client_, kRedirect, kVerifier).has_value());
}

TEST_F(GrantsTest, ATokenIsForItsResource) {
  const auto tokens = redeem(code()).value();
  EXPECT_FALSE(grants_.is_good(tokens.access, "http://127.0.0.1:3/mcp"));
  EXPECT_FALSE(grants_.is_good(tokens.refresh, kResource));
  EXPECT_FALSE(grants_.is_good("", kResource));
}

TEST_F(GrantsTest, RefreshingRotatesBothTokens) {
  const auto first = redeem(code()).value();
  grants_.expire_access_tokens();
  EXPECT_FALSE(grants_.is_good(first.access, kResource));
  EXPECT_FALSE(grants_.is_good("", kResource));
  const auto second = grants_.rotate(first.refresh, client_);
  ASSERT_TRUE(second.has_value());
  EXPECT_NE(second->refresh, first.refresh);
  EXPECT_TRUE(grants_.is_good(second->access, kResource));
  EXPECT_FALSE(grants_.rotate(second->refresh, "another-client").has_value());
}

TEST_F(GrantsTest, ARefreshTokenThatComesAgainEndsTheGrant) {
  const auto first = redeem(code()).value();
  const auto second = grants_.rotate(first.refresh, client_).value();
  EXPECT_FALSE(grants_.rotate(first.refresh, client_).has_value());
  EXPECT_FALSE(grants_.rotate(second.refresh, client_).has_value());
  EXPECT_FALSE(grants_.is_good(second.access, kResource));
}

}  // namespace
}  // namespace mcpio::demo
