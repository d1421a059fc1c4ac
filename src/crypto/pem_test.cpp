// SPDX-License-Identifier: MIT
#include "crypto/pem.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <string>

#include "codec/json_document.h"
#include "crypto/jwk_reader.h"
#include "crypto/key_fixture.h"
#include "crypto/signing_key.h"
#include "support/result_matchers.h"

namespace mcpio::crypto {
namespace {

using test::FailsWith;
using test::HoldsOk;
using test::IsOk;
using testing::Property;

Key key_of(std::string_view jwk) {
  return key_from_jwk(codec::JsonObject::parse(jwk, "JWK").value()).value();
}

std::string text_of(const Bio& bio) {
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

// PKCS#8, encrypted if there is a passphrase.
std::string pkcs8(const Key& key, std::string passphrase) {
  const Bio out(BIO_new(BIO_s_mem()));
  const EVP_CIPHER* const cipher = passphrase.empty() ? nullptr : EVP_aes_128_cbc();
  PEM_write_bio_PKCS8PrivateKey(out.get(), key.get(), cipher, passphrase.data(),
                                static_cast<int>(passphrase.size()), nullptr, nullptr);
  return text_of(out);
}

// PKCS#1 for RSA, SEC 1 for EC; encrypted the way of old if there is a passphrase.
std::string traditional(const Key& key, std::string passphrase) {
  const Bio out(BIO_new(BIO_s_mem()));
  const EVP_CIPHER* const cipher = passphrase.empty() ? nullptr : EVP_aes_128_cbc();
  PEM_write_bio_PrivateKey_traditional(out.get(), key.get(), cipher, bytes_of(passphrase),
                                       static_cast<int>(passphrase.size()), nullptr, nullptr);
  return text_of(out);
}

std::string public_pem(const Key& key) {
  const Bio out(BIO_new(BIO_s_mem()));
  PEM_write_bio_PUBKEY(out.get(), key.get());
  return text_of(out);
}

Result<SigningKey> read(std::string pem, std::string passphrase) {
  return SigningKey::from_pem(Secret(std::move(pem)), Secret(std::move(passphrase)));
}

auto holds_key(std::string_view jwk) {
  const auto key = SigningKey::from_jwk(Secret(std::string(jwk))).value();
  return HoldsOk(Property(&SigningKey::private_jwk, key.private_jwk()));
}

TEST(Pem, IsReadInEveryForm) {
  for (const auto jwk : {kRsaJwk, kP256Jwk, kP384Jwk, kEd25519Jwk}) {
    const Key key = key_of(jwk);
    EXPECT_THAT(read(pkcs8(key, ""), ""), holds_key(jwk));
    EXPECT_THAT(read(pkcs8(key, "a b"), "a b"), holds_key(jwk));
    EXPECT_THAT(read(pkcs8(key, ""), "not needed"), holds_key(jwk));
  }
  for (const auto jwk : {kRsaJwk, kP256Jwk, kP384Jwk}) {
    const Key key = key_of(jwk);
    EXPECT_THAT(read(traditional(key, ""), ""), holds_key(jwk));
    EXPECT_THAT(read(traditional(key, "a b"), "a b"), holds_key(jwk));
  }
}

TEST(Pem, SaysThatThePassphraseIsMissingOrWrong) {
  for (const auto& pem :
       {pkcs8(key_of(kP256Jwk), "right"), traditional(key_of(kRsaJwk), "right")}) {
    EXPECT_THAT(read(pem, ""), FailsWith(ErrorKind::config, "--client-key-passphrase-file"));
    EXPECT_THAT(read(pem, "wrong"), FailsWith(ErrorKind::config, "not with this passphrase"));
    EXPECT_THAT(read(pem, std::string(5000, 'x')),
                FailsWith(ErrorKind::config, "not with this passphrase"));
  }
}

std::string with_crlf(std::string_view text) {
  std::string out;
  for (const char c : text) out.append(c == '\n' ? "\r\n" : std::string(1, c));
  return out;
}

constexpr std::string_view kCertificate =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBBjCBrAIBAjAKBggqhkjOPQQDAjAPMQ0wCwYDVQQDDARtdGxzMB4XDTE4MTAx\n"
    "-----END CERTIFICATE-----\n";

TEST(Pem, MayHaveOtherThingsAround) {
  const std::string pem = pkcs8(key_of(kP256Jwk), "");
  EXPECT_THAT(read(with_crlf(pem), ""), holds_key(kP256Jwk));
  EXPECT_THAT(read("Bag Attributes\n  friendlyName: x\n" + pem, ""), holds_key(kP256Jwk));
  EXPECT_THAT(read(std::string(kCertificate) + pem, ""), holds_key(kP256Jwk));
  EXPECT_THAT(read(pem + std::string(kCertificate), ""), holds_key(kP256Jwk));
  EXPECT_THAT(read(public_pem(key_of(kRsaJwk)) + pem, ""), holds_key(kP256Jwk));
  // As `openssl ecparam -genkey` writes it: prime256v1.
  EXPECT_THAT(
      read("-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n" +
               traditional(key_of(kP256Jwk), ""),
           ""),
      holds_key(kP256Jwk));
}

TEST(Pem, HasNoKeyId) { EXPECT_EQ(read(pkcs8(key_of(kP256Jwk), ""), "")->key_id(), std::nullopt); }

struct Bad {
  std::string_view name;
  std::string pem;
  std::string_view story;
};

Key raw_key(const char* type, std::size_t size) {
  const std::string bytes(size, '\x42');
  return Key(EVP_PKEY_new_raw_private_key_ex(nullptr, type, nullptr, bytes_of(bytes), size));
}

const Bad kBad[] = {
    {"Empty", "", "not in PEM form"},
    {"Jwk", std::string(kP256Jwk), "not in PEM form"},
    {"Der", "\x30\x81\x87\x02\x01", "not in PEM form"},
    {"Public", public_pem(key_of(kP256Jwk)), "a public key"},
    {"Certificate", std::string(kCertificate), "a certificate"},
    {"OpenSsh",
     "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk=\n-----END OPENSSH PRIVATE KEY-----\n",
     "ssh-keygen"},
    {"Cut", pkcs8(key_of(kP256Jwk), "").substr(0, 100), "damaged"},
    {"NoEndLine", "-----BEGIN PRIVATE KEY-----\nAAAA\n", "damaged"},
    {"NoDer", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "damaged"},
    {"WeakRsa", pkcs8(Key(EVP_RSA_gen(1024)), ""), "is RSA of 1024 bits; RSA from 2048"},
    {"OtherCurve", pkcs8(Key(EVP_EC_gen("P-521")), ""), "is on the curve secp521r1"},
    {"KoblitzCurve", traditional(Key(EVP_EC_gen("secp256k1")), ""), "is on the curve secp256k1"},
    {"X25519", pkcs8(raw_key("X25519", 32), ""), "is of the type X25519"},
    {"Ed448", pkcs8(raw_key("ED448", 57), ""), "is of the type ED448"},
};

void PrintTo(const Bad& row, std::ostream* out) { *out << row.name; }

class BadPems : public testing::TestWithParam<Bad> {};

TEST_P(BadPems, AreRefusedWithTheReason) {
  EXPECT_THAT(read(GetParam().pem, ""), FailsWith(ErrorKind::config, GetParam().story));
}

INSTANTIATE_TEST_SUITE_P(Pem, BadPems, testing::ValuesIn(kBad),
                         [](const auto& test) { return std::string(test.param.name); });

// TLS reads the queue of errors after each of its own calls, and takes what it finds for its own.
TEST(Pem, LeavesNoErrorsToOpenSsl) {
  for (const Bad& row : kBad) (void)read(row.pem, "");
  (void)SigningKey::from_jwk(Secret(std::string(kP521Jwk)));
  (void)SigningKey::generate().verify(Algorithm::es256, "text", std::string(64, '\xFF'));
  EXPECT_EQ(ERR_peek_error(), 0U);
}

}  // namespace
}  // namespace mcpio::crypto
