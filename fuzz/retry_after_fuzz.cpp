// SPDX-License-Identifier: MIT
// A Retry-After is a finite number of seconds, not negative, or nothing; so whatever the clock
// says.
#include <cmath>
#include <string>

#include "codec/http_date.h"
#include "codec/retry_after.h"
#include "property.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace mcpio;
  const auto text = fuzz::text_of(bytes, size);
  const WallTime clocks[] = {WallTime(), WallTime(std::chrono::seconds(1'800'000'000)),
                             WallTime(std::chrono::days(365 * 129))};
  for (const WallTime now : clocks) {
    const auto wait = codec::parse_retry_after(text, now);
    fuzz::check(!wait || (std::isfinite(*wait) && *wait >= 0), "it is a number of seconds");
    fuzz::check(wait == codec::parse_retry_after(std::string(" ").append(text).append("\t"), now),
                "white space around it means nothing");
    const auto date = codec::parse_http_date(text, now);
    fuzz::check(!date || wait, "a date is a value");
    fuzz::check(!date || *date > now || *wait == 0, "what is past is not waited for");
  }
  return 0;
}
