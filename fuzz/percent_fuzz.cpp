// SPDX-License-Identifier: MIT
// Decoding undoes encoding, for texts and for forms.
#include <string>

#include "codec/percent.h"
#include "property.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace mcpio;
  const auto text = fuzz::text_of(bytes, size);
  const auto back = codec::percent_decode(codec::percent_encode(text));
  fuzz::check(back && *back == text, "a text is decoded to what was encoded");

  const auto decoded = codec::percent_decode(text);
  fuzz::check(decoded.has_value() == codec::is_percent_encoded(text), "both judge alike");

  const auto fields = codec::decode_form(text);
  fuzz::check(codec::decode_form(codec::encode_form(fields)) == fields,
              "a form is decoded to what was encoded");
  return 0;
}
