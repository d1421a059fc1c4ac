// SPDX-License-Identifier: MIT
// What is read keeps within its bounds, and reads the same when it is written down properly.
#include <string>
#include <vector>

#include "codec/challenge.h"
#include "property.h"

namespace mcpio::fuzz {
namespace {

using Challenges = std::vector<codec::Challenge>;

Challenges parse(const std::vector<std::string_view>& lines) {
  return codec::parse_challenges(lines);
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string written(const codec::Challenge& challenge) {
  std::string line = challenge.scheme + " " + challenge.token68;
  for (const auto& [name, value] : challenge.params) line += ", " + name + "=" + quoted(value);
  return line;
}

void check_same(const Challenges& a, const Challenges& b) {
  check(a.size() == b.size(), "there are as many challenges");
  for (std::size_t i = 0; i < a.size(); ++i) {
    check(a[i].scheme == b[i].scheme, "with the same schemes");
    check(a[i].token68 == b[i].token68, "the same token68");
    check(a[i].params == b[i].params, "and the same parameters");
  }
}

}  // namespace
}  // namespace mcpio::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace mcpio::fuzz;
  const auto text = text_of(bytes, size);
  const auto challenges = parse({text});
  check(challenges.size() <= 64, "there are at most 64");

  std::string line;
  for (const auto& challenge : challenges) {
    check(!challenge.scheme.empty(), "each has a scheme");
    check(challenge.params.size() <= 64, "and at most 64 parameters");
    check(mcpio::codec::find_challenge(challenges, challenge.scheme) != nullptr, "and is found");
    line += (line.empty() ? "" : ", ") + written(challenge);
  }
  check_same(parse({line}), challenges);
  if (challenges.size() <= 32) {
    auto twice = challenges;
    twice.insert(twice.end(), challenges.begin(), challenges.end());
    check_same(parse({text, text}), twice);
  }
  return 0;
}
