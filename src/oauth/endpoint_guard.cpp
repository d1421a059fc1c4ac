// SPDX-License-Identifier: MIT
#include "oauth/endpoint_guard.h"

#include <fmt/core.h>

#include <algorithm>

namespace mcpio::oauth {
namespace {

std::string_view fault_of(const codec::Url& url) {
  if (!url.is_https() && !codec::is_loopback(url.host)) return "is not https";
  if (url.userinfo) return "holds a user name";
  if (url.fragment) return "holds a fragment";
  return "";
}

}  // namespace

Result<codec::Url> check_endpoint(std::string_view text, std::string_view what) {
  auto url = codec::parse_url(text);
  if (!url) return propagate(url, what);
  const std::string_view fault = fault_of(*url);
  if (fault.empty()) return url;
  return fail(ErrorKind::protocol, fmt::format("the {} {} {}", what, codec::for_log(*url), fault));
}

std::vector<std::string> foreign_origins(std::span<const std::string> urls,
                                         const codec::Url& home) {
  std::vector<std::string> origins;
  for (const std::string& text : urls) {
    const auto url = codec::parse_url(text);
    if (!url || codec::same_origin(*url, home)) continue;
    std::string origin = codec::origin_of(*url);
    if (std::ranges::find(origins, origin) == origins.end()) origins.push_back(std::move(origin));
  }
  return origins;
}

}  // namespace mcpio::oauth
