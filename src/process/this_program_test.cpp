// SPDX-License-Identifier: MIT
#include "process/this_program.h"

#include <gmock/gmock.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "process/short_run.h"
#include "support/result_matchers.h"

namespace mcpio::process {
namespace {

using test::IsOk;
using testing::Contains;
using testing::HasSubstr;

constexpr RunLimits kPatient{.time = std::chrono::seconds(60), .output_bytes = 1024 * 1024};

// The program of this test, started by itself with the same filter, comes here again.
TEST(ThisProgram, IsTheOneThatRuns) {
  constexpr auto kVariable = "THIS_PROGRAM_IS_STARTED_ONCE_MORE";
  if (std::getenv(kVariable) != nullptr) {
    std::puts("here I am again");
    return;
  }
  auto command = this_program(std::string(kVariable) + "=1");
  ASSERT_THAT(command, IsOk());
  EXPECT_EQ(std::filesystem::path(command->arguments.front()).filename(),
            std::filesystem::read_symlink("/proc/self/exe").filename());
  command->arguments.emplace_back("--gtest_filter=ThisProgram.IsTheOneThatRuns");
  const auto ran = run_to_end(*command, "", kPatient);
  ASSERT_THAT(ran, IsOk());
  EXPECT_THAT(ran->output, HasSubstr("here I am again"));
}

TEST(ThisProgram, HasOurEnvironmentAndOneMore) {
  ::setenv("THIS_PROGRAM_TEST", "ours", 1);
  const auto command = this_program("MORE=1");
  ASSERT_THAT(command, IsOk());
  EXPECT_THAT(*command->environment, Contains("THIS_PROGRAM_TEST=ours"));
  EXPECT_THAT(*command->environment, Contains("MORE=1"));
}

}  // namespace
}  // namespace mcpio::process
