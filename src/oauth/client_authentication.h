// SPDX-License-Identifier: MIT
// Decides how the client authenticates at the authorization server.
//
// There are two decisions. asked_at_registration() is what dynamic registration asks for;
// authentication_used() is what the requests do, to every endpoint of the authorization server that
// authenticates clients. request_authentication.h then applies it, and authentication_retry.h says
// what follows a refusal.
//
// The method that worked is stored with the credentials, so that a refresh reads no metadata.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "oauth/auth_method.h"

namespace mcpio::oauth {

// token_endpoint_auth_methods_supported (RFC 8414, section 2). No value: absent or not an array.
// An empty list counts as absent: RFC 8414, section 3.2, has it left out.
using AdvertisedMethods = std::optional<std::vector<std::string>>;

// What the user gave us to prove who we are; nothing in it ever comes from a server.
struct ConfiguredMaterial {
  std::optional<AuthMethod> method = {};  // --token-endpoint-auth-method
  bool secret = false;                    // --client-secret, --client-secret-file, the environment
  bool key = false;                       // --client-key
  bool assertion = false;                 // --client-assertion-file, --client-assertion-command
  // --oauth-client-cert. The relay's own --client-cert is not it: that one is for the MCP server's
  // TLS, and never authenticates a client.
  bool certificate = false;
  bool certificate_is_self_signed = false;
};

// Where the client id came from.
enum class ClientOrigin : std::uint8_t { stored, registered, metadata_document, configured };

// One way to say who we are.
struct Authentication {
  AuthMethod method = AuthMethod::none;
  // With `none`: the secret that registration returned goes along, as some servers expect.
  bool secret_with_none = false;
  // With Basic: client_id is repeated in the body, as some servers (Entra ID) expect.
  bool id_with_basic = false;
  // With a JWT: its audience is the URL of the request, as some servers (Okta) expect.
  bool endpoint_is_audience = false;

  friend bool operator==(const Authentication&, const Authentication&) = default;
};

struct Situation {
  ConfiguredMaterial configured = {};
  AdvertisedMethods advertised = {};
  ClientOrigin origin = ClientOrigin::configured;
  // The method in the stored entry, or in the answer to registration. No value: not in there.
  std::optional<std::string> recorded_method = {};
  // The way that this client was found to need at this server. It counts if it is of the method
  // decided on. A choice of ours between ways to show a secret it overrules, but for a stored
  // entry, whose method is what worked last.
  std::optional<Authentication> learnt = {};
  AuthMethod asked = AuthMethod::none;  // what registration had asked for
  bool issued_secret = false;           // the stored entry or the answer holds a secret
};

struct AskedMethod {
  AuthMethod method = AuthMethod::none;
  std::vector<std::string> warnings = {};
};

// The user's method; else that of a key or certificate of the user, if it is advertised; else the
// first of `none`, client_secret_post and client_secret_basic that is advertised, in this order
// whatever the server's; else `none`.
AskedMethod asked_at_registration(const ConfiguredMaterial& configured,
                                  const AdvertisedMethods& advertised);

// A client that is to be known by a key or a certificate needs one before it registers. Fails with
// config, naming the options.
Result<void> check_material(AuthMethod asked, const ConfiguredMaterial& configured);

struct Decision {
  Authentication how;
  bool is_ours = false;        // not the user's: then a refusal may be followed by another method
  bool was_found_out = false;  // `how` is what a refusal has led to
  std::vector<std::string> warnings = {};
};

// The first row of the table in client_authentication.cpp that applies. Fails with config if the
// method needs what the user did not give, or if a key or certificate of the user is of no use
// here: it is never replaced by something weaker.
Result<Decision> authentication_used(const Situation& situation);

}  // namespace mcpio::oauth
