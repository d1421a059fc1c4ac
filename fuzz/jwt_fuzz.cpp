// SPDX-License-Identifier: MIT
// Claims that are read from a JWT are the same when they are signed and read again. Certificates
// come along, which are read by nobody else.
#include <string>

#include "crypto/jwt.h"
#include "property.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace mcpio;
  const auto text = fuzz::text_of(bytes, size);
  const auto thumbprint = crypto::certificate_thumbprint(text);
  fuzz::check(!thumbprint || thumbprint->size() == 43, "a thumbprint has 32 bytes");

  const auto claims = crypto::peek_claims(text);
  if (!claims) return 0;
  const Secret secret{std::string(text)};
  const std::string jwt = crypto::sign_jwt(secret, R"({"alg":"HS256"})", claims->text());
  const auto again = crypto::peek_claims(jwt);
  fuzz::check(again && again->text() == claims->text(), "claims are read as they were signed");
  return 0;
}
