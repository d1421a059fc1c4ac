// SPDX-License-Identifier: MIT
#include "crypto/random.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "codec/base64.h"
#include "support/result_matchers.h"

namespace mcpio::crypto {
namespace {

using test::HoldsOk;
using testing::SizeIs;

TEST(RandomBytes, AreAsManyAsAskedFor) {
  for (const std::size_t count : {0, 1, 16, 1000}) EXPECT_THAT(random_bytes(count), SizeIs(count));
}

TEST(RandomToken, IsThatManyBytesInBase64Url) {
  EXPECT_THAT(random_token(), SizeIs(43));
  EXPECT_THAT(random_token(64), SizeIs(86));
  EXPECT_THAT(codec::decode_base64url(random_token(20)), HoldsOk(SizeIs(20)));
}

TEST(RandomToken, IsNeverTheSame) {
  std::set<std::string> tokens;
  for (int i = 0; i < 1000; ++i) tokens.insert(random_token(16));
  EXPECT_THAT(tokens, SizeIs(1000));
}

}  // namespace
}  // namespace mcpio::crypto
