// SPDX-License-Identifier: MIT
// A log line is one line without control characters, and holds no hidden value.
#include <algorithm>
#include <string>
#include <vector>

#include "base/redact.h"
#include "property.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace mcpio;
  const std::vector<Secret> hidden = {Secret("hunter2"), Secret("ter2:x"), Secret("@@:/?")};
  const std::string shown = log::redact(fuzz::text_of(bytes, size), hidden);
  for (const Secret& value : hidden)
    fuzz::check(shown.find(value.reveal()) == shown.npos, "no hidden value is shown");
  fuzz::check(std::ranges::none_of(shown, [](char c) { return (c >= 0 && c < ' ') || c == 0x7F; }),
              "a line is one line");

  for (std::size_t at = shown.find("://"); at != shown.npos; at = shown.find("://", at)) {
    at += 3;
    const auto authority = shown.substr(at, shown.find_first_of("/?# \"`\\", at) - at);
    fuzz::check(authority.find('@') == authority.npos, "no URL has userinfo");
  }
  return 0;
}
