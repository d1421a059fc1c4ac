// SPDX-License-Identifier: MIT
#include "cli/client_metadata_command.h"

#include <gmock/gmock.h>

#include "codec/json_document.h"
#include "oauth/key_fixture.h"
#include "support/result_matchers.h"

namespace mcpio::cli {
namespace {

using testing::ElementsAre;

codec::JsonObject document_of(const auth::OAuthSettings& settings) {
  return codec::JsonObject::parse(client_metadata_text(settings).value(), "document").value();
}

auth::OAuthSettings settings() {
  auth::OAuthSettings made;
  made.client_metadata_url = "https://tools.example/client.json";
  return made;
}

TEST(ClientMetadata, HasTheRedirectUrisThatALoginUses) {
  const auto uris = [](const auth::OAuthSettings& given) {
    return document_of(given).strings("redirect_uris").value();
  };
  auth::OAuthSettings given = settings();
  EXPECT_THAT(uris(given), ElementsAre("http://127.0.0.1/callback", "http://localhost/callback"));
  given.callback_host = "localhost";
  given.callback_port = 8765;
  EXPECT_THAT(uris(given),
              ElementsAre("http://localhost:8765/callback", "http://127.0.0.1:8765/callback"));
  given.redirect_uri = "com.example.app:/back";
  EXPECT_THAT(uris(given), ElementsAre("com.example.app:/back"));
}

// The public half alone.
TEST(ClientMetadata, HasThePublicKeyOfAClientWithOne) {
  auth::OAuthSettings given = settings();
  given.key.emplace(oauth::ClientKey{.key = test::key_of(crypto::kRsaJwk)});
  const auto document = document_of(given);
  EXPECT_EQ(document.string("token_endpoint_auth_method"), "private_key_jwt");
  const auto keys = document.object("jwks").value().objects("keys");
  ASSERT_EQ(keys.size(), 1U);
  EXPECT_EQ(keys[0].string("kty"), "RSA");
  EXPECT_FALSE(keys[0].has("d"));
}

}  // namespace
}  // namespace mcpio::cli
