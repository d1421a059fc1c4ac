// SPDX-License-Identifier: MIT
#include "auth/browser.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace mcpio::auth {
namespace {

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

// $BROWSER is a list of commands; the first one is taken if it is a plain program.
std::string program_of_environment() {
  const std::string list = variable("BROWSER");
  const std::string first = list.substr(0, list.find(':'));
  return first.find_first_of(" \t%") == std::string::npos ? first : std::string();
}

// Runs `program url` in a session of its own, with nothing of ours but the environment, and as
// nobody's child: what it does is no business of ours any more.
int start(const std::string& program, const std::string& url) {
  const pid_t middle = ::fork();
  if (middle < 0) return errno;
  if (middle == 0) {
    ::setsid();
    const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    for (const int fd : {0, 1, 2}) ::dup2(nothing, fd);
    const char* const arguments[] = {program.c_str(), url.c_str(), nullptr};
    const pid_t last = ::fork();
    if (last == 0) {
      ::execvp(program.c_str(), const_cast<char* const*>(arguments));
      ::_exit(127);
    }
    ::_exit(last < 0 ? errno : 0);
  }
  int status = 0;
  while (::waitpid(middle, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
}

// Is it a program that could be started? exec in the grandchild cannot tell us.
bool is_program(const std::string& name) {
  if (name.find('/') != std::string::npos) return ::access(name.c_str(), X_OK) == 0;
  const std::string path = variable("PATH");
  for (std::size_t at = 0; at <= path.size();) {
    const std::size_t end = std::min(path.find(':', at), path.size());
    if (::access((path.substr(at, end - at) + "/" + name).c_str(), X_OK) == 0) return true;
    at = end + 1;
  }
  return false;
}

}  // namespace

Desktop Desktop::from(const Environment& environment) {
  const auto is_set = [&environment](const char* name) {
    return !environment(name).value_or("").empty();
  };
  return {.has_display = is_set("DISPLAY") || is_set("WAYLAND_DISPLAY") || is_set("BROWSER"),
          .is_remote = is_set("SSH_CONNECTION") || is_set("SSH_TTY")};
}

Result<void> open_browser(const codec::Url& url, const std::string& program) {
  if (!url.is_https() && !codec::is_loopback(url.host))
    return fail(ErrorKind::rejected,
                fmt::format("{} is not opened in a browser: it is plain http to another machine",
                            codec::for_log(url)));
  std::string chosen = program.empty() ? program_of_environment() : program;
  if (chosen.empty()) chosen = "xdg-open";
  if (!is_program(chosen))
    return fail(ErrorKind::config, fmt::format("there is no browser: '{}' is not a program; open "
                                               "the address above by hand, or name one with "
                                               "--browser",
                                               chosen));
  const int code = start(chosen, codec::to_string(url));
  if (code == 0) return ok();
  return fail(ErrorKind::config,
              fmt::format("the browser '{}' cannot be started: {}", chosen, std::strerror(code)));
}

}  // namespace mcpio::auth
