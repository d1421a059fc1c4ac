// SPDX-License-Identifier: MIT
#include "cli/key_material.h"

#include <gmock/gmock.h>

#include <fstream>

#include "oauth/key_fixture.h"
#include "store/folder_fixture.h"
#include "support/test_ca.h"

namespace mcpio::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class KeyMaterialTest : public testing::Test {
 protected:
  std::string file(std::string_view name, std::string_view text, mode_t mode = 0600) {
    const auto path = folder_ / name;
    store::put(path, text);
    ::chmod(path.c_str(), mode);
    return path.string();
  }

  KeyFindings read() { return read_key_material(files, settings); }

  static std::string text_of(const std::string& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  KeyMaterial files;
  auth::OAuthSettings settings;

 private:
  store::TemporaryFolder folder_;
};

TEST_F(KeyMaterialTest, IsWhatTheFilesHold) {
  files.key_file = file("key.jwk", crypto::kEd25519Jwk);
  files.key_id = "k1";
  files.idp_secret_file = file("secret", "the provider's\n");
  files.idp_key_file = file("idp.jwk", crypto::kRsaJwk);
  EXPECT_THAT(read().mistakes, IsEmpty());
  ASSERT_TRUE(settings.key);
  EXPECT_EQ(settings.key->id, "k1");
  EXPECT_EQ(settings.idp.client_secret.reveal(), "the provider's");
  EXPECT_TRUE(settings.idp.key);
}

TEST_F(KeyMaterialTest, WarnsOfAKeyThatOthersCanRead) {
  files.key_file = file("key.jwk", crypto::kEd25519Jwk, 0644);
  EXPECT_THAT(read().warnings, ElementsAre(HasSubstr("chmod 600")));
}

TEST_F(KeyMaterialTest, NamesTheOptionOfAFileThatCannotBeUsed) {
  files.key_file = "/nowhere/key";
  EXPECT_THAT(read().mistakes, ElementsAre(HasSubstr("--client-key: cannot read '/nowhere/key'")));
  files.key_file = file("key.jwk", "{}");
  EXPECT_THAT(read().mistakes, ElementsAre(HasSubstr("--client-key: " + files.key_file)));
  files.key_file.clear();
  files.idp_secret_file = file("empty", "\n");
  EXPECT_THAT(read().mistakes, ElementsAre(HasSubstr("--idp-client-secret-file")));
}

TEST_F(KeyMaterialTest, ReadsACertificateAndItsKey) {
  const test::TestCa ca;
  files.tls_certificate_file = ca.certificate_file();
  files.tls_key_file = ca.key_file();
  EXPECT_THAT(read().mistakes, IsEmpty());
  ASSERT_TRUE(settings.certificate);
  EXPECT_EQ(settings.certificate->facts.subject, "CN=localhost");
  EXPECT_EQ(settings.certificate->files->file, ca.certificate_file());
  EXPECT_EQ(settings.certificate->files->key_file, ca.key_file());
}

TEST_F(KeyMaterialTest, FindsTheKeyInTheFileOfTheCertificate) {
  const test::TestCa ca;
  files.tls_certificate_file = ca.certificate_file();
  EXPECT_THAT(read().mistakes, ElementsAre(HasSubstr("a private key is needed")));
  files.tls_certificate_file =
      file("both", text_of(ca.certificate_file()) + text_of(ca.key_file()));
  EXPECT_THAT(read().mistakes, IsEmpty());
  EXPECT_TRUE(settings.certificate);
}

TEST_F(KeyMaterialTest, ACertificatesKeyAloneIsAMistake) {
  files.tls_key_file = "/nowhere/key";
  EXPECT_THAT(read().mistakes, ElementsAre(HasSubstr("add --oauth-client-cert FILE")));
}

TEST_F(KeyMaterialTest, WantsAKeyToSpeakOf) {
  files.key_algorithm = "ES256";
  EXPECT_THAT(read().mistakes, ElementsAre(HasSubstr("add --client-key FILE")));
}

}  // namespace
}  // namespace mcpio::cli
