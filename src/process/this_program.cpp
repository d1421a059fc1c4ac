// SPDX-License-Identifier: MIT
#include "process/this_program.h"

#include <unistd.h>

#include <fstream>
#include <iterator>
#include <utility>

namespace mcpio::process {
namespace {

// The kernel's name for the file we were started from, whatever has become of it.
constexpr const char* kOurProgram = "/proc/self/exe";
constexpr const char* kOurArguments = "/proc/self/cmdline";

}  // namespace

Result<Command> this_program(std::string variable) {
  std::ifstream file(kOurArguments, std::ios::binary);
  std::string argument;
  Command command{.arguments = {}, .program = kOurProgram};
  while (std::getline(file, argument, '\0')) command.arguments.push_back(argument);
  if (command.arguments.empty())
    return fail(ErrorKind::io, "the system does not say what program this is");
  auto& environment = command.environment.emplace();
  for (char** at = environ; *at != nullptr; ++at) environment.emplace_back(*at);
  environment.push_back(std::move(variable));
  return command;
}

}  // namespace mcpio::process
