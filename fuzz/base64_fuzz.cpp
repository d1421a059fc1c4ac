// SPDX-License-Identifier: MIT
// Decoding undoes encoding, and only what the encoder writes is decoded.
#include "codec/base64.h"
#include "property.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace mcpio;
  const auto text = fuzz::text_of(bytes, size);
  const auto back = codec::decode_base64(codec::base64(text));
  fuzz::check(back && *back == text, "bytes are decoded to what was encoded");
  const auto url_back = codec::decode_base64url(codec::base64url(text));
  fuzz::check(url_back && *url_back == text, "and in the form for URLs");

  const auto decoded = codec::decode_base64(text);
  fuzz::check(!decoded || codec::base64(*decoded) == text, "there is one text for the same bytes");
  const auto url_decoded = codec::decode_base64url(text);
  fuzz::check(!url_decoded || codec::base64url(*url_decoded) == text, "and one for URLs");
  return 0;
}
