// SPDX-License-Identifier: MIT
// The least an OAuth 2.1 authorization server can be, for the demo: whoever asks is let in at once.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "demo/grants.h"
#include "demo/reply.h"
#include "http/server.h"

namespace mcpio::demo {

// What a sign-in consists of, as its servers see it.
enum class SignInEvent {
  wanted,          // a request without a token was refused
  found_resource,  // somebody read the MCP server's metadata (RFC 9728)
  found_server,    // ... and the authorization server's (RFC 8414)
  registered,      // a client registered itself (RFC 7591)
  sent_back,       // a browser came, and was sent back with a code
  token_issued,    // for a code and its verifier
  token_expired,   // a request with a token that is good no more was refused
  token_renewed,   // for a refresh token, which was rotated
};

// Metadata, registration, authorization and token endpoint. Clients register themselves, for a
// redirect URI of this machine; they prove who they are with client_secret_basic, which is all the
// metadata offer; PKCE is a must.
//
//   AuthorizationServer server(executor, [](SignInEvent event) { ... });
//   auto issuer = server.start();
//   ...
//   co_await server.stop();
class AuthorizationServer final : public http::Handler {
 public:
  AuthorizationServer(asio::any_io_executor executor, std::function<void(SignInEvent)> note);

  // Listens on a free loopback port.
  Result<void> start();
  // Needed if start() was called.
  awaitable<void> stop();

  const std::string& issuer() const { return issuer_; }
  Grants& grants() { return grants_; }
  void note(SignInEvent event) const { note_(event); }

  awaitable<void> answer(http::IncomingRequest request, Reply reply) override;

 private:
  HttpAnswer answer_to(const http::IncomingRequest& request);
  HttpAnswer metadata() const;
  HttpAnswer register_client(const http::IncomingRequest& request);
  HttpAnswer authorize(std::string_view query);
  HttpAnswer token(const http::IncomingRequest& request);

  const std::function<void(SignInEvent)> note_;
  Grants grants_;
  std::string issuer_;
  http::Server server_;
};

}  // namespace mcpio::demo
