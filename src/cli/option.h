// SPDX-License-Identifier: MIT
// One option, with everything that is to be known about it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/command.h"
#include "cli/config.h"
#include "cli/key_material.h"

namespace mcpio::cli {

// What an option is for. The order is that of --help.
enum class Purpose {
  server,
  credentials,
  signing_in,
  who_the_client_is,
  browser,
  authorization_server,
  without_a_person,
  tools,
  time_and_size,
  network,
  checking,
  logging,
  general
};

inline constexpr Purpose kPurposes[] = {Purpose::server,           Purpose::credentials,
                                        Purpose::signing_in,       Purpose::who_the_client_is,
                                        Purpose::browser,          Purpose::authorization_server,
                                        Purpose::without_a_person, Purpose::tools,
                                        Purpose::time_and_size,    Purpose::network,
                                        Purpose::checking,         Purpose::logging,
                                        Purpose::general};

std::string_view heading(Purpose purpose);

enum class Takes {
  nothing,  // a switch: on if it is there; --name=no switches it off again
  value,    // given twice, the last one counts
  values,   // may be repeated, all count
};

// The texts given for one option by the source that decides: the command line, else the
// environment, else the configuration file. Never empty.
using Values = std::span<const std::string>;

// A configuration in the making: what can be decided option by option is in `config`, the rest
// waits as text until all options are known.
struct Draft {
  ConnectConfig config;
  std::string server_url;
  std::optional<Secret> bearer_token;
  std::vector<std::string> header_lines;
  std::string header_file;
  KeyMaterial key_material;
  std::string proxy;  // empty: the environment decides
  bool ipv4 = false;
  bool ipv6 = false;
  std::vector<std::string> warnings;
};

struct Option {
  std::string_view name = {};  // without dashes; it is also the key in the configuration file
  char letter = 0;             // the short form, if there is one
  std::string_view placeholder = {};  // what stands for the value in help texts
  Takes takes = Takes::nothing;
  std::string_view environment = {};    // the variable; empty: there is none
  std::string_view default_value = {};  // as help texts show it; empty: there is none
  Purpose purpose = Purpose::general;
  std::string_view help = {};
  CommandSet commands = 0;     // those that take it; 0: those that its purpose belongs to
  bool is_positional = false;  // the bare argument is it
  bool is_hidden = false;      // accepted, but not shown
  bool is_secret = false;      // the value must not be shown
  bool in_file = true;         // may stand in the configuration file
  // Null: it is not about the configuration. Fails with config if the text is wrong, else the
  // text is right and cannot be done.
  Result<void> (*apply)(Draft&, Values) = nullptr;

  // As help texts and messages call it: "--timeout-read", or "URL" for the bare argument.
  std::string shown() const;
};

}  // namespace mcpio::cli
