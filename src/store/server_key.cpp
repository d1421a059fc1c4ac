// SPDX-License-Identifier: MIT
#include "store/server_key.h"

#include "codec/url.h"

namespace mcpio::store {

std::string server_key(std::string_view url) {
  const auto parsed = codec::parse_url(url);
  if (!parsed) return std::string(url);
  std::string key = codec::origin_of(*parsed) + parsed->path;
  while (key.ends_with('/')) key.pop_back();
  if (parsed->query) key += "?" + *parsed->query;
  return key;
}

}  // namespace mcpio::store
