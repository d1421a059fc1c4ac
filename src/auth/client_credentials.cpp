// SPDX-License-Identifier: MIT
#include "auth/client_credentials.h"

#include <utility>

namespace mcpio::auth {

awaitable<Result<LoginResult>> ClientCredentials::run(LoginRequest request) {
  auto client = registry_.known_client(request.where.server);
  if (!client) co_return propagate(client);
  if (!*client) co_return fail(ErrorKind::config, "--grant client-credentials needs --client-id");
  if ((*client)->authentication.how.method == oauth::AuthMethod::none)
    co_return fail(ErrorKind::config,
                   "--grant client-credentials needs something that proves who the client is: "
                   "--client-secret-file, --client-key or --client-assertion-file");
  bind_tokens(**client, request);
  oauth::ClientCredentialsGrant grant;
  grant.scope = request.scope;
  grant.resource = request.where.indicator.value_or("");
  auto outcome =
      co_await exchange_.run(request.where.server, **std::move(client), oauth::token_fields(grant));
  co_return std::move(outcome.result);
}

}  // namespace mcpio::auth
