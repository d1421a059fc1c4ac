// SPDX-License-Identifier: MIT
#include "crypto/certificate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crypto/signing_key.h"
#include "support/result_matchers.h"

namespace mcpio::crypto {
namespace {

using test::FailsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// CN=a client, O=Example; issued by the next one.
constexpr std::string_view kOfAuthority =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBajCCAQ8CFGcNiS/4ka7qEuBoiosh5dDYPuSnMAoGCCqGSM49BAMCMEcxCzAJ\n"
    "BgNVBAYTAkRFMSYwDwYDVQQLDAhaZW50cmFsZTATBgNVBAoMDEV4YW1wbGUsIEx0\n"
    "ZDEQMA4GA1UEAwwHTMOkdWZlcjAgFw0yNjExMjUxNjU3MjNaGA8yMTI2MTEwMTE2\n"
    "NTcyM1owJTERMA8GA1UEAwwIYSBjbGllbnQxEDAOBgNVBAoMB0V4YW1wbGUwWTAT\n"
    "BgcqhkjOPQIBBggqhkjOPQMBBwNCAAS7IAg8QJNdADgMIAXiGGcGAnbSK4DenxTP\n"
    "+vMKQvUKe7dz23oUYSuR0Xuol1oNULVwRl5D1Js5ozmqMNtSp3ndMAoGCCqGSM49\n"
    "BAMCA0kAMEYCIQCzoG4AfFy3CEd43qPGx1em4VoPYPk1pKibyyY6sCh0rAIhANLK\n"
    "183px1GtNC2JiAZuGJvP/DvdZPEqmSQsSU2AOW/v\n"
    "-----END CERTIFICATE-----\n";

constexpr std::string_view kItsKey =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgqjcZBPVp534mF8up\n"
    "50ORQCqZlIBoQdSDPjZ5l/riSNyhRANCAAS7IAg8QJNdADgMIAXiGGcGAnbSK4De\n"
    "nxTP+vMKQvUKe7dz23oUYSuR0Xuol1oNULVwRl5D1Js5ozmqMNtSp3nd\n"
    "-----END PRIVATE KEY-----\n";

// C=DE, O=Example, Ltd together with OU=Zentrale, and a CN that is not ASCII.
constexpr std::string_view kSelfSigned =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIB5TCCAYugAwIBAgIUaqQCtcAJ2LrQ/szt1dMYg+wDFi0wCgYIKoZIzj0EAwIw\n"
    "RzELMAkGA1UEBhMCREUxJjAPBgNVBAsMCFplbnRyYWxlMBMGA1UECgwMRXhhbXBs\n"
    "ZSwgTHRkMRAwDgYDVQQDDAdMw6R1ZmVyMCAXDTI2MTEyNTE2NTcyM1oYDzIxMjYx\n"
    "MTAxMTY1NzIzWjBHMQswCQYDVQQGEwJERTEmMA8GA1UECwwIWmVudHJhbGUwEwYD\n"
    "VQQKDAxFeGFtcGxlLCBMdGQxEDAOBgNVBAMMB0zDpHVmZXIwWTATBgcqhkjOPQIB\n"
    "BggqhkjOPQMBBwNCAAQXB05qpm7gGf1kamqQmKpdcOEQxVESSmnFN1NQKea6p1JM\n"
    "5sy5Imdv3S2HdtqVzcwzif3cALKYQrwz2j7sn6J4o1MwUTAdBgNVHQ4EFgQU75YS\n"
    "0Kb2/X9BhOE9VfjjcRlRjnowHwYDVR0jBBgwFoAU75YS0Kb2/X9BhOE9VfjjcRlR\n"
    "jnowDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiEAjS9H3EB38IM4\n"
    "pI6fpQYtmpYDDUGSQnihjP6N952jFFACIAsl+HUiq9lQc1Zl6163nFWb56bf2mBI\n"
    "vtevN6jeYSKm\n"
    "-----END CERTIFICATE-----\n";

constexpr std::string_view kSelfSignedKey =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgK9/Z4k4RDE2IY8ij\n"
    "GB40kl8KCDOd4/ZRQfvdTAxbwyihRANCAAQXB05qpm7gGf1kamqQmKpdcOEQxVES\n"
    "SmnFN1NQKea6p1JM5sy5Imdv3S2HdtqVzcwzif3cALKYQrwz2j7sn6J4\n"
    "-----END PRIVATE KEY-----\n";

constexpr std::string_view kP521 =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIB+zCCAVygAwIBAgIUOibnLG5LxotOUuomfGD57Cv9ICQwCgYIKoZIzj0EAwIw\n"
    "DjEMMAoGA1UEAwwDYmlnMCAXDTI2MTEyNTE2NTcyM1oYDzIxMjYxMTAxMTY1NzIz\n"
    "WjAOMQwwCgYDVQQDDANiaWcwgZswEAYHKoZIzj0CAQYFK4EEACMDgYYABADFMRz8\n"
    "X8To0T+oRnp0clDPnF/p5cH6UqnkhpdQUkZWem+zCI/FyOLT1GWEPzB/dWBrveii\n"
    "fUYBm5cJSxuAkzbAbgDUAKQFi8I7Y9AJBItYg+ZmxHcpheUeCcg2ao986w5VthGs\n"
    "KlBH80en0KqI7bi4Zc/9Pc+wMxmW3D4/BpR7oEuuPKNTMFEwHQYDVR0OBBYEFI2l\n"
    "BozcUkRZyHnIqUPhEWhVtVYXMB8GA1UdIwQYMBaAFI2lBozcUkRZyHnIqUPhEWhV\n"
    "tVYXMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDgYwAMIGIAkIA+pCHXC2i\n"
    "9w3w2Vjq5umnteZS+h2UXRp/WyaLkci49xbZbk0xtaOEEsRoSJ3EY2p1LappeXk5\n"
    "fPJyCgWHr6VR2/4CQgCYd5PXwdv/dIIhAUrNNsgTyn5JF02NMzoHQv+DW7mbOl2D\n"
    "jxMnqQoSDlMrQSRqrWRLfKwkDuQUFUTt575v6HYr2A==\n"
    "-----END CERTIFICATE-----\n";

constexpr std::string_view kP521Key =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIHuAgEAMBAGByqGSM49AgEGBSuBBAAjBIHWMIHTAgEBBEIAOA4mv+uY0TibK0Zu\n"
    "bhyMQ18vK7/HZIZojAoKfltZUO1TvyLg7Vbeeagze5iBjZUa6XA/05hEc7h45BKY\n"
    "5dJ8t4yhgYkDgYYABADFMRz8X8To0T+oRnp0clDPnF/p5cH6UqnkhpdQUkZWem+z\n"
    "CI/FyOLT1GWEPzB/dWBrveiifUYBm5cJSxuAkzbAbgDUAKQFi8I7Y9AJBItYg+Zm\n"
    "xHcpheUeCcg2ao986w5VthGsKlBH80en0KqI7bi4Zc/9Pc+wMxmW3D4/BpR7oEuu\n"
    "PA==\n"
    "-----END PRIVATE KEY-----\n";

TlsCertificate read(std::string_view certificate, std::string_view key) {
  return read_certificate(certificate, Secret(std::string(key))).value();
}

TEST(TlsCertificate, NamesItsSubject) {
  EXPECT_EQ(read(kOfAuthority, kItsKey).subject, "O=Example,CN=a client");
}

// RFC 4514: the last part first, several values joined by a plus, and what is special escaped.
TEST(TlsCertificate, NamesItsSubjectAsDirectoriesDo) {
  EXPECT_EQ(read(kSelfSigned, kSelfSignedKey).subject,
            R"(CN=L\C3\A4ufer,O=Example\, Ltd+OU=Zentrale,C=DE)");
}

TEST(TlsCertificate, KnowsWhoSignedIt) {
  EXPECT_TRUE(read(kSelfSigned, kSelfSignedKey).is_self_signed);
  EXPECT_FALSE(read(kOfAuthority, kItsKey).is_self_signed);
}

TEST(TlsCertificate, HoldsTheKeyAsAJwk) {
  const Secret pem{std::string(kItsKey)};
  EXPECT_EQ(read(kOfAuthority, kItsKey).public_jwk,
            SigningKey::from_pem(pem, Secret()).value().public_jwk());
}

TEST(TlsCertificate, MayHaveAKeyThatNoJwkOfOursHolds) {
  EXPECT_EQ(read(kP521, kP521Key).public_jwk, "");
}

TEST(TlsCertificate, IsGivenWithoutTheLinesAroundIt) {
  const TlsCertificate certificate = read(kOfAuthority, kItsKey);
  EXPECT_THAT(certificate.x5c, StartsWith("MIIBajCCAQ8CFGcNiS/4ka7qEuBoiosh5dDYPuSnMAoGCCqGSM49"));
  EXPECT_THAT(certificate.x5c, Not(HasSubstr("\n")));
}

// A file has a certificate and then those of its issuers, or the key besides.
TEST(TlsCertificate, IsTheFirstInTheFile) {
  const std::string all =
      std::string(kItsKey) + std::string(kOfAuthority) + std::string(kSelfSigned);
  EXPECT_EQ(read(all, all).thumbprint, read(kOfAuthority, kItsKey).thumbprint);
}

TEST(TlsCertificate, NeedsItsOwnKey) {
  EXPECT_THAT(read_certificate(kOfAuthority, Secret(std::string(kSelfSignedKey))),
              FailsWith(ErrorKind::config, "not that of the certificate"));
}

TEST(TlsCertificate, NeedsAKeyThatIsNotEncrypted) {
  for (const char* const key :
       {"-----BEGIN ENCRYPTED PRIVATE KEY-----\nAA==\n-----END ENCRYPTED PRIVATE KEY-----\n",
        "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: "
        "AES-128-CBC,00\n\nAA==\n"
        "-----END RSA PRIVATE KEY-----\n"})
    EXPECT_THAT(read_certificate(kOfAuthority, Secret(key)),
                FailsWith(ErrorKind::config, "openssl pkey"));
}

TEST(TlsCertificate, NeedsBothParts) {
  EXPECT_THAT(read_certificate(kItsKey, Secret(std::string(kItsKey))),
              FailsWith(ErrorKind::config, "no certificate"));
  EXPECT_THAT(read_certificate(kOfAuthority, Secret(std::string(kOfAuthority))),
              FailsWith(ErrorKind::config, "a private key is needed"));
}

}  // namespace
}  // namespace mcpio::crypto
