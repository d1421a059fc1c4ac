// SPDX-License-Identifier: MIT
#include "process/short_run.h"

#include <gtest/gtest.h>

#include "support/result_matchers.h"

namespace mcpio::process {
namespace {

using namespace std::chrono_literals;
using test::FailsWith;

constexpr RunLimits kLimits{.time = 30s, .output_bytes = 1024 * 1024};

Command sh(std::string script) { return Command{.arguments = {"sh", "-c", std::move(script)}}; }

TEST(ShortRun, GivesTheInputAndTakesTheOutputAndTheCode) {
  const auto finished = run_to_end(sh("cat; echo more; exit 3"), "text ", kLimits);
  ASSERT_TRUE(finished.has_value());
  EXPECT_EQ(finished->output, "text more\n");
  EXPECT_EQ(finished->status, ExitStatus{.code = 3});
}

// More than the pipes hold, both ways at once.
TEST(ShortRun, DoesNotStallOnLargeTexts) {
  const std::string text(500'000, 'x');
  const auto finished = run_to_end(sh("cat"), text, kLimits);
  ASSERT_TRUE(finished.has_value());
  EXPECT_EQ(finished->output, text);
}

TEST(ShortRun, TakesTheAnswerOfWhoDoesNotRead) {
  const auto finished = run_to_end(sh("exec <&-; echo answer"), std::string(500'000, 'x'), kLimits);
  ASSERT_TRUE(finished.has_value());
  EXPECT_EQ(finished->output, "answer\n");
}

TEST(ShortRun, SaysWhichProgramIsMissing) {
  EXPECT_THAT(run_to_end(Command{.arguments = {"no-such-program-here"}}, "", kLimits),
              FailsWith(ErrorKind::config, "no-such-program-here"));
}

TEST(ShortRun, EndsWhatTakesTooLongWithAllItHasStarted) {
  constexpr RunLimits kShort{.time = 50ms, .output_bytes = 100};
  EXPECT_THAT(run_to_end(sh("sleep 1000 & sleep 1000"), "", kShort),
              FailsWith(ErrorKind::timed_out, "in time"));
  EXPECT_THAT(run_to_end(sh("exec >&-; sleep 1000"), "", kShort),
              FailsWith(ErrorKind::timed_out, "in time"));
}

TEST(ShortRun, EndsWhatWritesTooMuch) {
  constexpr RunLimits kSmall{.time = 30s, .output_bytes = 1000};
  EXPECT_THAT(run_to_end(sh("yes"), "", kSmall), FailsWith(ErrorKind::too_large, "too much"));
}

}  // namespace
}  // namespace mcpio::process
