// SPDX-License-Identifier: MIT
#include "auth/browser.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/folder_fixture.h"
#include "support/environment.h"
#include "support/result_matchers.h"

namespace mcpio::auth {
namespace {

using testing::HasSubstr;
using namespace mcpio::test;

const std::string kPage = "https://as.example/authorize?state=s";

codec::Url url(std::string_view text) { return codec::parse_url(text).value(); }

// Programs that tell what they were started with, by way of a named pipe.
class BrowserTest : public testing::Test {
 protected:
  BrowserTest() {
    EXPECT_EQ(::mkfifo(pipe().c_str(), 0600), 0);
    // Also for writing, so that it has no end between two programs.
    heard_ = ::open(pipe().c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
  }
  ~BrowserTest() override { ::close(heard_); }

  // One write, so that two of them cannot mix.
  std::string program(const std::string& name, std::string text = {}) {
    if (text.empty())
      text = fmt::format(
          "#!/bin/sh\nall=$(for a in {} \"$@\"; do echo \"[$a]\"; done)\n"
          "echo \"$all\" > '{}'\n",
          name, pipe());
    store::put(folder_ / name, text);
    EXPECT_EQ(::chmod((folder_ / name).c_str(), 0700), 0);
    return (folder_ / name).string();
  }
  void put_on_path() { path_.emplace("PATH", folder_.path().string() + ":/usr/bin:/bin"); }

  // What the next program to be started has had: its name and its arguments.
  std::string told() {
    pollfd ready{.fd = heard_, .events = POLLIN, .revents = 0};
    if (::poll(&ready, 1, 60'000) != 1) return "nothing";
    char text[4096];
    const ssize_t length = ::read(heard_, text, sizeof text);
    return std::string(text, length > 0 ? static_cast<std::size_t>(length) : 0);
  }
  std::string pipe() const { return (folder_ / "pipe").string(); }

  store::TemporaryFolder folder_;
  EnvironmentVariable browser_{"BROWSER", std::nullopt};
  std::optional<EnvironmentVariable> path_;
  int heard_ = -1;
};

// Whatever the URL holds: no shell sees it.
TEST_F(BrowserTest, GetsTheUrlAsItsLastArgumentAsItIs) {
  const std::string page = "https://as.example/a?x=$(x);&'|z*";
  ASSERT_THAT(open_browser(url(page), program("one")), IsOk());
  EXPECT_EQ(told(), "[one]\n[" + page + "]\n");
}

TEST_F(BrowserTest, IsAProgramWhateverItsNameHolds) {
  ASSERT_THAT(
      open_browser(url(kPage), program("a;b $(x)", "#!/bin/sh\necho odd > '" + pipe() + "'\n")),
      IsOk());
  EXPECT_EQ(told(), "odd\n");
}

// Not even what was opened without a thought of other programs, such as the port of the login.
TEST_F(BrowserTest, InheritsNothingThatIsOpen) {
  constexpr int kOpen = 200;
  ASSERT_EQ(::dup2(heard_, kOpen), kOpen);
  const std::string look =
      fmt::format("#!/bin/sh\n[ -e /proc/$$/fd/{} ] && all=open || all=nothing\necho $all > '{}'\n",
                  kOpen, pipe());
  ASSERT_THAT(open_browser(url(kPage), program("look", look)), IsOk());
  EXPECT_EQ(told(), "nothing\n");
  ::close(kOpen);
}

// CVE-2025-6514: who names the address must not have anything else started.
TEST_F(BrowserTest, IsStartedForHttpsAndThisMachineOnly) {
  const std::string one = program("one");
  for (const char* page : {"http://as.example/authorize", "http://localhost.evil.example/",
                           "http://127.0.0.1.nip.io/", "http://192.168.0.1/"})
    EXPECT_THAT(open_browser(url(page), one), FailsWith(ErrorKind::rejected, "plain http"));
  for (const char* scheme : {"file", "javascript", "ms-settings", "httpss", "HTTPS"}) {
    codec::Url made = url("http://localhost/calc.exe");
    made.scheme = scheme;
    EXPECT_THAT(open_browser(made, one), FailsWith(ErrorKind::rejected, "not opened"));
  }
  for (const char* page : {"http://127.0.0.1:1/x", "http://[::1]:1/x", "http://localhost:1/x"}) {
    ASSERT_THAT(open_browser(url(page), one), IsOk());
    EXPECT_EQ(told(), fmt::format("[one]\n[{}]\n", page));  // and of nothing else before
  }
}

TEST_F(BrowserTest, IsTheFirstOfTheListThatIsHere) {
  put_on_path();
  program("two");
  program("three");
  const EnvironmentVariable list("BROWSER", ":/nowhere/one:missing:two:three");
  ASSERT_THAT(open_browser(url(kPage), ""), IsOk());
  EXPECT_EQ(told(), "[two]\n[" + kPage + "]\n");
}

TEST_F(BrowserTest, MayHaveArgumentsOfItsOwnInTheList) {
  put_on_path();
  program("two");
  for (const char* command : {"two --new $(x)", "two --new $(x) %s", "  two\t--new $(x)  %s "}) {
    const EnvironmentVariable list("BROWSER", command);
    ASSERT_THAT(open_browser(url(kPage), ""), IsOk());
    EXPECT_EQ(told(), "[two]\n[--new]\n[$(x)]\n[" + kPage + "]\n") << command;
  }
}

// What only a shell could read as it is meant.
TEST_F(BrowserTest, IsNoCommandThatWouldNeedAShell) {
  put_on_path();
  program("two");
  program("three");
  for (const char* command :
       {"two 'a b':three", "two %s &:three", "two --url=%s:three", "two \"%s\":three"}) {
    const EnvironmentVariable list("BROWSER", command);
    ASSERT_THAT(open_browser(url(kPage), ""), IsOk());
    EXPECT_EQ(told(), "[three]\n[" + kPage + "]\n") << command;
  }
}

TEST_F(BrowserTest, IsTheDesktopsOwnOtherwise) {
  put_on_path();
  program("xdg-open");
  for (const char* listed : {"", "missing", "missing %s:'"}) {
    const EnvironmentVariable list("BROWSER", listed);
    ASSERT_THAT(open_browser(url(kPage), ""), IsOk());
    EXPECT_EQ(told(), "[xdg-open]\n[" + kPage + "]\n") << listed;
  }
}

TEST_F(BrowserTest, ThatIsNamedWinsOverTheList) {
  put_on_path();
  program("two");
  const EnvironmentVariable list("BROWSER", "two");
  ASSERT_THAT(open_browser(url(kPage), program("one")), IsOk());
  EXPECT_EQ(told(), "[one]\n[" + kPage + "]\n");
}

TEST_F(BrowserTest, ThatIsNotHereIsAnErrorThatNamesTheOption) {
  store::put(folder_ / "text", "no program");
  for (const std::string& name :
       {(folder_ / "missing").string(), (folder_ / "text").string(), folder_.path().string(),
        std::string("mcp-stdio-no-such-program")})
    EXPECT_THAT(open_browser(url(kPage), name),
                FailsWith(ErrorKind::config, fmt::format("'{}' is not a program", name)));
  const EnvironmentVariable nothing("PATH", folder_.path().string());
  EXPECT_THAT(open_browser(url(kPage), ""), FailsWith(ErrorKind::config, "--browser"));
}

TEST_F(BrowserTest, ThatCannotBeStartedIsAnError) {
  const std::string broken = program("broken", "#!/nowhere/interpreter\n");
  EXPECT_THAT(open_browser(url(kPage), broken),
              FailsWith(ErrorKind::config, "cannot be started: No such file"));
}

}  // namespace
}  // namespace mcpio::auth
