// SPDX-License-Identifier: MIT
// Small requests to authorization servers, and their whole answers.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "auth/oauth_settings.h"
#include "base/result.h"
#include "base/secret.h"
#include "codec/url.h"
#include "http/client.h"
#include "io/awaitable.h"
#include "oauth/address_guard.h"

namespace mcpio::auth {

struct Document {
  http::Head head;
  std::string body;
  codec::Url url;  // where it came from, behind redirects

  int status() const { return head.status; }
  // Lower case, without parameters.
  std::string type() const;
};

// Bodies are read up to a megabyte. Only same-origin redirects of a GET are followed, and only a
// few; any other is an answer like another, for the caller to refuse.
//
// What an authorization server publishes may lead anywhere, so the address of each connection is
// held against oauth/address_guard.h before anything leaves on it. Not guarded: the MCP server's
// own origin, and those that the user has named.
//
// TLS shows OAuthSettings::server_certificate at the MCP server's origin, and at others a
// certificate only if a request names one.
//
// Fails with the kinds of http::Exchange, and too_large; with untrusted also if the guard says no.
// Messages name the URL without its query.
class Fetcher {
 public:
  // Both must outlive it.
  Fetcher(http::Client& client, const OAuthSettings& settings);

  // Where the MCP server was reached, if somebody else has talked to it; empty: nobody knows.
  void server_is_at(std::string address) { server_address_ = std::move(address); }
  const std::string& server_address() const { return server_address_; }
  // What stands in the store has been checked when it came there.
  void trust(const std::string& url);

  awaitable<Result<Document>> get(codec::Url url, http::Fields fields);
  awaitable<Result<Document>> remove(codec::Url url, http::Fields fields);  // DELETE
  // What the guard can say before there is a connection: of a host that is an address, or this
  // machine by name. Behind a proxy there will be none, and a browser makes its own.
  Result<void> check_host(const codec::Url& url) const;

  // As a browser asks for a page, without going where it leads.
  awaitable<Result<Document>> look_at(codec::Url url);
  struct Posting {
    http::Fields fields;
    std::string type;  // of the body
    Secret body;
    std::shared_ptr<const http::ClientCertificate> certificate = {};  // for TLS; null: see above
  };
  awaitable<Result<Document>> post(codec::Url url, Posting posting);

 private:
  awaitable<Result<Document>> exchange(http::Request request, codec::Url url);
  awaitable<Result<Document>> converse(http::Request request, codec::Url url);
  bool is_guarded(const codec::Url& url) const;
  oauth::AddressRule rule() const;

  http::Client& client_;
  const OAuthSettings& settings_;
  std::vector<codec::Url> trusted_;
  std::string server_address_;
};

}  // namespace mcpio::auth
