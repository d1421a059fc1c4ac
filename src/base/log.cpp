// SPDX-License-Identifier: MIT
#include "base/log.h"

#include <fcntl.h>
#include <poll.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <ctime>
#include <iterator>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "base/redact.h"

namespace mcpio::log {
namespace {

using Line = spdlog::memory_buf_t;

std::vector<Secret>& hidden_values() {
  static std::vector<Secret> values;
  return values;
}

void append(Line& line, std::string_view text) {
  line.append(text.data(), text.data() + text.size());
}

std::chrono::milliseconds since_epoch(const spdlog::details::log_msg& entry) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(entry.time.time_since_epoch());
}

// `[mcp-stdio] text`; lines for whoever looks for a fault say when.
class TextFormatter final : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& entry, Line& line) override {
    if (entry.level <= spdlog::level::debug) {
      append_time(entry, line);
    } else {
      append(line, "[mcp-stdio] ");
    }
    if (entry.level == spdlog::level::warn) append(line, "warning: ");
    if (entry.level == spdlog::level::err) append(line, "error: ");
    line.append(entry.payload.begin(), entry.payload.end());
    line.push_back('\n');
  }

  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<TextFormatter>();
  }

 private:
  static void append_time(const spdlog::details::log_msg& entry, Line& line) {
    const std::time_t seconds = since_epoch(entry).count() / 1000;
    std::tm local = {};
    localtime_r(&seconds, &local);
    fmt::format_to(std::back_inserter(line), "[mcp-stdio {:02}:{:02}:{:02}.{:03}] ", local.tm_hour,
                   local.tm_min, local.tm_sec, since_epoch(entry).count() % 1000);
  }
};

// {"time":"2026-01-31T12:34:56.789Z","level":"info","message":"text"}, times as in RFC 3339.
class JsonFormatter final : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& entry, Line& line) override {
    const std::time_t seconds = since_epoch(entry).count() / 1000;
    std::tm utc = {};
    gmtime_r(&seconds, &utc);
    fmt::format_to(std::back_inserter(line),
                   R"({{"time":"{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z","level":"{}",)",
                   utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min,
                   utc.tm_sec, since_epoch(entry).count() % 1000, kLevelNames[entry.level]);
    append(line, R"("message":")");
    for (const char c : entry.payload) {  // has no control characters left
      if (c == '"' || c == '\\') line.push_back('\\');
      line.push_back(c);
    }
    append(line, "\"}\n");
  }

  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<JsonFormatter>();
  }

  static constexpr std::array<std::string_view, 5> kLevelNames = {"trace", "debug", "info",
                                                                  "warning", "error"};
};

std::unique_ptr<spdlog::formatter> make_formatter(Format format) {
  if (format == Format::json) return std::make_unique<JsonFormatter>();
  return std::make_unique<TextFormatter>();
}

// Writes each line to a descriptor at once. Where nobody reads it - a client that opens our stderr
// and forgets it - lines are lost rather than the relay held up.
class DescriptorSink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  DescriptorSink(int descriptor, Format format)
      : base_sink(make_formatter(format)), descriptor_(descriptor) {}
  ~DescriptorSink() override {
    if (descriptor_ != STDERR_FILENO) close(descriptor_);
  }

 private:
  // A pipe that is ready takes this much without blocking.
  static constexpr std::size_t kPiece = 4096;
  static constexpr int kPatienceMs = 200;

  void sink_it_(const spdlog::details::log_msg& entry) override {
    Line line;
    formatter_->format(entry, line);
    for (std::string_view rest(line.data(), line.size()); !rest.empty();) {
      if (!is_ready()) return;
      const ssize_t written = ::write(descriptor_, rest.data(), std::min(rest.size(), kPiece));
      if (written < 0 && errno != EINTR) return;
      if (written > 0) rest.remove_prefix(static_cast<std::size_t>(written));
    }
  }

  // Waits once; from then on until the reader is back, a line that cannot go at once is lost.
  bool is_ready() {
    pollfd ask = {.fd = descriptor_, .events = POLLOUT, .revents = 0};
    stuck_ = poll(&ask, 1, stuck_ ? 0 : kPatienceMs) < 1;
    return !stuck_;
  }

  void flush_() override {}

  const int descriptor_;
  bool stuck_ = false;
};

std::unique_ptr<spdlog::logger> make_logger(int descriptor, Format format, Level level) {
  auto made = std::make_unique<spdlog::logger>(
      "mcp-stdio", std::make_shared<DescriptorSink>(descriptor, format));
  made->set_level(static_cast<spdlog::level::level_enum>(level));
  return made;
}

std::unique_ptr<spdlog::logger>& logger() {
  static auto current = make_logger(STDERR_FILENO, Format::text, Level::info);
  return current;
}

static_assert(static_cast<int>(Level::trace) == spdlog::level::trace);
static_assert(static_cast<int>(Level::warning) == spdlog::level::warn);
static_assert(static_cast<int>(Level::error) == spdlog::level::err);

// The first values hidden are the user's own; what comes later are tokens, and the oldest of those
// have expired when there is no more room.
constexpr std::ptrdiff_t kKeptForGood = limits::kHiddenValues / 4;

// A new file is for its owner's eyes only; one that exists keeps the mode somebody gave it.
// O_NONBLOCK: a FIFO nobody reads is an error, not a wait. O_NOFOLLOW: in a folder that others may
// write, a link of theirs would make us write to any file of ours.
Result<int> open_file(const std::string& path) {
  const int descriptor =
      open(path.c_str(),
           O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW, 0600);
  if (descriptor >= 0) return descriptor;
  const std::string why = errno == ELOOP ? "it is a symbolic link, name the file itself"
                                         : std::generic_category().message(errno);
  return fail(ErrorKind::io, fmt::format("log file {}: {}", path, why));
}

// The number in a name of one of our own descriptors, all of which are links.
std::optional<int> own_descriptor(std::string_view path) {
  if (path == "/dev/stdout") return STDOUT_FILENO;
  if (path == "/dev/stderr") return STDERR_FILENO;
  for (const std::string_view folder : {"/dev/fd/", "/proc/self/fd/"}) {
    if (!path.starts_with(folder)) continue;
    int number = -1;
    const char* const end = path.data() + path.size();
    const auto [last, error] = std::from_chars(path.data() + folder.size(), end, number);
    if (error == std::errc() && last == end && number >= 0) return number;
  }
  return std::nullopt;
}

// A copy, since a socket or a terminal of another user cannot be opened by these names.
Result<int> duplicate(int descriptor, const std::string& path) {
  if (descriptor == STDOUT_FILENO)
    return fail(ErrorKind::io,
                fmt::format("log file {}: stdout is for messages, use /dev/stderr", path));
  const int flags = fcntl(descriptor, F_GETFL);
  if (flags >= 0 && (flags & O_ACCMODE) == O_RDONLY)
    return fail(ErrorKind::io, fmt::format("log file {}: it is open for reading only", path));
  const int copy = fcntl(descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  if (copy >= 0) return copy;
  return fail(ErrorKind::io,
              fmt::format("log file {}: {}", path, std::generic_category().message(errno)));
}

bool is_of_another_user(const struct stat& status) {
  return status.st_uid != geteuid() && status.st_uid != 0;
}

bool can_be_read_by_others(const struct stat& status) {
  return S_ISREG(status.st_mode) && (status.st_mode & (S_IRGRP | S_IROTH)) != 0;
}

}  // namespace

Result<void> start(const Settings& settings) {
  if (settings.file.empty()) {
    logger() = make_logger(STDERR_FILENO, settings.format, settings.level);
    return ok();
  }
  if (const auto own = own_descriptor(settings.file)) {
    auto copy = duplicate(*own, settings.file);
    if (!copy) return propagate(copy);
    logger() = make_logger(*copy, settings.format, settings.level);
    return ok();  // who opened it for us has seen to who can read it
  }
  auto descriptor = open_file(settings.file);
  if (!descriptor) return propagate(descriptor);
  auto opened = make_logger(*descriptor, settings.format, settings.level);
  struct stat status = {};
  if (fstat(*descriptor, &status) != 0 || is_of_another_user(status))
    return fail(ErrorKind::io,
                fmt::format("log file {}: it belongs to another user", settings.file));
  logger() = std::move(opened);
  if (can_be_read_by_others(status))
    warning("others can read this log, run: chmod 600 '{}'", settings.file);
  return ok();
}

std::optional<Level> level_from(std::string_view name) {
  const auto& names = JsonFormatter::kLevelNames;
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Level>(found - names.begin());
}

void hide(const Secret& value) {
  auto& hidden = hidden_values();
  if (value.reveal().size() < 4 || std::ranges::find(hidden, value) != hidden.end()) return;
  if (hidden.size() == limits::kHiddenValues) hidden.erase(hidden.begin() + kKeptForGood);
  hidden.push_back(value);
}

bool enabled(Level level) {
  return logger()->should_log(static_cast<spdlog::level::level_enum>(level));
}

void write(Level level, std::string_view text) {
  if (!enabled(level)) return;
  logger()->log(static_cast<spdlog::level::level_enum>(level),
                spdlog::string_view_t(redacted(text)));
}

std::string redacted(std::string_view text) { return redact(text, hidden_values()); }

void warnings(std::span<const std::string> texts) {
  for (const std::string& text : texts) warning("{}", text);
}

}  // namespace mcpio::log
