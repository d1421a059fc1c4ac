// SPDX-License-Identifier: MIT
#include "io/back_off.h"

#include <gtest/gtest.h>

#include <chrono>

namespace mcpio::io {
namespace {

using std::chrono::milliseconds;

TEST(BackOff, DoublesUpToItsLimit) {
  BackOff wait(milliseconds(100), milliseconds(1000));
  for (const int expected : {100, 200, 400, 800, 1000, 1000, 1000})
    EXPECT_EQ(wait.next(), milliseconds(expected));
}

TEST(BackOff, BeginsAnewAfterAReset) {
  BackOff wait(milliseconds(100), milliseconds(1000));
  (void)wait.next();
  (void)wait.next();
  wait.reset();
  EXPECT_EQ(wait.next(), milliseconds(100));
  EXPECT_EQ(wait.next(), milliseconds(200));
}

}  // namespace
}  // namespace mcpio::io
