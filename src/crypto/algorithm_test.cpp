// SPDX-License-Identifier: MIT
#include "crypto/algorithm.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mcpio::crypto {
namespace {

using testing::Optional;

TEST(Algorithm, HasTheNameOfTheStandard) {
  const std::pair<Algorithm, std::string_view> names[] = {
      {Algorithm::rs256, "RS256"}, {Algorithm::ps256, "PS256"}, {Algorithm::es256, "ES256"},
      {Algorithm::es384, "ES384"}, {Algorithm::eddsa, "EdDSA"}, {Algorithm::hs256, "HS256"},
  };
  for (const auto& [algorithm, name] : names) {
    EXPECT_EQ(name_of(algorithm), name);
    EXPECT_THAT(parse_algorithm(name), Optional(algorithm));
  }
}

TEST(Algorithm, IsNoneOfTheOthers) {
  for (const auto* const name : {"", "none", "rs256", "EDDSA", "RS384", "ES512", "HS512", "RS256 "})
    EXPECT_EQ(parse_algorithm(name), std::nullopt) << name;
}

}  // namespace
}  // namespace mcpio::crypto
