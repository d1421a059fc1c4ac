// SPDX-License-Identifier: MIT
// Everything that differs between revisions of the protocol, in one table. Code asks the table and
// never compares version names.
#pragma once

#include <string_view>

namespace mcpio::mcp {

struct ProtocolVersion {
  std::string_view name;
  bool has_streamable_http;  // one endpoint, POST and GET; before: HTTP+SSE
  bool has_resumption;       // GET with Last-Event-ID takes up a broken stream
  bool has_batches;          // JSON-RPC batches may be sent
};

// The row of that name; for a name nobody knows the newest row.
const ProtocolVersion& protocol_version(std::string_view name);

// The newest revision with an initialize handshake: what we offer when we speak for ourselves.
inline constexpr std::string_view kNewestHandshake = "2025-11-25";

// Header values come from a peer's JSON, so only visible ASCII may become one.
bool is_header_safe(std::string_view value);

}  // namespace mcpio::mcp
