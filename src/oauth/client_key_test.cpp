// SPDX-License-Identifier: MIT
#include "oauth/client_key.h"

#include <gmock/gmock.h>

#include "oauth/key_fixture.h"
#include "support/result_matchers.h"

namespace mcpio::oauth {
namespace {

using test::FailsWith;

ClientKeyTexts texts(std::string_view key) { return {.key = Secret(std::string(key))}; }

TEST(ClientKey, MayBeAJwk) {
  auto key = read_client_key(texts("\n " + std::string(crypto::kEd25519Jwk)));
  ASSERT_TRUE(key) << key.error().message;
  EXPECT_EQ(key->key.thumbprint(), test::key_of(crypto::kEd25519Jwk).thumbprint());
}

TEST(ClientKey, IsPemOtherwise) {
  EXPECT_THAT(read_client_key(texts("no key at all")), FailsWith(ErrorKind::config, "PEM"));
}

TEST(ClientKey, KeepsWhatTheUserSaysOfIt) {
  ClientKeyTexts given = texts(crypto::kRsaJwk);
  given.algorithm = "PS256";
  given.id = "k7";
  auto key = read_client_key(given);
  ASSERT_TRUE(key) << key.error().message;
  EXPECT_EQ(key->algorithm, crypto::Algorithm::ps256);
  EXPECT_EQ(key_id_of(*key), "k7");
}

TEST(ClientKey, MustBeAbleToDoTheAlgorithm) {
  ClientKeyTexts given = texts(crypto::kEd25519Jwk);
  given.algorithm = "RS256";
  EXPECT_THAT(read_client_key(given),
              FailsWith(ErrorKind::config, "--client-key-alg can be EdDSA"));
  for (const char* name : {"HS256", "none", "rs256"}) {
    given.algorithm = name;
    EXPECT_THAT(read_client_key(given),
                FailsWith(ErrorKind::config, "is no algorithm for --client-key-alg"));
  }
}

TEST(ClientKey, WantsACertificateThatCanBeRead) {
  ClientKeyTexts given = texts(crypto::kEd25519Jwk);
  given.certificate = "no certificate";
  EXPECT_THAT(read_client_key(given), FailsWith(ErrorKind::config, "the certificate"));
}

}  // namespace
}  // namespace mcpio::oauth
