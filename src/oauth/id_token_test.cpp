// SPDX-License-Identifier: MIT
#include "oauth/id_token.h"

#include <gmock/gmock.h>

#include "codec/base64.h"
#include "support/result_matchers.h"

namespace mcpio::oauth {
namespace {

using test::FailsWith;
using test::IsOk;

const WallTime kNow{std::chrono::seconds(1'800'000'000)};
const ExpectedIdToken kExpected{.issuer = "https://idp.example", .client_id = "desktop"};

Result<void> check(std::string_view claims) {
  const std::string jwt = codec::base64url(R"({"alg":"RS256"})") + "." + codec::base64url(claims);
  return check_id_token(jwt + ".c2ln", kExpected, kNow);
}

TEST(IdToken, IsOfTheIssuerForTheClientAndStillGood) {
  EXPECT_THAT(check(R"({"iss":"https://idp.example","aud":"desktop","exp":1800000001})"), IsOk());
  EXPECT_THAT(check(R"({"iss":"https://idp.example","aud":["x","desktop"],"exp":1800000001.5})"),
              IsOk());
}

TEST(IdToken, IsNoGoodOtherwise) {
  EXPECT_THAT(check(R"({"iss":"https://idp.example/","aud":"desktop","exp":1800000001})"),
              FailsWith(ErrorKind::protocol, "from https://idp.example/, not from"));
  EXPECT_THAT(check(R"({"aud":"desktop","exp":1800000001})"),
              FailsWith(ErrorKind::protocol, "not from https://idp.example"));
  EXPECT_THAT(check(R"({"iss":"https://idp.example","aud":["x"],"exp":1800000001})"),
              FailsWith(ErrorKind::protocol, "another client"));
  EXPECT_THAT(check(R"({"iss":"https://idp.example","exp":1800000001})"),
              FailsWith(ErrorKind::protocol, "another client"));
  EXPECT_THAT(check(R"({"iss":"https://idp.example","aud":"desktop","exp":1800000000})"),
              FailsWith(ErrorKind::protocol, "expired"));
  EXPECT_THAT(check(R"({"iss":"https://idp.example","aud":"desktop"})"),
              FailsWith(ErrorKind::protocol, "expired"));
  EXPECT_THAT(check_id_token("opaque", kExpected, kNow),
              FailsWith(ErrorKind::protocol, "no JSON Web Token"));
}

}  // namespace
}  // namespace mcpio::oauth
