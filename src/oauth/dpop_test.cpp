// SPDX-License-Identifier: MIT
#include "oauth/dpop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>

#include "codec/base64.h"
#include "oauth/key_fixture.h"
#include "support/result_matchers.h"

namespace mcpio::oauth {
namespace {

using test::FailsWith;
using test::jwt_part;

crypto::SigningKey a_key() { return crypto::SigningKey::generate(); }

DpopRequest to_server() {
  return {.method = "POST",
          .url = "https://server.example.com/token",
          .access_token = {},
          .nonce = "",
          .jti = "-BwC3ESc6acc2lTc",
          .now = WallTime(std::chrono::seconds(1562262616))};
}

std::string claims_of(const DpopRequest& request) {
  return jwt_part(dpop_proof(a_key(), request).value(), 1);
}

// RFC 9449, figure 3.
TEST(DpopProof, HasTheClaimsOfRfc9449) {
  EXPECT_EQ(claims_of(to_server()),
            R"({"jti":"-BwC3ESc6acc2lTc","htm":"POST","htu":"https://server.example.com/token",)"
            R"("iat":1562262616})");
}

// RFC 9449, section 7.1, figure 13.
TEST(DpopProof, HashesTheTokenItGoesWith) {
  DpopRequest request = to_server();
  request.method = "GET";
  request.url = "https://resource.example.org/protectedresource";
  request.access_token = Secret("Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU");
  request.jti = "e1j3V_bKic8-LAEB";
  request.now = WallTime(std::chrono::seconds(1562262618));
  EXPECT_EQ(claims_of(request),
            R"({"jti":"e1j3V_bKic8-LAEB","htm":"GET",)"
            R"("htu":"https://resource.example.org/protectedresource","iat":1562262618,)"
            R"("ath":"fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo"})");
}

TEST(DpopProof, HoldsTheNonceOfTheServer) {
  DpopRequest request = to_server();
  request.nonce = "eyJ7S_zG.eyJH0-Z.HX4w-7v";
  EXPECT_THAT(claims_of(request), testing::EndsWith(R"(,"nonce":"eyJ7S_zG.eyJH0-Z.HX4w-7v"})"));
}

TEST(DpopProof, LeavesOutQueryAndFragment) {
  DpopRequest request = to_server();
  request.url = "https://mcp.example/mcp?key=secret#x";
  EXPECT_THAT(claims_of(request), testing::HasSubstr(R"("htu":"https://mcp.example/mcp",)"));
}

TEST(DpopProof, CarriesThePublicKeyAndIsSignedByIt) {
  const auto key = a_key();
  const std::string proof = dpop_proof(key, to_server()).value();
  EXPECT_EQ(jwt_part(proof, 0),
            R"({"typ":"dpop+jwt","alg":"ES256","jwk":)" + key.public_jwk() + "}");
  const std::size_t dot = proof.rfind('.');
  const auto signature = codec::decode_base64url(std::string_view(proof).substr(dot + 1));
  ASSERT_TRUE(signature);
  EXPECT_TRUE(key.verify(crypto::Algorithm::es256, proof.substr(0, dot), *signature));
}

TEST(DpopProof, NeedsAUrl) {
  DpopRequest request = to_server();
  request.url = "/mcp";
  EXPECT_THAT(dpop_proof(a_key(), request), FailsWith(ErrorKind::config, "needs the URL"));
}

}  // namespace
}  // namespace mcpio::oauth
