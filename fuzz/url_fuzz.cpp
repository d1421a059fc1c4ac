// SPDX-License-Identifier: MIT
// Input: a URL, and behind a line feed a reference. What is parsed is written and parsed back, and
// what people are shown holds no secret.
#include <algorithm>
#include <string>

#include "codec/url.h"
#include "property.h"

namespace mcpio::fuzz {
namespace {

using codec::Url;

void check_url(const Url& url) {
  const auto again = codec::parse_url(codec::to_string(url));
  check(again && *again == url, "what is written is read back");
  const auto origin = codec::parse_url(codec::origin_of(url));
  check(origin && codec::same_origin(*origin, url), "an origin is a URL of that origin");
  check(!origin->userinfo && origin->path.empty(), "an origin is nothing more");
  const auto shown = codec::parse_url(codec::for_log(url).substr(0, codec::for_log(url).find('?')));
  check(shown && !shown->userinfo && !shown->fragment, "what is shown has no userinfo");
  check(shown->path == url.path, "what is shown has the path");

  auto self = codec::resolve(url, "");
  check(self && self->query == url.query && self->path == url.path, "nothing means the base");
}

}  // namespace
}  // namespace mcpio::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace mcpio;
  const auto text = fuzz::text_of(bytes, size);
  const auto line = text.substr(0, text.find('\n'));
  const auto reference = text.substr(std::min(line.size() + 1, text.size()));
  (void)codec::is_loopback(text);
  (void)codec::for_log(text);

  const auto base = codec::parse_url(line);
  if (!base) return 0;
  fuzz::check_url(*base);
  const auto target = codec::resolve(*base, reference);
  if (!target) return 0;
  fuzz::check_url(*target);
  // Dot segments are gone, so it resolves to itself.
  if (target->path.empty() || reference.empty() || reference[0] == '#' || reference[0] == '?')
    return 0;
  const auto again = codec::resolve(*base, codec::to_string(*target));
  fuzz::check(again && *again == *target, "a target is its own target");
  return 0;
}
