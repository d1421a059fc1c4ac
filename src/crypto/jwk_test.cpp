// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <initializer_list>
#include <string>

#include "codec/json_document.h"
#include "crypto/key_fixture.h"
#include "crypto/signing_key.h"
#include "support/result_matchers.h"

namespace mcpio::crypto {
namespace {

using test::FailsWith;
using test::IsOk;
using testing::ElementsAre;
using testing::Optional;

Result<SigningKey> read(std::string_view jwk) {
  return SigningKey::from_jwk(Secret(std::string(jwk)));
}

struct Change {
  std::string_view name;
  std::string_view value;  // JSON text; empty: the member goes
};

// A JWK with some members changed.
std::string changed(std::string_view jwk, std::initializer_list<Change> changes) {
  const auto object = codec::JsonObject::parse(jwk, "JWK").value();
  codec::JsonWriter writer;
  const auto is_changed = [&](const std::string& key) {
    return std::ranges::any_of(changes, [&](const Change& change) { return change.name == key; });
  };
  for (const std::string& key : object.keys())
    if (!is_changed(key)) writer.add_json(key, *object.text(key));
  for (const Change& change : changes)
    if (!change.value.empty()) writer.add_json(change.name, change.value);
  return writer.text();
}

// RFC 8037, appendix A.2.
TEST(PublicJwk, GivesTheExampleOfRfc8037) {
  EXPECT_EQ(read(kEd25519Jwk)->public_jwk(),
            R"({"crv":"Ed25519","kty":"OKP","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})");
}

// RFC 7638, section 3.2.
TEST(PublicJwk, HasTheRequiredMembersInAlphabeticalOrder) {
  EXPECT_EQ(read(kP256Jwk)->public_jwk(),
            R"({"crv":"P-256","kty":"EC","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
            R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})");
  const auto rsa = codec::JsonObject::parse(kRsaJwk, "JWK").value();
  EXPECT_EQ(read(kRsaJwk)->public_jwk(), R"({"e":"AQAB","kty":"RSA","n":)" + *rsa.text("n") + "}");
}

// RFC 7638, section 3.1, and RFC 8037, appendix A.3.
TEST(Thumbprint, GivesTheExamplesOfTheStandards) {
  EXPECT_EQ(read(kNamedRsaJwk)->thumbprint(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
  EXPECT_EQ(read(kEd25519Jwk)->thumbprint(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

TEST(Thumbprint, DependsOnTheKeyAlone) {
  const std::string named = changed(kP256Jwk, {{"kid", R"("a")"}, {"use", R"("sig")"}});
  EXPECT_EQ(read(named)->thumbprint(), read(kP256Jwk)->thumbprint());
}

TEST(PrivateJwk, HasAllThatWasRead) {
  for (const auto jwk : {kRsaJwk, kNamedRsaJwk, kP256Jwk, kP384Jwk, kEd25519Jwk}) {
    const auto kept = codec::JsonObject::parse(read(jwk)->private_jwk().reveal(), "JWK").value();
    EXPECT_EQ(kept.text(), codec::JsonObject::parse(jwk, "JWK")->text());
  }
}

TEST(PrivateJwk, KeepsTheNameAndTheAlgorithm) {
  const std::string jwk = changed(kRsaJwk, {{"kid", R"("a \"b\"")"}, {"alg", R"("PS256")"}});
  const auto again = read(read(jwk)->private_jwk().reveal());
  ASSERT_THAT(again, IsOk());
  EXPECT_THAT(again->key_id(), Optional(std::string("a \"b\"")));
  EXPECT_THAT(again->algorithms(), ElementsAre(Algorithm::ps256));
}

TEST(PrivateJwk, OfANewKeyIsReadBack) {
  for (int i = 0; i < 100; ++i) {  // a coordinate in 256 begins with a zero
    const SigningKey key = SigningKey::generate();
    const auto again = read(key.private_jwk().reveal());
    ASSERT_THAT(again, IsOk());
    EXPECT_EQ(again->thumbprint(), key.thumbprint());
  }
}

// RFC 7518, section 6.3.2.
TEST(Jwk, OfRsaNeedsNoFactors) {
  const std::string jwk =
      changed(kRsaJwk, {{"p", ""}, {"q", ""}, {"dp", ""}, {"dq", ""}, {"qi", ""}});
  const auto key = read(jwk);
  ASSERT_THAT(key, IsOk());
  EXPECT_EQ(key->sign(Algorithm::rs256, "text"), read(kRsaJwk)->sign(Algorithm::rs256, "text"));
  EXPECT_THAT(read(key->private_jwk().reveal()), IsOk());
}

// RFC 7517, section 4.4.
TEST(Jwk, WithAnAlgorithmDoesNothingElse) {
  EXPECT_THAT(read(changed(kRsaJwk, {{"alg", R"("RS256")"}}))->algorithms(),
              ElementsAre(Algorithm::rs256));
  EXPECT_THAT(read(changed(kRsaJwk, {{"alg", R"("RS512")"}})),
              FailsWith(ErrorKind::config, "RS256 and PS256"));
  EXPECT_THAT(read(changed(kP256Jwk, {{"alg", R"("ES384")"}})),
              FailsWith(ErrorKind::config, "ES256"));
}

TEST(Jwk, MayHaveAName) {
  EXPECT_EQ(read(kP256Jwk)->key_id(), std::nullopt);
  EXPECT_THAT(read(kNamedRsaJwk)->key_id(), Optional(std::string("2011-04-29")));
  EXPECT_EQ(read(changed(kP256Jwk, {{"kid", "1"}}))->key_id(), std::nullopt);
}

struct Bad {
  std::string_view name;
  std::string jwk;
  std::string_view story;
};

const std::string kZero = '"' + std::string(43, 'A') + '"';

const Bad kBad[] = {
    {"Empty", "", "not JSON"},
    {"Pem", "-----BEGIN PRIVATE KEY-----", "not JSON"},
    {"Array", "[]", "not a JSON object"},
    {"NoKind", "{}", "RSA from 2048 bits"},
    {"UnknownKind", R"({"kty":"AKP","d":"AA"})", R"(kty "AKP")"},
    {"UnknownCurve", std::string(kP521Jwk), R"(crv "P-521")"},
    {"OtherOkp", R"({"kty":"OKP","crv":"X25519","d":"AA","x":"AA"})", R"(crv "X25519")"},
    {"Set", R"({"keys":[)" + std::string(kP256Jwk) + "]}", "set of keys"},
    {"Symmetric", R"({"kty":"oct","k":"c2VjcmV0"})", "--client-secret-file"},
    {"Public", changed(kP256Jwk, {{"d", ""}}), "public key"},
    {"PublicRsa", changed(kRsaJwk, {{"d", ""}}), "public key"},
    // RFC 7517, section 4.2.
    {"Encryption", changed(kP256Jwk, {{"use", R"("enc")"}}), "encryption"},
    {"NoX", changed(kP256Jwk, {{"x", ""}}), "JWK's x is missing"},
    {"NoModulus", changed(kRsaJwk, {{"n", ""}}), "JWK's n is missing"},
    {"NoString", changed(kP256Jwk, {{"d", "1"}}), "JWK's d is missing"},
    {"Padded", changed(kP256Jwk, {{"d", R"("jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI=")"}}),
     "JWK's d is missing or no base64url"},
    {"ShortX", changed(kP256Jwk, {{"x", R"("AAAA")"}}), "x should have 32 bytes"},
    {"ShortD", changed(kP384Jwk, {{"d", kZero}}), "d should have 48 bytes"},
    {"ShortOkp", changed(kEd25519Jwk, {{"d", R"("AAAA")"}}), "d should have 32 bytes"},
    {"SomeFactors", changed(kRsaJwk, {{"qi", ""}}), "JWK's qi is missing"},
    // RFC 7518, section 6.3.2.7.
    {"ManyPrimes", changed(kRsaJwk, {{"oth", "[]"}}), "more than two primes"},
    {"WeakRsa", changed(kRsaJwk, {{"n", R"("ofgWCuLjybRlzo0t")"}}), "is RSA of 96 bits"},
    {"HugeRsa", changed(kRsaJwk, {{"n", '"' + std::string(3000, 'f') + '"'}}), "is RSA of 1"},
    {"OffTheCurve", changed(kP256Jwk, {{"y", kZero}}), "damaged"},
    {"ZeroD", changed(kP256Jwk, {{"d", kZero}}), "damaged"},
    {"OtherD", changed(kP256Jwk, {{"d", R"("870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE")"}}),
     "damaged"},
    {"OtherOkpX", changed(kEd25519Jwk, {{"x", kZero}}), "damaged"},
    {"OtherExponent", changed(kRsaJwk, {{"e", R"("Aw")"}}), "damaged"},
    {"ZeroExponent", changed(kRsaJwk, {{"e", R"("AA")"}}), "damaged"},
    {"NoPrivateExponent",
     changed(R"({"kty":"RSA","e":"AQAB","d":""})",
             {{"n", *codec::JsonObject::parse(kRsaJwk, "JWK")->text("n")}}),
     "damaged"},
};

void PrintTo(const Bad& row, std::ostream* out) { *out << row.name; }

class BadJwks : public testing::TestWithParam<Bad> {};

TEST_P(BadJwks, AreRefusedWithTheReason) {
  EXPECT_THAT(read(GetParam().jwk), FailsWith(ErrorKind::config, GetParam().story));
}

INSTANTIATE_TEST_SUITE_P(Jwk, BadJwks, testing::ValuesIn(kBad),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace mcpio::crypto
