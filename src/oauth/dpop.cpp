// SPDX-License-Identifier: MIT
#include "oauth/dpop.h"

#include <chrono>

#include "codec/base64.h"
#include "codec/json_document.h"
#include "codec/url.h"
#include "crypto/jwt.h"
#include "crypto/sha256.h"

namespace mcpio::oauth {

Result<std::string> dpop_proof(const crypto::SigningKey& key, const DpopRequest& request) {
  auto target = codec::parse_url(request.url);
  if (!target) return fail(ErrorKind::config, "a DPoP proof needs the URL of its request");
  target->query.reset();
  target->fragment.reset();

  const std::string header = codec::JsonWriter()
                                 .add("typ", "dpop+jwt")
                                 .add("alg", "ES256")
                                 .add_json("jwk", key.public_jwk())
                                 .text();
  codec::JsonWriter claims;
  claims.add("jti", request.jti)
      .add("htm", request.method)
      .add("htu", codec::to_string(*target))
      .add("iat",
           static_cast<long long>(
               std::chrono::floor<std::chrono::seconds>(request.now).time_since_epoch().count()));
  if (!request.access_token.empty())
    claims.add("ath", codec::base64url(crypto::sha256(request.access_token.reveal())));
  if (!request.nonce.empty()) claims.add("nonce", request.nonce);
  return crypto::sign_jwt(key, crypto::Algorithm::es256, header, claims.text());
}

}  // namespace mcpio::oauth
