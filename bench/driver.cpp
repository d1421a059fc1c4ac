// SPDX-License-Identifier: MIT
// Measures bridges between an MCP client on stdio and a server over HTTP, all in one run.
//
//   driver [--quick] [--only CASE]... --out FILE --log FILE --home FOLDER --upstream PROGRAM
//          --memory PROGRAM [--with-token NAME] [-- NAME COMMAND...]...
//
// Each group behind `--` is one bridge; {url} in its command stands for the server's URL. The one
// that --with-token names finds the token of an earlier login where a server wants one.
#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "cases.h"
#include "pipe_endpoint.h"
#include "signed_in.h"

namespace bench {
namespace {

struct Options {
  bool is_quick = false;
  std::set<std::string> only;
  std::string out, log, home, upstream, memory, with_token;
  std::vector<Subject> bridges;
};

Options parse(const std::vector<std::string>& arguments) {
  Options options;
  const std::map<std::string, std::string*> texts{
      {"--out", &options.out},       {"--log", &options.log},
      {"--home", &options.home},     {"--upstream", &options.upstream},
      {"--memory", &options.memory}, {"--with-token", &options.with_token}};
  auto at = arguments.begin();
  const auto value = [&] {
    if (++at == arguments.end()) throw std::runtime_error("an option lacks its value");
    return *at;
  };
  for (; at != arguments.end() && *at != "--"; ++at) {
    if (*at == "--quick") {
      options.is_quick = true;
    } else if (*at == "--only") {
      options.only.insert(value());
    } else if (const auto text = texts.find(*at); text != texts.end()) {
      *text->second = value();
    } else {
      throw std::runtime_error("unknown option " + *at);
    }
  }
  while (at != arguments.end()) {
    const auto end = std::find(at + 1, arguments.end(), "--");
    options.bridges.push_back({.name = at[1], .command = Command(at + 2, end)});
    at = end;
  }
  return options;
}

void check_cases(const std::set<std::string>& only) {
  const auto cases = all_cases();
  for (const auto& name : only)
    if (std::ranges::find(cases, name, &Case::name) == cases.end())
      throw std::runtime_error("there is no case " + name);
}

void run(const Options& options) {
  check_cases(options.only);
  PipeEndpoint upstream({options.upstream}, options.log);
  Bench bench{.subjects = {{.name = "floor", .command = {}}},
              .url = std::string(upstream.receive()),
              .answer_from_memory = {options.memory},
              .home = options.home,
              .log = options.log,
              .is_quick = options.is_quick,
              .results = {}};
  sign_out(bench.home);
  for (auto bridge : options.bridges) {
    if (bridge.name == options.with_token) {
      bridge.signed_in = bridge.command;
      std::ranges::replace(bridge.signed_in, "{url}", protected_url(bench.url));
    }
    std::ranges::replace(bridge.command, "{url}", bench.url);
    bench.subjects.push_back(std::move(bridge));
  }
  for (const auto& [name, measure] : all_cases()) {
    if (!options.only.empty() && !options.only.contains(name)) continue;
    const auto start = Clock::now();
    fmt::print(stderr, "{:<14}", name);
    measure(bench);
    fmt::print(stderr, "{:6.1f} s\n", std::chrono::duration<double>(Clock::now() - start).count());
    bench.results.write(options.out);  // after each case: what was measured is kept
  }
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  // Every large answer is received into fresh pages, whatever was received before it.
  mallopt(M_MMAP_THRESHOLD, 1024 * 1024);
  try {
    bench::run(bench::parse({argv + 1, argv + argc}));
  } catch (const std::exception& failure) {
    fmt::print(stderr, "bench: {}\n", failure.what());
    return 1;
  }
}
