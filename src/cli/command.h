// SPDX-License-Identifier: MIT
// What the program can be asked to do, and what each of it takes.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace mcpio::cli {

struct Option;
enum class Purpose;

enum class Command : std::uint8_t { connect, demo, login, logout, status, token, client_metadata };

// A set of commands.
using CommandSet = unsigned;
template <class... Commands>
constexpr CommandSet only_for(Commands... commands) {
  return ((1U << static_cast<unsigned>(commands)) | ... | 0U);
}

// What the bare argument is.
enum class Target : std::uint8_t { none, server, document };

struct CommandEntry {
  Command command;
  std::string_view name;
  std::string_view arguments;  // as in "mcp-stdio NAME ARGUMENTS"
  std::string_view summary;    // one line among the others
  std::string_view text;       // what its own --help says above the options
  std::string_view example;    // behind "mcp-stdio "; empty: none
  Target target = Target::none;
  std::span<const Purpose> purposes = {};  // options with one of these are taken
};

// In the order of --help.
std::span<const CommandEntry> command_table();
const CommandEntry& entry_of(Command command);
// No such command: no value.
std::optional<Command> parse_command(std::string_view name);

// Does the option mean something there?
bool takes(Command command, const Option& option);

}  // namespace mcpio::cli
