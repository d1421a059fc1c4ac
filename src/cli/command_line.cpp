// SPDX-License-Identifier: MIT
#include "cli/command_line.h"

#include <fmt/core.h>
#include <getopt.h>

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/nearest.h"
#include "cli/option_table.h"

namespace mcpio::cli {

namespace {

// What getopt_long returns for option number i of the table; short options return their letter.
constexpr int kFirstLong = 1000;

// getopt's own description of the table. Not CLI11's: that stops at the first mistake, takes the
// next argument for the value of "--name=", and splits values like "[a,b]".
struct GetoptTables {
  // Whatever POSIXLY_CORRECT says: other arguments in their order; a missing value is told apart.
  std::string letters = "-:";
  std::vector<::option> names;

  GetoptTables() {
    const auto table = option_table();
    for (std::size_t i = 0; i < table.size(); ++i) {
      const Option& option = table[i];
      const bool takes_value = option.takes != Takes::nothing;
      names.push_back({.name = option.name.data(),
                       .has_arg = takes_value ? required_argument : optional_argument,
                       .flag = nullptr,
                       .val = kFirstLong + static_cast<int>(i)});
      if (option.letter == 0) continue;
      letters += option.letter;
      if (takes_value) letters += ':';
    }
    names.push_back({});
  }
};

const Option& option_for(int code) {
  const auto table = option_table();
  if (code >= kFirstLong) return table[static_cast<std::size_t>(code - kFirstLong)];
  return *std::ranges::find(table, static_cast<char>(code), &Option::letter);
}

// `typed` is the argument as it stands on the command line.
std::string unknown_option(std::string_view typed) {
  const std::string_view shown = typed.substr(0, typed.find('='));
  std::string name(shown.substr(std::min(shown.find_first_not_of('-'), shown.size())));
  std::ranges::replace(name, '_', '-');
  if (const auto meant = nearest(name, visible_names()))
    return fmt::format("unknown option {}, did you mean --{}?", shown, *meant);
  return fmt::format("unknown option {}, see mcp-stdio --help", shown);
}

// Several options begin like this one.
std::string ambiguous_option(std::string_view typed, std::string_view begun) {
  std::string names;
  for (std::string_view name : visible_names())
    if (name.starts_with(begun)) names += fmt::format("{}--{}", names.empty() ? "" : " or ", name);
  return fmt::format("option {} is short for more than one, write {}", typed, names);
}

std::string not_an_option(std::string_view typed) {
  if (!typed.starts_with("--")) return unknown_option(typed);
  const std::string_view begun = typed.substr(2, typed.find('=') - 2);
  const auto fits = [begun](std::string_view name) { return name.starts_with(begun); };
  if (begun.size() > 0 && std::ranges::count_if(visible_names(), fits) > 1)
    return ambiguous_option(typed.substr(0, typed.find('=')), begun);
  return unknown_option(typed);
}

// One run over argv. getopt keeps its place in globals; optind = 0 makes glibc's start afresh.
class Reader {
 public:
  explicit Reader(std::span<const std::string> arguments) : strings_{"mcp-stdio"} {
    strings_.insert(strings_.end(), arguments.begin(), arguments.end());
    for (std::string& text : strings_) argv_.push_back(text.data());
    argv_.push_back(nullptr);
  }

  void read_into(CommandLine& line) {
    const GetoptTables tables;
    const int count = static_cast<int>(strings_.size());
    opterr = 0;
    optind = 0;
    for (;;) {
      const int code =
          getopt_long(count, argv_.data(), tables.letters.c_str(), tables.names.data(), nullptr);
      if (code == -1) break;
      take(code, line);
    }
    while (optind < count) others_.push_back(optind++);
    take_others(line);
  }

 private:
  static constexpr int kOther = 1;  // getopt's code for what is no option

  std::string_view argument(int index) const {
    return strings_[std::min(static_cast<std::size_t>(index), strings_.size() - 1)];
  }

  void take(int code, CommandLine& line) {
    if (code == kOther) {
      others_.push_back(optind - 1);
    } else if (code == '?') {
      refuse_unknown(line);
    } else if (code == ':') {
      const Option& option = option_for(optopt);
      line.mistakes.usage(
          fmt::format("--{0} needs a value: --{0} {1}", option.name, option.placeholder));
    } else {
      const Option& option = option_for(code);
      line.settings.put(option, {.source = Source::command_line,
                                 .where = option.shown(),
                                 .values = {optarg != nullptr ? optarg : "yes"}});
    }
  }

  // In "-abc" every letter is unknown by itself; one complaint is enough.
  void refuse_unknown(CommandLine& line) {
    const std::string_view next = argument(optind);
    const bool inside_letters = optopt != 0 && optopt < kFirstLong && next.size() > 2 &&
                                next[0] == '-' && next[1] != '-' &&
                                next.find(static_cast<char>(optopt)) != std::string_view::npos;
    const int index = inside_letters ? optind : optind - 1;
    if (std::exchange(unknown_, index) == index) return;
    line.mistakes.usage(not_an_option(argument(index)));
  }

  // What is left is the URL. The value of an option we do not know looks the same, so that after an
  // unknown option only what looks like a URL is taken for it. The others may be secrets: not
  // shown.
  void take_others(CommandLine& line) {
    if (others_.empty()) return;
    int url = others_.front();
    if (unknown_ != kNone) {
      const auto is_url = [this](int i) { return argument(i).find("://") != std::string::npos; };
      const auto found = std::ranges::find_if(others_, is_url);
      if (found != others_.end()) url = *found;
    } else {
      for (auto extra = others_.begin() + 1; extra != others_.end(); ++extra)
        line.mistakes.usage(fmt::format(
            "argument {} is one too many, there is one URL (quote values with spaces)", *extra));
    }
    line.settings.put(
        *find_option("url"),
        {.source = Source::command_line, .where = "URL", .values = {std::string(argument(url))}});
  }

  static constexpr int kNone = -1;

  std::vector<std::string> strings_;
  std::vector<char*> argv_;
  std::vector<int> others_;  // indices of arguments that are no options
  int unknown_ = kNone;      // index of the last unknown option
};

// The command that a first argument was meant to be, which is neither one nor an option nor
// anything like the address of a server.
std::optional<Command> meant_command(std::string_view first) {
  if (first.find_first_of(":./") != first.npos || first.starts_with('-')) return std::nullopt;
  std::vector<std::string_view> names;
  for (const CommandEntry& entry : command_table()) names.push_back(entry.name);
  const auto meant = nearest(first, names);
  return meant ? parse_command(*meant) : std::nullopt;
}

// The option that a word was meant to be, which is as little like an address.
std::optional<std::string_view> meant_option(std::string_view first) {
  if (first.find_first_of(":./") != first.npos || first.starts_with('-')) return std::nullopt;
  const std::vector<std::string_view> names = visible_names();
  return nearest(first, names);
}

// `help`, `help COMMAND` and `version` are what --help and --version are.
bool is_word_for_option(std::string_view first) { return first == "help" || first == "version"; }

void switch_on(std::string_view option, CommandLine& line) {
  line.settings.put(
      *find_option(option),
      {.source = Source::command_line, .where = std::string(option), .values = {"yes"}});
}

// What does not belong to this command, on the command line; elsewhere it is for other runs.
void refuse_foreign_options(CommandLine& line) {
  const std::string_view name = entry_of(line.command).name;
  for (const Option& option : option_table())
    if (line.settings.has(option.name) && !takes(line.command, option))
      line.mistakes.usage(
          fmt::format("{0} takes no {1}, see mcp-stdio {0} --help", name, option.shown()));
}

}  // namespace

CommandLine parse_command_line(std::span<const std::string> arguments) {
  CommandLine line;
  if (!arguments.empty() && is_word_for_option(arguments[0])) {
    switch_on(arguments[0], line);
    arguments = arguments.subspan(1);
  }
  auto named = arguments.empty() ? std::nullopt : parse_command(arguments[0]);
  if (!named && !arguments.empty()) {
    // The rest is read as for the one that was meant, so that its mistakes are said too.
    named = meant_command(arguments[0]);
    if (named)
      line.mistakes.usage(
          fmt::format("unknown command {}, did you mean {}?", arguments[0], entry_of(*named).name));
    const auto option = named ? std::nullopt : meant_option(arguments[0]);
    if (option) {
      line.mistakes.usage(
          fmt::format("unknown command {}, did you mean --{}?", arguments[0], *option));
      arguments = arguments.subspan(1);
    }
  }
  if (named) {
    line.command = *named;
    line.is_named = true;
    arguments = arguments.subspan(1);
  }
  Reader(arguments).read_into(line);
  refuse_foreign_options(line);
  return line;
}

}  // namespace mcpio::cli
