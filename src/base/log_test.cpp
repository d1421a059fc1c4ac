// SPDX-License-Identifier: MIT
#include "base/log.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "support/result_matchers.h"

namespace mcpio::log {
namespace {

using test::FailsWith;
using test::IsOk;
using testing::MatchesRegex;

// A log file of its own for each test; the defaults are back afterwards.
class Log : public testing::Test {
 protected:
  Log() {
    std::string pattern = testing::TempDir() + "log_test.XXXXXX";
    folder_ = mkdtemp(pattern.data());
    file_ = folder_ + "/log";
  }
  ~Log() override {
    EXPECT_THAT(start({}), IsOk());
    unlink(file_.c_str());
    rmdir(folder_.c_str());
  }

  void begin(Level level, Format format) {
    ASSERT_THAT(start({.level = level, .format = format, .file = file_}), IsOk());
  }

  std::string written() const {
    std::ifstream in(file_);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  std::string folder_, file_;
};

TEST_F(Log, TextLinesSayWhoSpeaksAndHowBadItIs) {
  begin(Level::info, Format::text);
  info("connected to {}", "a.example");
  warning("slow");
  error("gone");
  EXPECT_EQ(written(),
            "[mcp-stdio] connected to a.example\n"
            "[mcp-stdio] warning: slow\n"
            "[mcp-stdio] error: gone\n");
}

TEST_F(Log, LinesForFaultFindingSayWhen) {
  begin(Level::trace, Format::text);
  debug("tools/call {}", 7);
  trace("{}", "{}");
  EXPECT_THAT(written(), MatchesRegex("\\[mcp-stdio [0-9][0-9]:[0-9][0-9]:[0-9][0-9]\\.[0-9][0-9]"
                                      "[0-9]\\] tools/call 7\n\\[mcp-stdio [0-9:.]+\\] \\{\\}\n"));
}

TEST_F(Log, JsonLinesAreObjects) {
  begin(Level::debug, Format::json);
  warning("a \"quoted\" back\\slash\nand more");
  EXPECT_THAT(written(),
              MatchesRegex("\\{\"time\":\"20[0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:"
                           "[0-6][0-9]\\.[0-9][0-9][0-9]Z\",\"level\":\"warning\",\"message\":"
                           "\"a \\\\\"quoted\\\\\" back\\\\\\\\slash\\\\\\\\nand more\"\\}\n"));
}

TEST_F(Log, SaysNothingBelowItsLevel) {
  begin(Level::warning, Format::text);
  EXPECT_FALSE(enabled(Level::info));
  EXPECT_TRUE(enabled(Level::warning));
  info("unheard");
  write(Level::debug, "unheard");
  EXPECT_EQ(written(), "");
}

TEST_F(Log, ALineIsALineWhateverIsInIt) {
  begin(Level::info, Format::text);
  write(Level::info, "one\n[mcp-stdio] error: forged\r\x1b[2J");
  EXPECT_EQ(written(), "[mcp-stdio] one\\n[mcp-stdio] error: forged\\r\\x1b[2J\n");
}

TEST_F(Log, NeverHoldsWhatIsHidden) {
  begin(Level::trace, Format::json);
  hide(Secret("hidden-token-1"));
  info("Authorization: Bearer {}", "hidden-token-1");
  info("to https://user:pw@a.example/mcp?key=abc");
  EXPECT_THAT(written(), testing::HasSubstr("Bearer ***\""));
  EXPECT_THAT(written(), testing::HasSubstr("to https://a.example/mcp?<redacted>\""));
}

TEST_F(Log, ValuesTooShortToBeSecretsAreShown) {
  hide(Secret("the"));
  hide(Secret(""));
  EXPECT_EQ(redacted("the end"), "the end");
}

// Tokens come and go while the program runs; the user's own values were there first.
TEST_F(Log, TheFirstHiddenValuesStayHiddenHoweverManyFollow) {
  hide(Secret("configured-by-the-user"));
  for (int i = 0; i < 1000; ++i) hide(Secret("token-" + std::to_string(100'000 + i)));
  EXPECT_EQ(redacted("configured-by-the-user"), "***");
  EXPECT_EQ(redacted("token-100999"), "***");
  EXPECT_EQ(redacted("token-100100"), "token-100100");
}

TEST_F(Log, ANewFileIsForItsOwnerOnly) {
  const mode_t before = umask(0);
  begin(Level::info, Format::text);
  umask(before);
  struct stat status = {};
  ASSERT_EQ(stat(file_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
}

TEST_F(Log, AFileThatOthersCanReadIsWarnedOf) {
  close(open(file_.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
  ASSERT_EQ(chmod(file_.c_str(), 0640), 0);
  begin(Level::info, Format::text);
  EXPECT_THAT(written(), testing::HasSubstr("warning: others can read this log, run: chmod 600 '"));
}

TEST_F(Log, ALinkIsNotFollowed) {
  ASSERT_EQ(symlink((file_ + ".real").c_str(), file_.c_str()), 0);
  EXPECT_THAT(start({.file = file_}), FailsWith(ErrorKind::io, "symbolic link"));
  EXPECT_NE(access((file_ + ".real").c_str(), F_OK), 0);
}

// Containers collect what is written there. The names are links, and a pipe of another user could
// not be opened by them.
TEST_F(Log, AnOpenDescriptorHasAName) {
  for (const std::string folder : {"/dev/fd/", "/proc/self/fd/"}) {
    int ends[2];
    ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
    ASSERT_THAT(start({.file = folder + std::to_string(ends[1])}), IsOk());
    info("here");
    EXPECT_THAT(start({.file = folder + std::to_string(ends[0])}),
                FailsWith(ErrorKind::io, "for reading only"));
    ASSERT_THAT(start({}), IsOk());
    close(ends[1]);
    char line[64];
    const ssize_t size = read(ends[0], line, sizeof line);
    EXPECT_EQ(std::string(line, static_cast<std::size_t>(std::max<ssize_t>(size, 0))),
              "[mcp-stdio] here\n");
    EXPECT_EQ(read(ends[0], line, sizeof line), 0) << "the copy is closed";
    close(ends[0]);
    EXPECT_THAT(start({.file = folder + std::to_string(ends[1])}),
                FailsWith(ErrorKind::io, "Bad file descriptor"));
  }
}

TEST_F(Log, StderrHasNamesToo) {
  for (const std::string name : {"/dev/stderr", "/dev/fd/2", "/proc/self/fd/2"}) {
    testing::internal::CaptureStderr();
    EXPECT_THAT(start({.file = name}), IsOk());
    info("there");
    EXPECT_THAT(start({}), IsOk());
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "[mcp-stdio] there\n") << name;
  }
}

TEST_F(Log, StdoutIsForMessages) {
  for (const std::string name : {"/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"})
    EXPECT_THAT(start({.file = name}), FailsWith(ErrorKind::io, "use /dev/stderr")) << name;
}

TEST_F(Log, AFileOfAnotherUserIsRefused) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can make one";
  close(open(file_.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
  ASSERT_EQ(chown(file_.c_str(), 12345, 12345), 0);
  EXPECT_THAT(start({.file = file_}), FailsWith(ErrorKind::io, "another user"));
}

TEST_F(Log, AFileIsAppendedTo) {
  begin(Level::info, Format::text);
  info("one");
  begin(Level::info, Format::text);
  info("two");
  EXPECT_EQ(written(), "[mcp-stdio] one\n[mcp-stdio] two\n");
}

TEST_F(Log, AFileThatCannotBeOpenedIsNamed) {
  const std::string nowhere = folder_ + "/missing/log";
  EXPECT_THAT(start({.file = nowhere}), FailsWith(ErrorKind::io, nowhere + ": No such file"));
}

TEST_F(Log, WithoutAFileItGoesToStderr) {
  testing::internal::CaptureStderr();
  info("hello");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "[mcp-stdio] hello\n");
}

// A client may open our stderr and never read it; the relay must live on.
TEST_F(Log, APipeNobodyReadsLosesLinesButHoldsNobodyUp) {
  ASSERT_EQ(mkfifo(file_.c_str(), 0600), 0);
  const int reader = open(file_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  ASSERT_GE(reader, 0);
  begin(Level::info, Format::text);
  const std::string line(10'000, 'x');
  for (int i = 0; i < 100; ++i) write(Level::info, line);  // far more than a pipe holds

  std::array<char, 65536> drain = {};
  while (read(reader, drain.data(), drain.size()) > 0) {
  }
  info("heard again");
  const ssize_t got = read(reader, drain.data(), drain.size());
  ASSERT_GT(got, 0);
  EXPECT_EQ(std::string_view(drain.data(), static_cast<std::size_t>(got)),
            "[mcp-stdio] heard again\n");
  close(reader);
}

TEST_F(Log, AFifoWithoutAReaderIsRefusedAtOnce) {
  ASSERT_EQ(mkfifo(file_.c_str(), 0600), 0);
  EXPECT_THAT(start({.file = file_}), FailsWith(ErrorKind::io, "No such device"));
}

TEST(LogLevel, IsReadFromItsName) {
  EXPECT_EQ(level_from("trace"), Level::trace);
  EXPECT_EQ(level_from("debug"), Level::debug);
  EXPECT_EQ(level_from("info"), Level::info);
  EXPECT_EQ(level_from("warning"), Level::warning);
  EXPECT_EQ(level_from("error"), Level::error);
  EXPECT_EQ(level_from("Info"), std::nullopt);
  EXPECT_EQ(level_from(""), std::nullopt);
}

}  // namespace
}  // namespace mcpio::log
