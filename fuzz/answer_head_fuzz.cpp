// SPDX-License-Identifier: MIT
// Input: the lines of an answer's head. The bound is kept, only a final answer is complete, and
// what comes out is names and trimmed values.
#include <algorithm>
#include <string>

#include "http/answer_head.h"
#include "property.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace mcpio;
  constexpr std::size_t kBound = 512;
  auto text = fuzz::text_of(bytes, size);
  http::AnswerHead head(kBound);
  std::size_t taken = 0;
  while (!text.empty()) {
    const auto line = text.substr(0, std::min(text.find('\n'), text.size() - 1) + 1);
    text.remove_prefix(line.size());
    taken += line.size();
    const bool was_complete = head.is_complete();
    const bool fits = head.take(line);
    fuzz::check(fits == (taken <= kBound), "the bound is kept, and only the bound");
    fuzz::check(!was_complete || head.is_complete(), "a complete head stays complete");
    if (!fits) return 0;
  }
  const bool is_complete = head.is_complete();
  const http::Head result = head.release();
  fuzz::check(!is_complete || result.status >= 200, "an interim answer is no answer");
  for (const http::Field& field : result.fields) {
    fuzz::check(!field.name.empty(), "a field has a name");
    fuzz::check(!field.value.ends_with('\n') && !field.value.starts_with(' '),
                "values are trimmed");
    (void)http::media_type(field.value);
  }
  return 0;
}
