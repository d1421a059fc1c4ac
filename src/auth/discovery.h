// SPDX-License-Identifier: MIT
// Finds the authorization server of an MCP server, and what it can do.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "auth/fetcher.h"
#include "auth/oauth_settings.h"
#include "base/result.h"
#include "oauth/challenges.h"
#include "oauth/known_providers.h"
#include "oauth/resource_metadata.h"
#include "oauth/server_metadata.h"

namespace mcpio::auth {

struct Discovered {
  // No value: the server publishes none, as in MCP 2025-03-26.
  std::optional<oauth::ResourceMetadata> resource;
  oauth::ServerMetadata server;          // its issuer is the validated one
  std::optional<std::string> indicator;  // the `resource` parameter; no value: not sent
};

// One candidate after the other, in the specification's order; none is asked twice, and nothing is
// remembered from one run to the next: a new login starts from the resource metadata.
//
//   - Resource metadata: the address in the challenge, the server's path, the root. A 5xx, a
//     timeout, or a document that is about another resource ends the search. Where nobody is at
//     home, or a document names no authorization server, the next is asked.
//   - The authorization server's metadata, in three forms, all on one origin. Of several servers,
//     those we hold credentials of come first, and the next is asked only if one is of no use.
//   - With --oauth-issuer that issuer is asked itself, wherever its name was found. Only if it says
//     nothing, and nothing of ours is for it alone, another server may speak for it.
//   - With --oauth-metadata the authorization server is that one, whatever the resource metadata
//     say, and if there are any.
//   - Only if every candidate for resource metadata answered 4xx or no JSON: what MCP 2025-03-26
//     had, metadata on the server's own origin, then default endpoints.
class Discovery {
 public:
  // Both must outlive it.
  Discovery(Fetcher& fetcher, const OAuthSettings& settings);

  // `held` are issuers we have credentials of. Errors name the step, the origin, and the option
  // that helps.
  awaitable<Result<Discovered>> run(oauth::ServerChallenge challenge,
                                    std::vector<std::string> held);

  // The metadata of the issuer of a stored token. Fails with untrusted if --oauth-metadata are
  // those of another one.
  awaitable<Result<oauth::ServerMetadata>> metadata_of(std::string issuer);

 private:
  awaitable<Result<std::optional<oauth::ResourceMetadata>>> find_resource(std::string named);
  awaitable<Result<oauth::ServerMetadata>> server_of(
      std::optional<oauth::ResourceMetadata> resource, std::vector<std::string> held);
  awaitable<Result<oauth::ServerMetadata>> read_given();
  awaitable<Result<oauth::ServerMetadata>> find_server(std::string issuer);
  awaitable<Result<oauth::ServerMetadata>> find_first_of(std::vector<std::string> issuers);
  awaitable<Result<oauth::ServerMetadata>> find_legacy();
  awaitable<Result<std::optional<oauth::ServerMetadata>>> ask(std::string url, std::string issuer);
  awaitable<Result<oauth::ServerMetadata>> confirmed(oauth::ServerMetadata hearsay,
                                                     std::string source);
  Result<void> check_issuer(oauth::ServerMetadata& metadata, std::string expected) const;
  http::Fields fields_for(const codec::Url& url) const;
  // Logs it unless it is what was said last.
  static void say_once(std::string& last, std::string line);

  Fetcher& fetcher_;
  const OAuthSettings& settings_;
  const oauth::KnownProviders providers_;
  std::string endpoints_said_, resource_said_;  // what other origins were named
};

}  // namespace mcpio::auth
