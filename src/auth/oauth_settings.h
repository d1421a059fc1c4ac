// SPDX-License-Identifier: MIT
// What the user may say about how to get a token.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auth/client_certificate.h"
#include "auth/jwt_source.h"
#include "base/secret.h"
#include "codec/percent.h"
#include "codec/url.h"
#include "http/message.h"
#include "oauth/auth_method.h"
#include "oauth/client_assertion.h"

namespace mcpio::auth {

// The authorization server's metadata, from where the user says instead of where it should publish
// them: at an address, or the document itself.
struct GivenMetadata {
  std::optional<codec::Url> url = {};
  std::string text = {};  // if there is no url
};

// May a person be asked to sign in: not at all; unless a login was offered a short while ago; or
// also then, since the user has said so.
enum class Asking : std::uint8_t { never, once_in_a_while, always };

// The ways to get a token.
enum class Grant : std::uint8_t {
  authorization_code,
  device_code,
  client_credentials,
  jwt_bearer,
  id_jag,
};

std::string_view name_of(Grant grant);  // as --grant has it

// The extension of MCP that the grant is (modelcontextprotocol/ext-auth), as clients declare it;
// empty: it is none.
std::string_view extension_of(Grant grant);

// No value: the user left the choice to us, and it falls on one for persons.
bool needs_a_person(std::optional<Grant> grant);

// Who vouches for the user at other authorization servers (--grant id-jag).
struct IdentityProvider {
  std::string issuer = {};          // empty: the token endpoint stands for it
  std::string token_endpoint = {};  // empty: the issuer's metadata name it
  std::string client_id = {};
  Secret client_secret = {};
  std::optional<oauth::ClientKey> key = {};
  std::shared_ptr<JwtSource> id_token = {};
};

struct OAuthSettings {
  codec::Url server;  // the MCP server, without userinfo and fragment

  // The authorization server.
  std::optional<std::string> issuer = {};      // --oauth-issuer: no other is accepted
  std::optional<GivenMetadata> metadata = {};  // --oauth-metadata
  bool provider_quirks = true;
  bool allow_missing_pkce_metadata = false;
  bool allow_private = false;  // also where the MCP server is not: see Fetcher

  // Who we are there.
  std::string client_id = {};  // empty: none
  Secret client_secret = {};
  std::string client_metadata_url = {};
  Secret initial_access_token = {};
  std::optional<oauth::AuthMethod> method = {};
  std::optional<oauth::ClientKey> key = {};
  std::shared_ptr<JwtSource> client_assertion = {};  // instead of a key; null: none
  bool assertion_audience_is_endpoint = false;
  std::optional<ClientCertificate> certificate = {};  // RFC 8705

  // What is asked for.
  std::optional<std::string> scope = {};
  bool offline_access = true;
  std::optional<std::string> resource = {};
  bool omit_resource = false;
  std::vector<codec::FormField> authorize_params = {};
  std::vector<codec::FormField> token_params = {};
  bool use_id_token = false;
  bool pushes = true;  // the authorization request, where the server takes it so (RFC 9126)
  bool dpop = false;   // only tokens that are bound to a key of ours

  // How it is asked for.
  std::optional<Grant> grant = {};            // no value: as a person can be asked
  std::shared_ptr<JwtSource> assertion = {};  // jwt_bearer
  IdentityProvider idp = {};                  // id_jag

  // The browser and its answer.
  bool has_browser = true;  // false: nobody could be shown a page
  std::string callback_host = "127.0.0.1";
  std::uint16_t callback_port = 0;  // 0: the one of the last registration, else any
  std::string callback_path = "/callback";
  std::string callback_bind = {};  // an address to listen on, for containers; empty: the loopback
  std::string redirect_uri = {};   // exactly this one; empty: made from the three above
  int paste_from = -1;             // a terminal where the answer can be pasted; -1: none
  bool open_browser = true;
  std::string browser = {};

  Asking asking = Asking::once_in_a_while;

  std::chrono::seconds timeout{300};
  // How long a request waits for a person; then it fails with sign_in_pending, and the login goes
  // on. No value: as long as the login takes.
  std::optional<std::chrono::milliseconds> patience = {};
  std::chrono::seconds refresh_leeway{60};
  // What TLS shows at the MCP server's origin; null: nothing.
  std::shared_ptr<const http::ClientCertificate> server_certificate = {};
  // Fields of the user for the MCP origin, fit to be sent with a request for metadata: neither
  // Authorization nor Cookie.
  std::vector<std::pair<std::string, Secret>> metadata_fields = {};

  // Somebody may have to sign in, at whatever server.
  bool asks_a_person() const {
    return needs_a_person(grant) || (grant == Grant::id_jag && idp.id_token == nullptr);
  }

  // Something that only the right authorization server may see.
  bool has_client_material() const {
    return !client_secret.empty() || key.has_value() || client_assertion != nullptr ||
           certificate.has_value() || assertion != nullptr || !initial_access_token.empty();
  }
};

}  // namespace mcpio::auth
