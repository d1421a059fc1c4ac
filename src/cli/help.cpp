// SPDX-License-Identifier: MIT
#include "cli/help.h"

#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "cli/option_table.h"
#include "cli/version.h"

namespace mcpio::cli {

namespace {

constexpr std::size_t kNarrowest = 60, kWidest = 100;  // longer lines are hard to read
constexpr std::size_t kColumn = 30;                    // where the texts begin

std::string bold(const Page& page, std::string_view text) {
  return page.has_colour ? fmt::format("\x1b[1m{}\x1b[0m", text) : std::string(text);
}

// Takes the next word off the text. What stands in brackets is one.
std::string_view take_word(std::string_view& text) {
  const std::size_t from = text.starts_with('[') ? std::min(text.find(']'), text.size()) : 0;
  const std::string_view word = text.substr(0, text.find(' ', from));
  text.remove_prefix(std::min(word.size() + 1, text.size()));
  return word;
}

// The text in lines, all but the first indented.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t width) {
  std::string lines;
  std::size_t column = indent;
  while (!text.empty()) {
    const std::string_view word = take_word(text);
    if (column > indent && column + 1 + word.size() > width) {
      lines += '\n' + std::string(indent, ' ');
      column = indent;
    } else if (column > indent) {
      lines += ' ';
      ++column;
    }
    lines += word;
    column += word.size();
  }
  return lines + '\n';
}

// "  -H, --header 'NAME: VALUE'"
std::string left_side(const Option& option) {
  std::string side = option.letter != 0 ? fmt::format("  -{}, ", option.letter) : "  ";
  side += option.shown();
  if (option.takes != Takes::nothing && !option.is_positional)
    side += fmt::format(" {}", option.placeholder);
  return side;
}

std::string right_side(const Option& option) {
  std::string side(option.help);
  if (!option.default_value.empty()) side += fmt::format(" [default: {}]", option.default_value);
  if (!option.environment.empty()) side += fmt::format(" [{}]", option.environment);
  return side;
}

std::string entry(const Option& option, std::size_t width) {
  std::string lines = left_side(option);
  const bool fits_beside = lines.size() + 2 <= kColumn;
  lines +=
      fits_beside ? std::string(kColumn - lines.size(), ' ') : '\n' + std::string(kColumn, ' ');
  return lines + wrapped(right_side(option), kColumn, width);
}

std::string command_line_of(const CommandEntry& command) {
  return fmt::format("  mcp-stdio {}{}{}", command.name, command.arguments.empty() ? "" : " ",
                     command.arguments);
}

std::string summaries(std::size_t width) {
  std::string lines;
  for (const CommandEntry& command : command_table()) {
    std::string line = command_line_of(command);
    const bool has_room = line.size() + 2 <= kColumn;
    if (!has_room) line += '\n';
    line.append(has_room ? kColumn - line.size() : kColumn, ' ');
    lines += line + wrapped(command.summary, kColumn, width);
  }
  return lines;
}

// The URL of a document is no server's, and its command says what it is.
bool is_shown(const Option& option, std::optional<Command> command) {
  if (option.is_hidden) return false;
  if (!command) return true;
  const bool is_document = entry_of(*command).target == Target::document;
  return takes(*command, option) && !(is_document && option.is_positional);
}

std::string options_of(const Page& page, std::size_t width, std::optional<Command> command) {
  std::string text;
  for (const Purpose purpose : kPurposes) {
    std::string entries;
    for (const Option& option : option_table())
      if (option.purpose == purpose && is_shown(option, command)) entries += entry(option, width);
    if (!entries.empty()) text += '\n' + bold(page, heading(purpose)) + '\n' + entries;
  }
  return text;
}

constexpr std::string_view kExamples =
    "  mcp-stdio https://mcp.example.com/mcp\n"
    "  mcp-stdio --check -H 'X-Api-Key: ${API_KEY}' https://mcp.example.com/mcp\n";

constexpr std::string_view kSources =
    "Each option can also be set by the environment variable in brackets, or by its name in the "
    "file "
    "given with --config. Switches are on with 1, true, yes or on.";

}  // namespace

Page page_of(int descriptor) {
  if (isatty(descriptor) == 0) return {};
  winsize size{};
  const bool is_known = ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  const char* no_colour = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  const bool is_dumb = terminal == nullptr || std::string_view(terminal) == "dumb";
  return {.width = is_known ? size.ws_col : std::size_t{80},
          .has_colour = !is_dumb && (no_colour == nullptr || *no_colour == '\0')};
}

std::string help_text(const Page& page) {
  const std::size_t width = std::clamp(page.width, kNarrowest, kWidest);
  std::string text = fmt::format("mcp-stdio {}: a remote MCP server as a local one\n\n", version());
  text += bold(page, "Commands") + '\n';
  text += summaries(width);
  text += '\n' + bold(page, "Examples") + '\n';
  text += kExamples;
  return text + options_of(page, width, std::nullopt) + '\n' + wrapped(kSources, 0, width);
}

std::string help_text(const Page& page, Command command) {
  const CommandEntry& entry = entry_of(command);
  if (entry.text.empty()) return help_text(page);
  const std::size_t width = std::clamp(page.width, kNarrowest, kWidest);
  std::string text = command_line_of(entry).substr(2) + "\n\n" + wrapped(entry.text, 0, width);
  if (!entry.example.empty())
    text += fmt::format("\n{}\n  mcp-stdio {}\n", bold(page, "Example"), entry.example);
  return text + options_of(page, width, command) + '\n' + wrapped(kSources, 0, width);
}

}  // namespace mcpio::cli
