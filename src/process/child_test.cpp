// SPDX-License-Identifier: MIT
#include "process/child.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <csignal>

#include "support/result_matchers.h"
#include "support/run.h"

namespace mcpio::process {
namespace {

using std::chrono::milliseconds;
using test::FailsWith;
using test::HoldsOk;
using test::run;
using testing::HasSubstr;

constexpr StopLadder kQuick{.after_eof = milliseconds(20), .after_term = milliseconds(20)};
constexpr StopLadder kPatient{.after_eof = std::chrono::hours(1),
                              .after_term = std::chrono::hours(1)};

Command shell(std::string script) { return Command{.arguments = {"sh", "-c", std::move(script)}}; }

// True: there is no such process, nor a zombie of that number.
bool is_gone(pid_t pid) { return ::kill(pid, 0) != 0 && errno == ESRCH; }

class ChildProcess : public testing::Test {
 protected:
  ChildProcess() { ::signal(SIGPIPE, SIG_IGN); }

  std::unique_ptr<Child> start(const Command& command) {
    return Child::start(loop_.get_executor(), command).value();
  }

  static awaitable<std::string> read_all(asio::posix::stream_descriptor& from) {
    std::string text;
    co_await asio::async_read(from, asio::dynamic_buffer(text), as_result);
    co_return text;
  }

  static awaitable<std::string> read_line(asio::posix::stream_descriptor& from) {
    std::string text;
    co_await asio::async_read_until(from, asio::dynamic_buffer(text), '\n', as_result);
    co_return text;
  }

  std::string output_of(const Command& command) {
    auto child = start(command);
    std::string text = run(loop_, read_all(child->output()));
    run(loop_, child->wait()).value();
    return text;
  }

  asio::io_context loop_{1};
};

TEST_F(ChildProcess, TalksOverItsPipes) {
  auto child = start(Command{.arguments = {"cat"}});
  const std::string text = "to and fro\n";
  asio::write(child->input(), asio::buffer(text));
  EXPECT_EQ(run(loop_, read_line(child->output())), text);
  EXPECT_THAT(run(loop_, child->stop(kPatient)), HoldsOk(ExitStatus{}));
}

TEST_F(ChildProcess, NeedsNoShell) {
  const Command command{.arguments = {"printf", "%s|", "$HOME", "a b", "*"}};
  EXPECT_EQ(output_of(command), "$HOME|a b|*|");
}

TEST_F(ChildProcess, TellsHowItEnded) {
  auto by_itself = start(shell("exit 3"));
  EXPECT_THAT(run(loop_, by_itself->wait()), HoldsOk(ExitStatus{.code = 3}));
  auto killed = start(shell("kill -KILL $$"));
  EXPECT_THAT(run(loop_, killed->wait()), HoldsOk(ExitStatus{.signal = SIGKILL}));
  EXPECT_EQ(describe(ExitStatus{.code = 3}), "exit code 3");
  EXPECT_EQ(describe(ExitStatus{.signal = SIGKILL}), "signal 9 (Killed)");
}

TEST_F(ChildProcess, TellsHowItEndedHoweverOftenAndLateItIsAsked) {
  auto child = start(shell("exit 4"));
  EXPECT_THAT(run(loop_, child->wait()), HoldsOk(ExitStatus{.code = 4}));
  EXPECT_THAT(run(loop_, child->wait()), HoldsOk(ExitStatus{.code = 4}));
  EXPECT_THAT(run(loop_, child->stop(kPatient)), HoldsOk(ExitStatus{.code = 4}));
}

TEST_F(ChildProcess, KeepsTheExitStatusWhereSigchldIsIgnored) {
  ::signal(SIGCHLD, SIG_IGN);
  auto child = start(shell("exit 5"));
  EXPECT_THAT(run(loop_, child->wait()), HoldsOk(ExitStatus{.code = 5}));
}

TEST_F(ChildProcess, ReadsFromWhatItIsGiven) {
  const int file = ::open("/proc/self/status", O_RDONLY | O_CLOEXEC);
  Command command = shell("head -n 1");
  command.input = file;
  EXPECT_THAT(output_of(command), HasSubstr("Name:"));
  ::close(file);
}

TEST_F(ChildProcess, MayBeRunUnderAnotherName) {
  Command command{.arguments = {"a name", "-c", "echo $0"}, .program = "sh"};
  EXPECT_THAT(output_of(command), testing::AnyOf("a name\n", "sh\n"));
}

// In a session of its own, so that not even the end of our process group reaches it.
TEST_F(ChildProcess, GoesOnWithoutUsIfItShall) {
  Command command = shell("echo $$; read line; echo went on");
  command.outlives_us = true;
  auto child = start(command);
  const pid_t pid = child->pid();
  EXPECT_EQ(run(loop_, read_line(child->output())), std::to_string(pid) + "\n");
  EXPECT_EQ(::getsid(pid), pid);
  const int in = ::dup(child->input().native_handle());
  asio::posix::stream_descriptor out(loop_, ::dup(child->output().native_handle()));
  child.reset();
  EXPECT_EQ(::write(in, "\n", 1), 1);
  EXPECT_EQ(run(loop_, read_line(out)), "went on\n");
  ::close(in);
  EXPECT_EQ(::waitpid(pid, nullptr, 0), pid);
}

TEST_F(ChildProcess, SaysWhyAProgramCannotBeRun) {
  const auto executor = loop_.get_executor();
  EXPECT_THAT(Child::start(executor, Command{.arguments = {"no-such-program"}}),
              FailsWith(ErrorKind::config, "cannot run 'no-such-program': No such file"));
  EXPECT_THAT(Child::start(executor, Command{.arguments = {}}),
              FailsWith(ErrorKind::config, "no command"));
  Command nowhere = shell("true");
  nowhere.directory = "/no/such/directory";
  EXPECT_THAT(Child::start(executor, nowhere), FailsWith(ErrorKind::config, "No such file"));
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1) << "a zombie was left";
}

TEST_F(ChildProcess, GivesTheProgramTheEnvironmentAndDirectoryAskedFor) {
  Command command{.arguments = {"/bin/sh", "-c", "echo $GREETING $HOME; pwd"},
                  .environment = std::vector<std::string>{"GREETING=hello"},
                  .directory = "/"};
  EXPECT_EQ(output_of(command), "hello\n/\n");
}

TEST_F(ChildProcess, GivesTheProgramEveryVariableAsItIs) {
  Command command{.arguments = {"/usr/bin/env"}, .environment = std::vector<std::string>()};
  std::string expected;
  for (int length = 0; length < 64; ++length) {
    command.environment->push_back(
        fmt::format("V{}={}", length, std::string(static_cast<std::size_t>(length), 'x')));
    expected += command.environment->back() + "\n";
  }
  EXPECT_EQ(output_of(command), expected);
}

TEST_F(ChildProcess, CapturesStderrApart) {
  Command command = shell("echo out; echo err >&2");
  command.captures_stderr = true;
  auto child = start(command);
  EXPECT_EQ(run(loop_, read_all(child->errors())), "err\n");
  EXPECT_EQ(run(loop_, read_all(child->output())), "out\n");
}

// Even one that a library opened without O_CLOEXEC.
TEST_F(ChildProcess, GetsNoOtherDescriptorOfOurs) {
  const int stray = ::open("/dev/null", O_RDONLY);
  const std::string name = "/proc/self/fd/" + std::to_string(stray);
  EXPECT_EQ(output_of(Command{.arguments = {"readlink", name}}), "");
  EXPECT_EQ(output_of(Command{.arguments = {"readlink", "/dev/stdin"}}), "/proc/self/fd/0\n");
  ::close(stray);
}

TEST_F(ChildProcess, HasTheDefaultSignalsAndAGroupOfItsOwn) {
  EXPECT_THAT(output_of(shell("cat /proc/self/status")), HasSubstr("SigBlk:\t0000000000000000"));
  EXPECT_EQ(output_of(shell("kill -PIPE $$; echo survived")), "");
  auto child = start(shell("read line"));
  EXPECT_EQ(getpgid(child->pid()), child->pid());
}

TEST_F(ChildProcess, StopsWhenItsStdinEnds) {
  auto child = start(shell("read line; exit 6"));
  EXPECT_THAT(run(loop_, child->stop(kPatient)), HoldsOk(ExitStatus{.code = 6}));
}

TEST_F(ChildProcess, StopTerminatesWhatIgnoresTheEndOfStdin) {
  auto child = start(shell("trap 'exit 7' TERM; echo ready; while :; do sleep 0.01; done"));
  run(loop_, read_line(child->output()));
  const StopLadder ladder{.after_eof = milliseconds(10), .after_term = std::chrono::hours(1)};
  EXPECT_THAT(run(loop_, child->stop(ladder)), HoldsOk(ExitStatus{.code = 7}));
}

TEST_F(ChildProcess, StopKillsWhatIgnoresSigterm) {
  auto child = start(shell("trap '' TERM; echo ready; while :; do sleep 0.01; done"));
  run(loop_, read_line(child->output()));
  EXPECT_THAT(run(loop_, child->stop(kQuick)), HoldsOk(ExitStatus{.signal = SIGKILL}));
}

// The pipe to us ends only when the last process that holds it has ended.
TEST_F(ChildProcess, ItsEndIsTheEndOfItsGroup) {
  auto child = start(shell("sleep 1000 & exit 0"));
  EXPECT_THAT(run(loop_, child->wait()), HoldsOk(ExitStatus{}));
  EXPECT_EQ(run(loop_, read_all(child->output())), "");
}

TEST_F(ChildProcess, TheDestructorLeavesNeitherProcessNorZombie) {
  auto child = start(shell("trap '' TERM; read line; while :; do sleep 0.01; done"));
  const pid_t pid = child->pid();
  child.reset();
  EXPECT_TRUE(is_gone(pid));
}

TEST_F(ChildProcess, TheDestructorReapsWhatHasEndedUnnoticed) {
  auto child = start(shell("exit 0"));
  run(loop_, read_all(child->output()));
  const pid_t pid = child->pid();
  child.reset();
  EXPECT_TRUE(is_gone(pid));
}

}  // namespace
}  // namespace mcpio::process
