// SPDX-License-Identifier: MIT
// What stands before the demo's MCP server: a protected resource (RFC 9728).
#pragma once

#include <optional>
#include <string>

#include "codec/url.h"
#include "demo/authorization_server.h"
#include "demo/reply.h"

namespace mcpio::demo {

// `resource` is the MCP server's URL; tokens are those of `server`, which must outlive the door.
class Door {
 public:
  Door(std::string resource, AuthorizationServer& server);

  // What is answered in the MCP server's place: the resource's metadata, or 401. No value: the
  // request may pass.
  std::optional<HttpAnswer> answer(const http::IncomingRequest& request) const;

 private:
  const std::string resource_;
  const codec::Url metadata_url_;
  AuthorizationServer& server_;
};

}  // namespace mcpio::demo
