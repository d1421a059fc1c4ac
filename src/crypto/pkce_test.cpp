// SPDX-License-Identifier: MIT
#include "crypto/pkce.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mcpio::crypto {
namespace {

// RFC 7636, appendix B.
TEST(S256Challenge, GivesTheExampleOfTheStandard) {
  EXPECT_EQ(s256_challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

TEST(Pkce, HasAVerifierOf86UnreservedCharactersAndItsChallenge) {
  const Pkce pkce = make_pkce();
  EXPECT_THAT(pkce.verifier.reveal(), testing::SizeIs(86));
  EXPECT_EQ(pkce.verifier.reveal().find_first_not_of(
                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
            std::string_view::npos);
  EXPECT_EQ(pkce.challenge, s256_challenge(pkce.verifier.reveal()));
}

TEST(Pkce, IsAnotherOneEachTime) { EXPECT_NE(make_pkce().challenge, make_pkce().challenge); }

}  // namespace
}  // namespace mcpio::crypto
