// SPDX-License-Identifier: MIT
// What the user may say about how to get a token.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/secret.h"
#include "codec/percent.h"
#include "codec/url.h"
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
  bool assertion_audience_is_endpoint = false;

  // What is asked for.
  std::optional<std::string> scope = {};
  bool offline_access = true;
  std::optional<std::string> resource = {};
  bool omit_resource = false;
  std::vector<codec::FormField> authorize_params = {};
  std::vector<codec::FormField> token_params = {};
  bool use_id_token = false;
  bool dpop = false;  // only tokens that are bound to a key of ours

  // The browser and its answer.
  std::string callback_host = "127.0.0.1";
  std::uint16_t callback_port = 0;  // 0: the one of the last registration, else any
  std::string callback_path = "/callback";
  std::string callback_bind = {};
  std::string redirect_uri = {};  // exactly this one; empty: made from the three above
  int paste_from = -1;            // a terminal where the answer can be pasted; -1: none
  bool open_browser = true;
  std::string browser = {};

  Asking asking = Asking::once_in_a_while;

  std::chrono::seconds timeout{300};
  std::chrono::seconds refresh_leeway{60};
  // Fields of the user for the MCP origin, fit to be sent with a request for metadata: neither
  // Authorization nor Cookie.
  std::vector<std::pair<std::string, Secret>> metadata_fields = {};
};

}  // namespace mcpio::auth
