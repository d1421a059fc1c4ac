// SPDX-License-Identifier: MIT
// What the demo's authorization server has given out, and what it is good for.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace mcpio::demo {

struct RegisteredClient {
  std::string id, secret, redirect_uri;
};

// What a code was asked for with.
struct Consent {
  std::string client_id, redirect_uri, code_challenge, resource;
};

struct Tokens {
  std::string access, refresh;
};

// No value: invalid_grant (RFC 6749, section 5.2). Nothing is written to disk, everything is
// bounded; one thread.
class Grants {
 public:
  // No value: there are too many of them.
  std::optional<RegisteredClient> add_client(std::string redirect_uri);
  // Null: there is none.
  const RegisteredClient* client(std::string_view id) const;

  std::string code_for(Consent consent);
  // A code is good once, for the client and the redirect URI that it was asked for with, and for
  // whoever has the verifier (RFC 6749, section 4.1.3; RFC 7636, section 4.6).
  std::optional<Tokens> redeem(std::string_view code, std::string_view client_id,
                               std::string_view redirect_uri, std::string_view verifier);
  // A new pair; the old one is good no longer (OAuth 2.1, section 4.3.1). A refresh token that
  // comes again has been stolen from somebody: the whole grant ends.
  std::optional<Tokens> rotate(std::string_view refresh_token, std::string_view client_id);

  // The token's audience is that resource (RFC 8707), and it has not expired.
  bool is_good(std::string_view access_token, std::string_view resource) const;
  // As time would.
  void expire_access_tokens();

 private:
  struct Grant {
    Consent consent;
    Tokens current;
  };

  using GrantMap = std::map<std::string, Grant, std::less<>>;

  Tokens issue(GrantMap::iterator grant);

  std::map<std::string, RegisteredClient, std::less<>> clients_;
  std::map<std::string, Consent, std::less<>> codes_;
  GrantMap grants_;                                            // by the code that began it
  std::map<std::string, std::string, std::less<>> refreshes_;  // every refresh token; its grant
};

}  // namespace mcpio::demo
