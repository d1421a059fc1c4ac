// SPDX-License-Identifier: MIT
#include "crypto/signing_key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "crypto/key_fixture.h"

namespace mcpio::crypto {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

SigningKey key_of(std::string_view jwk) {
  return SigningKey::from_jwk(Secret(std::string(jwk))).value();
}

struct Row {
  std::string_view name, jwk;
  Algorithm algorithm;
  std::size_t signature_size;
};

void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

class Signatures : public testing::TestWithParam<Row> {};

TEST_P(Signatures, HaveTheSizeOfTheStandardAndAreVerified) {
  const auto& [name, jwk, algorithm, size] = GetParam();
  const SigningKey key = key_of(jwk);
  for (int i = 0; i < 20; ++i) {
    const std::string text = "text " + std::to_string(i);
    const std::string signature = key.sign(algorithm, text);
    EXPECT_THAT(signature, SizeIs(size));
    EXPECT_TRUE(key.verify(algorithm, text, signature));
  }
}

TEST_P(Signatures, AreOfOneTextAndOneKeyOnly) {
  const auto& [name, jwk, algorithm, size] = GetParam();
  const SigningKey key = key_of(jwk);
  const std::string signature = key.sign(algorithm, "text");
  EXPECT_FALSE(key.verify(algorithm, "other text", signature));
  EXPECT_FALSE(key.verify(algorithm, "", signature));
  EXPECT_FALSE(SigningKey::generate().verify(algorithm, "text", signature));
}

TEST_P(Signatures, AreRefusedWhenTheyAreDamaged) {
  const auto& [name, jwk, algorithm, size] = GetParam();
  const SigningKey key = key_of(jwk);
  const std::string signature = key.sign(algorithm, "text");
  for (const std::size_t at : {std::size_t{0}, size / 2, size - 1}) {
    std::string damaged = signature;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    EXPECT_FALSE(key.verify(algorithm, "text", damaged)) << at;
  }
  for (const std::string& bad :
       {std::string(), std::string("x"), signature + "x", signature.substr(1),
        std::string(size, '\0'), std::string(size, '\xFF')})
    EXPECT_FALSE(key.verify(algorithm, "text", bad)) << bad.size();
}

TEST_P(Signatures, MayBeOfNothingOrOfMuch) {
  const auto& [name, jwk, algorithm, size] = GetParam();
  const SigningKey key = key_of(jwk);
  const std::string much(1'000'000, '\0');
  EXPECT_TRUE(key.verify(algorithm, {}, key.sign(algorithm, {})));
  EXPECT_TRUE(key.verify(algorithm, much, key.sign(algorithm, much)));
}

INSTANTIATE_TEST_SUITE_P(AllAlgorithms, Signatures,
                         testing::Values(Row{"RS256", kRsaJwk, Algorithm::rs256, 256},
                                         Row{"PS256", kRsaJwk, Algorithm::ps256, 256},
                                         Row{"ES256", kP256Jwk, Algorithm::es256, 64},
                                         Row{"ES384", kP384Jwk, Algorithm::es384, 96},
                                         Row{"EdDSA", kEd25519Jwk, Algorithm::eddsa, 64}),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(SigningKey, KnowsWhatItCanDo) {
  EXPECT_THAT(key_of(kRsaJwk).algorithms(), ElementsAre(Algorithm::rs256, Algorithm::ps256));
  EXPECT_THAT(key_of(kP256Jwk).algorithms(), ElementsAre(Algorithm::es256));
  EXPECT_THAT(key_of(kP384Jwk).algorithms(), ElementsAre(Algorithm::es384));
  EXPECT_THAT(key_of(kEd25519Jwk).algorithms(), ElementsAre(Algorithm::eddsa));
  EXPECT_TRUE(key_of(kRsaJwk).can(Algorithm::ps256));
  EXPECT_FALSE(key_of(kRsaJwk).can(Algorithm::es256));
  EXPECT_FALSE(key_of(kRsaJwk).can(Algorithm::hs256));
}

// Signing with an algorithm of another kind of key is a mistake of ours, verifying is not.
TEST(SigningKey, DoesNothingElse) {
  const SigningKey key = key_of(kP256Jwk);
  EXPECT_THROW((void)key.sign(Algorithm::rs256, "text"), std::logic_error);
  EXPECT_THROW((void)key.sign(Algorithm::hs256, "text"), std::logic_error);
  EXPECT_FALSE(key.verify(Algorithm::rs256, "text", key.sign(Algorithm::es256, "text")));
}

TEST(SigningKey, IsMadeAnewEachTime) {
  const SigningKey key = SigningKey::generate();
  EXPECT_THAT(key.algorithms(), ElementsAre(Algorithm::es256));
  EXPECT_EQ(key.key_id(), std::nullopt);
  EXPECT_THAT(key.thumbprint(), SizeIs(43));
  EXPECT_NE(key.thumbprint(), SigningKey::generate().thumbprint());
}

TEST(SigningKey, IsSharedByItsCopies) {
  const auto copy_of_a_new_one = [] {
    const SigningKey key = SigningKey::generate();
    SigningKey copy = key;
    EXPECT_EQ(copy.thumbprint(), key.thumbprint());
    return copy;
  };
  const SigningKey copy = copy_of_a_new_one();
  EXPECT_TRUE(copy.verify(Algorithm::es256, "text", copy.sign(Algorithm::es256, "text")));
}

}  // namespace
}  // namespace mcpio::crypto
