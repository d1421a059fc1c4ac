// SPDX-License-Identifier: MIT
#include "auth/browser.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace mcpio::auth {
namespace {

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

std::vector<std::string> split(std::string_view text, std::string_view separators) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find_first_of(separators, at), text.size());
    if (end > at) parts.emplace_back(text.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

// exec would look for it in the same places.
bool is_program(const std::string& name) {
  const auto is_it = [](const std::filesystem::path& file) {
    std::error_code unknown;
    return std::filesystem::is_regular_file(file, unknown) && ::access(file.c_str(), X_OK) == 0;
  };
  if (name.find('/') != std::string::npos) return is_it(name);
  return std::ranges::any_of(split(variable("PATH"), ":"), [&](const std::string& folder) {
    return is_it(std::filesystem::path(folder) / name);
  });
}

// $BROWSER: commands with colons between, of words with spaces between; `%s` stands for the URL. No
// shell reads them, so that one that would need quotes, or the URL elsewhere than at the end, is
// passed over, as is one that is not here. Empty: there is none.
std::vector<std::string> command_of_environment() {
  for (const std::string& entry : split(variable("BROWSER"), ":")) {
    auto words = split(entry, " \t");
    if (!words.empty() && words.back() == "%s") words.pop_back();
    const bool needs_a_shell = entry.find_first_of("'\"\\") != std::string::npos;
    const bool is_odd = std::ranges::any_of(
        words, [](const std::string& word) { return word.find('%') != std::string::npos; });
    if (!words.empty() && !needs_a_shell && !is_odd && is_program(words.front())) return words;
  }
  return {};
}

// Runs the command in a session of its own, with nothing of ours but the environment, and as
// nobody's child: what it does is no business of ours any more. An errno if it did not begin.
int start(std::vector<std::string> command) {
  std::vector<char*> arguments;
  for (std::string& word : command) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  int failure[2];  // written to by whoever fails, and closed by exec
  if (::pipe2(failure, O_CLOEXEC) != 0) return errno;
  const auto give_up = [&failure]() {
    const int code = errno;
    ::_exit(::write(failure[1], &code, sizeof code) == sizeof code ? 0 : 127);
  };
  const pid_t middle = ::fork();
  int code = middle < 0 ? errno : 0;
  if (middle == 0) {
    ::setsid();
    const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    for (const int fd : {0, 1, 2}) ::dup2(nothing, fd);
    // Else it would keep the port of the login, as long as it runs, from the next one.
    ::close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
    const pid_t last = ::fork();
    if (last == 0) ::execvp(arguments.front(), arguments.data());
    if (last <= 0) give_up();
    ::_exit(0);
  }
  ::close(failure[1]);
  while (middle > 0 && ::waitpid(middle, nullptr, 0) < 0 && errno == EINTR) {
  }
  int told = 0;
  ssize_t size = 0;
  do {
    size = middle > 0 ? ::read(failure[0], &told, sizeof told) : 0;
  } while (size < 0 && errno == EINTR);
  if (size == sizeof told) code = told;
  ::close(failure[0]);
  return code;
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
  const bool is_local = url.scheme == "http" && codec::is_loopback(url.host);
  if (!url.is_https() && !is_local)
    return fail(ErrorKind::rejected,
                fmt::format("{} is not opened in a browser: it is plain http to another machine",
                            codec::for_log(url)));
  auto command = program.empty() ? command_of_environment() : std::vector{program};
  if (command.empty()) command = {"xdg-open"};
  const std::string name = command.front();
  if (!is_program(name))
    return fail(ErrorKind::config, fmt::format("there is no browser: '{}' is not a program; open "
                                               "the address above by hand, or name one with "
                                               "--browser",
                                               name));
  command.push_back(codec::to_string(url));
  const int code = start(std::move(command));
  if (code == 0) return ok();
  return fail(ErrorKind::config,
              fmt::format("the browser '{}' cannot be started: {}", name, std::strerror(code)));
}

}  // namespace mcpio::auth
