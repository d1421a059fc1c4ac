// SPDX-License-Identifier: MIT
#include "cli/jwt_sources.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <cstdio>
#include <fstream>

#include "support/result_matchers.h"
#include "support/run.h"

namespace mcpio::cli {
namespace {

using test::FailsWith;
using test::run;

constexpr std::chrono::seconds kPatience{20};

// What there is to read; for tests alone.
std::string text_of(const Result<Secret>& token) {
  return token ? std::string(token->reveal()) : token.error().message;
}

Result<Secret> from_program(std::vector<std::string> words,
                            std::chrono::seconds patience = kPatience) {
  return run(jwt_from_program("--assertion-command", std::move(words), patience)->read());
}

TEST(JwtFromFile, IsReadAnewEachTime) {
  const std::string path = testing::TempDir() + "jwt_sources_test";
  const auto write = [&](std::string_view text) { std::ofstream(path) << text; };
  write("first\n");
  ::chmod(path.c_str(), 0600);
  const auto source = jwt_from_file("--assertion-file", path);
  EXPECT_EQ(text_of(run(source->read())), "first");
  write("  second");
  EXPECT_EQ(text_of(run(source->read())), "second");
  write(" \n");
  EXPECT_THAT(run(source->read()), FailsWith(ErrorKind::config, "--assertion-file " + path));
  std::remove(path.c_str());
  EXPECT_THAT(run(source->read()), FailsWith(ErrorKind::io, "cannot read"));
}

TEST(JwtFromProgram, IsWhatItWrites) {
  EXPECT_EQ(text_of(from_program({"printf", "%s\\n", "a.b.c"})), "a.b.c");
}

TEST(JwtFromProgram, SeesNoShellAndNoInput) {
  EXPECT_EQ(text_of(from_program({"echo", "$HOME;id"})), "$HOME;id");
  EXPECT_THAT(from_program({"cat"}), FailsWith(ErrorKind::config, "there is no token in it"));
}

TEST(JwtFromProgram, MustEndWithSuccess) {
  EXPECT_THAT(from_program({"sh", "-c", "echo a.b.c; exit 3"}),
              FailsWith(ErrorKind::config, "--assertion-command sh: it failed with exit code 3"));
  EXPECT_THAT(from_program({"/nowhere/at-all"}), FailsWith(ErrorKind::config, "cannot run"));
}

TEST(JwtFromProgram, IsBoundInTimeAndSize) {
  EXPECT_THAT(from_program({"sleep", "100"}, std::chrono::seconds(0)),
              FailsWith(ErrorKind::config, "gave no token within 0 s"));
  EXPECT_THAT(from_program({"head", "-c", "70000", "/dev/zero"}),
              FailsWith(ErrorKind::config, "more than 64 KiB"));
}

}  // namespace
}  // namespace mcpio::cli
