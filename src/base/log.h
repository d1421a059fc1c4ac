// SPDX-License-Identifier: MIT
// What the program tells the person who runs it, on stderr or in a file; never on stdout.
//
// A line never holds the content of a message (unless the level is trace), the userinfo or query
// of a URL, or any value given to hide(): the sink sees to the last two whatever was passed in.
#pragma once

#include <fmt/core.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace mcpio::log {

enum class Level { trace, debug, info, warning, error };

enum class Format { text, json };

struct Settings {
  Level level = Level::info;
  Format format = Format::text;
  std::string file;  // empty: stderr; may be /dev/stderr or /dev/fd/N too
};

// Until it is called, the defaults of Settings apply. A new file gets mode 0600; of one that others
// can read there is a warning. Fails if it cannot be opened, is a link, or belongs to another user.
Result<void> start(const Settings& settings);

std::optional<Level> level_from(std::string_view name);

// From now on the value is shown as *** wherever it would appear. Values shorter than 4 bytes are
// not.
void hide(const Secret& value);

bool enabled(Level level);
void write(Level level, std::string_view text);

// The text as the sink would write it. For texts that leave by another way: --check, error replies.
std::string redacted(std::string_view text);

template <class... Args>
void at(Level level, fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(level)) write(level, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void trace(fmt::format_string<Args...> format, Args&&... args) {
  at(Level::trace, format, std::forward<Args>(args)...);
}
template <class... Args>
void debug(fmt::format_string<Args...> format, Args&&... args) {
  at(Level::debug, format, std::forward<Args>(args)...);
}
template <class... Args>
void info(fmt::format_string<Args...> format, Args&&... args) {
  at(Level::info, format, std::forward<Args>(args)...);
}
template <class... Args>
void warning(fmt::format_string<Args...> format, Args&&... args) {
  at(Level::warning, format, std::forward<Args>(args)...);
}
template <class... Args>
void error(fmt::format_string<Args...> format, Args&&... args) {
  at(Level::error, format, std::forward<Args>(args)...);
}

// One line each.
void warnings(std::span<const std::string> texts);

}  // namespace mcpio::log
