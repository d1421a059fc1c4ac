// SPDX-License-Identifier: MIT
// Who we are at an authorization server: configured, published, remembered, or newly registered.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "auth/fetcher.h"
#include "auth/oauth_settings.h"
#include "auth/token_endpoint.h"
#include "base/clock.h"
#include "base/result.h"
#include "oauth/registration.h"
#include "oauth/server_metadata.h"
#include "store/credential.h"
#include "store/state.h"

namespace mcpio::auth {

// In the order of the specification (MCP 2026-07-28, client registration): the client id that the
// user configured, the metadata document that the user publishes, a registration of before, a new
// one (RFC 7591). Registrations are kept by issuer and flow, for a client is registered for its
// grants, and with the redirect URI they were made for: at another one a server may refuse them.
class ClientRegistry {
 public:
  // All must outlive it.
  ClientRegistry(Fetcher& fetcher, store::State& state, const Clock& clock,
                 const OAuthSettings& settings);

  // The port that the last registration at this issuer was made for; 0: none.
  std::uint16_t last_port(const std::string& issuer);

  // What a client is to log in with.
  struct Purpose {
    std::string redirect_uri = {};  // empty: a flow without one
    bool uses_dpop = false;         // for each of its tokens: see oauth/dpop_use.h
  };
  // Fails with config if there is no way to be anybody there; the text names the options that help.
  awaitable<Result<Client>> client_for(oauth::ServerMetadata server, Purpose purpose);

  // The client that the user configured or publishes; no value: neither. Nobody is registered.
  // Fails with config if what was configured belongs to another issuer, or does not do there.
  Result<std::optional<Client>> known_client(const oauth::ServerMetadata& server);

  // Does a stored credential do for this run? A run that names a client (--client-id, else
  // --client-metadata-url) uses only what that one got; one that names none uses what is there, for
  // nothing says that it wants another client. What was configured may belong to another issuer:
  // then the credential is none of this run's.
  bool may_use(const store::Credential& credential) const;

  // For a refresh: who we were when the credential was made. Fails with config, before anything is
  // sent, if this run names another client, or if what the method needs is not there any more: it
  // was not given, or it has expired.
  Result<Client> client_of(const store::Credential& credential) const;

  // Where of several authorization servers we would be somebody: the issuer that the user named or
  // that what is configured belongs to; else those of this credential (null: none) and of our
  // registrations.
  std::vector<std::string> held_issuers(const store::Credential* credential) const;

  // A configured secret, key or assertion may go to this issuer. See oauth/credential_binding.h.
  Result<void> check_binding(const std::string& issuer) const;
  // The client got a token there: what was configured belongs to that issuer from now on, and how
  // it had to prove itself is remembered.
  void has_worked(const std::string& issuer, const Client& client);

  // Where a registration is managed (RFC 7592, section 3).
  struct Management {
    std::string uri;  // empty: nowhere
    Secret token;
  };
  // Of the registration of this client, or of any if the id is empty. No value: there is none.
  struct Registered {
    std::string client_id;
    Management management;
  };
  std::optional<Registered> registered(const std::string& issuer,
                                       const std::string& client_id) const;

  // The server does not know this client any more, or we do not want to know it.
  void forget(const std::string& issuer, const std::string& client_id);

 private:
  // What was found to work at an issuer.
  struct Learnt {
    std::optional<oauth::Authentication> how = {};
    oauth::AdvertisedAlgorithms algorithms = {};
  };

  awaitable<Result<Client>> register_anew(oauth::ServerMetadata server, Purpose purpose);
  oauth::AskedMethod asked_now(const oauth::ServerMetadata& server) const;
  Result<oauth::ClientDescription> description(oauth::AuthMethod method,
                                               const oauth::ServerMetadata& server,
                                               const Purpose& purpose) const;
  std::optional<Client> remembered(const oauth::ServerMetadata& server, const Purpose& purpose);
  Result<Client> with_method(Client client, oauth::Situation situation) const;
  oauth::ConfiguredMaterial material() const;
  void bind(const std::string& issuer, const std::vector<std::string>& names);
  void learn(const std::string& issuer, const Client& client);
  Learnt learnt(const std::string& issuer, const std::string& client_id) const;
  const std::string& named_client() const;
  bool is_missing_its_secret(const Client& client, const std::string& issuer) const;
  std::vector<std::string> binding_names() const;

  Fetcher& fetcher_;
  store::State& state_;
  const Clock& clock_;
  const OAuthSettings& settings_;
};

}  // namespace mcpio::auth
