// SPDX-License-Identifier: MIT
// A credential helper in the style of docker's, whose keychain is a folder.
#pragma once

#include <sys/stat.h>

#include <cstdlib>

#include "store/folder_fixture.h"

namespace mcpio::store {

// docker-credential-test is found in PATH while it lives. Each entry is a file named by its URL, in
// which the slashes are ones, holding what `store` was given.
class TestHelper {
 public:
  TestHelper() : path_before_(std::getenv("PATH")) {
    const auto file = folder_ / "docker-credential-test";
    put(file, R"sh(#!/bin/sh
cd "${0%/*}" && mkdir -p entries && cd entries || exit 2
echo "$*" >> ../arguments
if [ -n "$TEST_HELPER_SAYS" ]; then echo "$TEST_HELPER_SAYS"; exit 1; fi
if [ -n "$TEST_HELPER_ANSWERS" ]; then echo "$TEST_HELPER_ANSWERS"; exit 0; fi
url_in() { sed 's/.*"ServerURL":"\([^"]*\)".*/\1/'; }
file_of() { tr / 1; }
need() { [ -f "$1" ] && return; echo credentials not found in native keychain; exit 1; }
case "$1" in
  store)
    text=$(cat)
    printf %s "$text" > "$(printf %s "$text" | url_in | file_of)"
    ;;
  get)
    file=$(file_of); need "$file"; cat "$file"
    ;;
  erase)
    file=$(file_of); rm "$file" 2>/dev/null || { echo "exit status 1: not in the store"; exit 1; }
    ;;
  list)
    printf '{"https://index.docker.io/v1/":"somebody"'
    for file in *; do [ -f "$file" ] && printf ',"%s":"mcp-stdio"' "$(url_in < "$file")"; done
    printf '}'
    ;;
esac
)sh");
    ::chmod(file.c_str(), 0700);
    ::setenv("PATH", (folder_.path().string() + ":" + path_before_).c_str(), 1);
  }
  TestHelper(const TestHelper&) = delete;
  TestHelper& operator=(const TestHelper&) = delete;
  ~TestHelper() {
    ::setenv("PATH", path_before_.c_str(), 1);
    ::unsetenv("TEST_HELPER_SAYS");
    ::unsetenv("TEST_HELPER_ANSWERS");
  }

  // The answer to whatever it is asked.
  void answers(const char* text) { ::setenv("TEST_HELPER_ANSWERS", text, 1); }
  // Why it fails.
  void says(const char* text) { ::setenv("TEST_HELPER_SAYS", text, 1); }
  // A line for each time it was run.
  std::string arguments() const { return get(folder_ / "arguments"); }
  // What was stored, one entry behind the other.
  std::string entries() const {
    std::string all;
    for (const auto& entry : std::filesystem::directory_iterator(folder_ / "entries"))
      all += get(entry.path());
    return all;
  }

 private:
  TemporaryFolder folder_;
  const std::string path_before_;
};

}  // namespace mcpio::store
