// SPDX-License-Identifier: MIT
#include "oauth/issuer.h"

#include <fmt/core.h>

#include <algorithm>

#include "oauth/endpoint_guard.h"

namespace mcpio::oauth {
namespace {

bool differ_in_one_slash(std::string_view a, std::string_view b) {
  const auto [shorter, longer] =
      std::minmax(a, b, [](auto x, auto y) { return x.size() < y.size(); });
  return longer.size() == shorter.size() + 1 && longer.starts_with(shorter) &&
         longer.ends_with('/');
}

// Does no shell see more in it than a word? A server chose the text, and the user may copy it.
bool is_plain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-._:/").contains(c);
  });
}

std::string shown_issuer(std::string_view issuer) {
  return is_plain(issuer) ? std::string(issuer) : codec::for_log(issuer);
}

// The option that accepts this issuer, if it can be one (RFC 8414, section 2).
std::string option_for(std::string_view issuer) {
  if (!is_plain(issuer) || !check_endpoint(issuer, "issuer")) return "";
  return fmt::format("; if both are the same, use --oauth-issuer {}", issuer);
}

}  // namespace

bool is_same_issuer(std::string_view expected, std::string_view stated,
                    const KnownProviders& providers) {
  return expected == stated || differ_in_one_slash(expected, stated) ||
         providers.confuse(expected, stated);
}

Result<IssuerFinding> check_issuer(const IssuerRule& rule, std::string_view stated) {
  const std::string& expected = rule.trusted ? *rule.trusted : rule.expected;
  const std::string story = fmt::format("the metadata of {} names the issuer {}",
                                        shown_issuer(rule.expected), shown_issuer(stated));
  const auto refuse = [&](std::string_view why) {
    return fail(ErrorKind::untrusted, fmt::format("{}{}", story, why));
  };
  if (!is_same_issuer(expected, stated, rule.providers))
    return refuse(rule.trusted ? fmt::format(", but only {} is trusted; --oauth-issuer says which",
                                             shown_issuer(*rule.trusted))
                               : option_for(stated));
  IssuerFinding finding;
  finding.issuer = std::string(stated);
  finding.is_hearsay = !is_same_issuer(rule.expected, stated, rule.providers);
  if (differ_in_one_slash(rule.expected, stated) && !rule.providers.confuse(rule.expected, stated))
    finding.warning = story + ": they differ in a slash";
  return finding;
}

}  // namespace mcpio::oauth
