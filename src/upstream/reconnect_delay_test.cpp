// SPDX-License-Identifier: MIT
#include "upstream/reconnect_delay.h"

#include <gtest/gtest.h>

namespace mcpio::upstream {
namespace {

using namespace std::chrono_literals;

TEST(ReconnectDelay, IsWhatTheServerAsksFor) {
  ReconnectDelay delay;
  for (const auto asked : {1500ms, 3000ms, 2000ms, 3600000ms}) EXPECT_EQ(delay.next(asked), asked);
}

// A server that writes `retry: 0` and closes would else be asked again without a pause.
TEST(ReconnectDelay, HasAFloorThatRisesWhileNothingIsHeard) {
  ReconnectDelay delay;
  for (const auto waited : {100ms, 200ms, 400ms, 800ms, 1000ms, 1000ms})
    EXPECT_EQ(delay.next(0ms), waited);
  delay.heard();
  EXPECT_EQ(delay.next(0ms), 100ms);
}

TEST(ReconnectDelay, DoublesIfTheServerAsksForNothing) {
  ReconnectDelay delay;
  for (const auto waited : {1s, 2s, 4s, 8s, 16s, 30s, 30s})
    EXPECT_EQ(delay.next(std::nullopt), waited);
  delay.heard();
  EXPECT_EQ(delay.next(std::nullopt), 1s);
}

}  // namespace
}  // namespace mcpio::upstream
