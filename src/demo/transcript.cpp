// SPDX-License-Identifier: MIT
#include "demo/transcript.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>

namespace mcpio::demo {
namespace {

constexpr std::size_t kClientLane = 34, kServerLane = 34;

// Every code point we write is one column wide.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

std::string padded(std::string_view text, std::size_t width) {
  const std::size_t has = width_of(text);
  return std::string(text) + std::string(has < width ? width - has : 0, ' ');
}

// A question mark for every code point beyond ASCII.
std::string in_ascii(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) out += c;
    if (byte >= 0xC0) out += '?';
  }
  return out;
}

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

bool names_utf8(std::string_view lc_all, std::string_view lc_ctype, std::string_view lang) {
  std::string name(!lc_all.empty() ? lc_all : !lc_ctype.empty() ? lc_ctype : lang);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return name.ends_with("utf-8") || name.ends_with("utf8");
}

Style style_of_stdout() {
  return Style{
      .colour = ::isatty(STDOUT_FILENO) == 1 && environment("NO_COLOR").empty() &&
                environment("TERM") != "dumb",
      .unicode = names_utf8(environment("LC_ALL"), environment("LC_CTYPE"), environment("LANG"))};
}

std::string show_time(Time time) {
  const double ms = static_cast<double>(time.count()) / 1000;
  if (ms < 1) return fmt::format("{:.1f} ms", ms);
  if (ms < 1000) return fmt::format("{:.0f} ms", ms);
  return fmt::format("{:.2f} s", ms / 1000);
}

std::string show_size(std::size_t bytes) {
  return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1'000'000);
}

Transcript::Transcript(std::ostream& out, Style style) : out_(out), style_(style) {}

void Transcript::title(std::string_view text) { line(painted(Colour::bold, text)); }

void Transcript::heads() {
  line("");
  const std::string text = fmt::format("{:>9}  {:<{}}{}", "time", "client", kClientLane, "server");
  line(painted(Colour::dim, text));
}

void Transcript::client(Time at, std::string_view text) {
  const std::string arrow = painted(Colour::cyan, style_.unicode ? "→" : "->");
  line(fmt::format("{}  {} {}", time(at), arrow, text));
}

void Transcript::server(Time at, std::string_view text) {
  const std::string arrow = painted(Colour::green, style_.unicode ? "←" : "<-");
  line(fmt::format("{}  {:{}}{} {}", time(at), "", kClientLane, arrow, text));
}

void Transcript::progress(Time at, std::string_view text) {
  const std::string note = fmt::format("{} {}", style_.unicode ? "··" : "..", text);
  line(fmt::format("{}  {:{}}{}", time(at), "", kClientLane, painted(Colour::dim, note)));
}

void Transcript::answer(Time at, std::string_view text, Time took) {
  const std::string mark = painted(Colour::green, style_.unicode ? "✓" : "ok");
  server(at, fmt::format("{}{} {}", padded(text, kServerLane),
                         painted(Colour::dim, fmt::format("{:>8}", show_time(took))), mark));
}

void Transcript::plain(std::string_view text) { line(text); }

void Transcript::success(std::string_view text) {
  line("");
  line(painted(Colour::green, text));
}

void Transcript::failure(std::string_view text) {
  line("");
  line(painted(Colour::red, text));
}

std::string Transcript::time(Time at) const {
  return painted(Colour::dim, fmt::format("{:>9}", show_time(at)));
}

std::string Transcript::painted(Colour colour, std::string_view text) const {
  if (!style_.colour || colour == Colour::none) return std::string(text);
  constexpr int kCodes[] = {0, 2, 1, 31, 32, 36};
  return fmt::format("\x1b[{}m{}\x1b[0m", kCodes[static_cast<int>(colour)], text);
}

// Flushed, so that the conversation is seen while it happens.
void Transcript::line(std::string_view text) {
  out_ << (style_.unicode ? std::string(text) : in_ascii(text)) << '\n' << std::flush;
}

}  // namespace mcpio::demo
