// SPDX-License-Identifier: MIT
// What the user has set, before anybody looks at the values; and what is wrong with it.
#pragma once

#include <algorithm>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/exit_code.h"
#include "cli/option.h"

namespace mcpio::cli {

// A source of settings; a later one wins over an earlier one.
enum class Source { file, environment, command_line };

struct Setting {
  Source source;
  std::string
      where;  // how a message names the place: "--proxy", "MCP_STDIO_PROXY", "a.json: proxy"
  std::vector<std::string> values;  // never empty
};

// One setting per option: the winning source's.
class Settings {
 public:
  void put(const Option& option, Setting setting) {
    auto [found, is_new] = settings_.try_emplace(option.name, setting);
    if (is_new || setting.source < found->second.source) return;
    if (setting.source > found->second.source)
      found->second = std::move(setting);
    else
      std::ranges::move(setting.values, std::back_inserter(found->second.values));
  }

  // Not set: null.
  const Setting* find(std::string_view name) const {
    const auto found = settings_.find(name);
    return found != settings_.end() ? &found->second : nullptr;
  }

  bool has(std::string_view name) const { return find(name) != nullptr; }

 private:
  std::map<std::string_view, Setting> settings_;
};

// Everything that is wrong, so that it can be said in one go.
class Mistakes {
 public:
  // The line is what to say after "error: ".
  void usage(std::string line) { add(exit_code::kUsage, std::move(line)); }
  void configuration(std::string line) { add(exit_code::kFailed, std::move(line)); }

  bool empty() const { return lines_.empty(); }
  const std::vector<std::string>& lines() const { return lines_; }
  // Usage errors weigh more: they are what to mend first.
  int exit_code() const { return exit_code_; }

 private:
  void add(int code, std::string line) {
    exit_code_ = std::max(exit_code_, code);
    lines_.push_back(std::move(line));
  }

  std::vector<std::string> lines_;
  int exit_code_ = exit_code::kOk;
};

}  // namespace mcpio::cli
