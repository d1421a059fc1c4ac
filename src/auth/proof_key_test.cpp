// SPDX-License-Identifier: MIT
#include "auth/proof_key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "oauth/key_fixture.h"
#include "store/folder_fixture.h"
#include "store/state_file.h"
#include "support/result_matchers.h"

namespace mcpio::auth {
namespace {

using test::IsOk;
using test::jwt_part;
using testing::HasSubstr;
using testing::IsNull;
using testing::Not;
using testing::NotNull;

codec::Url url_of(std::string_view text) { return codec::parse_url(text).value(); }

class ProofKeyTest : public testing::Test {
 protected:
  std::string claims(const ProofKey& key, std::string_view url) {
    return jwt_part(key.proof("POST", url_of(url), Secret(), WallTime()).value(), 1);
  }
  static http::Head with_nonce(std::string_view nonce) {
    http::Head head;
    head.fields.add("DPoP-Nonce", nonce);
    return head;
  }

  store::TemporaryFolder folder_;
  store::StateFile state_{folder_ / "state.json"};
  const codec::Url server_ = url_of("https://mcp.example/mcp");
};

TEST_F(ProofKeyTest, IsKeptForItsServerAndNoOther) {
  const auto key = ProofKey::make();
  EXPECT_THAT(ProofKey::load(state_, server_), IsNull());
  ASSERT_THAT(key->save(state_, server_), IsOk());
  const auto again = ProofKey::load(state_, server_);
  ASSERT_THAT(again, NotNull());
  EXPECT_EQ(again->thumbprint(), key->thumbprint());
  EXPECT_THAT(ProofKey::load(state_, url_of("https://other.example/mcp")), IsNull());
  ASSERT_THAT(ProofKey::remove(state_, server_), IsOk());
  EXPECT_THAT(ProofKey::load(state_, server_), IsNull());
}

TEST_F(ProofKeyTest, IsAnotherOneForEachGrant) {
  EXPECT_NE(ProofKey::make()->thumbprint(), ProofKey::make()->thumbprint());
}

TEST_F(ProofKeyTest, OfSomethingElseIsNone) {
  ASSERT_THAT(state_.put("dpop", "https://mcp.example/mcp", R"({"jwk":{"kty":"EC"}})"), IsOk());
  EXPECT_THAT(ProofKey::load(state_, server_), IsNull());
}

// RFC 9449, section 8.2: each server's last nonce, for that server alone.
TEST_F(ProofKeyTest, UsesTheNonceOfEachOrigin) {
  const auto key = ProofKey::make();
  EXPECT_TRUE(key->take_nonce(server_, with_nonce("first")));
  EXPECT_TRUE(key->take_nonce(server_, with_nonce("of-mcp")));
  EXPECT_TRUE(key->take_nonce(url_of("https://as.example/token"), with_nonce("of-as")));
  EXPECT_THAT(claims(*key, "https://mcp.example/other"), HasSubstr(R"("nonce":"of-mcp")"));
  EXPECT_THAT(claims(*key, "https://as.example/token"), HasSubstr(R"("nonce":"of-as")"));
  EXPECT_THAT(claims(*key, "https://as.example:8443/token"), Not(HasSubstr("nonce")));
}

TEST_F(ProofKeyTest, KeepsTheNoncesToo) {
  const auto key = ProofKey::make();
  key->take_nonce(server_, with_nonce("kept"));
  ASSERT_THAT(key->save(state_, server_), IsOk());
  EXPECT_THAT(claims(*ProofKey::load(state_, server_), "https://mcp.example/mcp"),
              HasSubstr(R"("nonce":"kept")"));
}

// A new login is not refused for want of what is known.
TEST_F(ProofKeyTest, TakesOverTheNoncesOfTheOneBefore) {
  const auto before = ProofKey::make();
  before->take_nonce(url_of("https://as.example/token"), with_nonce("of-as"));
  const auto key = ProofKey::make(before.get());
  EXPECT_NE(key->thumbprint(), before->thumbprint());
  EXPECT_THAT(claims(*key, "https://as.example/token"), HasSubstr(R"("nonce":"of-as")"));
}

// RFC 9449, section 8.1.
TEST_F(ProofKeyTest, TakesOnlyWhatIsANonce) {
  const auto key = ProofKey::make();
  EXPECT_FALSE(key->take_nonce(server_, http::Head()));
  for (const std::string bad : {"", "a b", "a\"b", "a\\b", "\xC3\xA4"})
    EXPECT_FALSE(key->take_nonce(server_, with_nonce(bad))) << bad;
  EXPECT_FALSE(key->take_nonce(server_, with_nonce(std::string(5000, 'x'))));
  EXPECT_THAT(claims(*key, "https://mcp.example/mcp"), Not(HasSubstr("nonce")));
}

TEST_F(ProofKeyTest, MakesEachProofAnew) {
  const auto key = ProofKey::make();
  EXPECT_NE(claims(*key, "https://as.example/"), claims(*key, "https://as.example/"));
}

}  // namespace
}  // namespace mcpio::auth
