// SPDX-License-Identifier: MIT
// Keeps a server on the internet from sending us to machines that only we can reach.
//
// A name can be looked up to any address, so what counts is the address of the connection.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "codec/url.h"

namespace mcpio::oauth {

// Is this a numeric address of this machine, of a private network, of the link, or of a cloud's
// metadata service; also inside an IPv6 address (v4-mapped, v4-compatible, NAT64, 6to4)? What is no
// address counts as private. A zone (%eth0) is ignored.
bool is_private_address(std::string_view address);

struct AddressRule {
  // Where the MCP server was reached. Empty: nobody knows, say behind a proxy; counts as public.
  std::string server_address;
  bool allow_private = false;  // --oauth-allow-private
};

// May something be sent over this connection? `connected` is its numeric address; empty: through a
// proxy, which decides for itself. Fails with untrusted if it is private while the MCP server's is
// public. Not for addresses that the user gave or that stand in the store: those are trusted.
Result<void> check_connection(const AddressRule& rule, std::string_view connected,
                              const codec::Url& endpoint);

}  // namespace mcpio::oauth
