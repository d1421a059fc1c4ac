// SPDX-License-Identifier: MIT
// The cases of the benchmark. Each goes round and round over its subjects, so that whatever else
// the machine does meets all of them alike; the medians of the rounds are what counts.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "endpoint.h"
#include "process.h"
#include "results.h"

namespace bench {

struct Subject {
  std::string name;
  Command command;         // a bridge on stdio; empty: the direct client
  Command signed_in = {};  // the same to a server that wants a token; empty: there is none to show
};

struct Bench {
  std::vector<Subject> subjects;  // the floor first
  std::string url;                // of the upstream
  Command answer_from_memory;     // the floor of starting up
  std::string home;               // a folder for what bridges keep
  std::string log;                // where the bridges' stderr goes
  bool is_quick = false;
  Results results;
};

struct Case {
  const char* name;
  void (*run)(Bench&);
};

std::span<const Case> all_cases();

}  // namespace bench
