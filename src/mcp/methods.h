// SPDX-License-Identifier: MIT
// What is known about methods by their names.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace mcpio::mcp {

class Message;

// May a message of this method be sent again when nobody knows whether the server has got it? True
// only for what the specification makes a query, or what says or sets the same thing again.
bool is_replay_safe(std::string_view method);
// The same for a message. An answer may be sent again: the second one finds nobody who asked.
bool is_replay_safe(const Message& message);

// The member of the result that holds the items of a paginated list; no value: not such a method.
std::optional<std::string_view> list_member(std::string_view method);

// What a request is about, for whoever tells one refused operation from another: "tools/call
// search", or the method alone where it names nothing. `text` is the message of that method, well
// formed; names are cut after kOperationName bytes.
std::string operation_of(std::string_view method, std::string_view text);
inline constexpr std::size_t kOperationName = 256;

// The members of `params` that this program decides on when it gets a message of that method.
std::span<const std::string_view> params_decided_on(std::string_view method);

// Ids of our own requests begin with this; a client's request under such an id is refused.
inline constexpr std::string_view kOwnIdPrefix = "mcp-stdio/";

// JSON-RPC 2.0, section 5.1, and the codes MCP adds.
namespace error_code {
inline constexpr int kParseError = -32700;
inline constexpr int kInvalidRequest = -32600;
inline constexpr int kMethodNotFound = -32601;
inline constexpr int kInvalidParams = -32602;
inline constexpr int kInternalError = -32603;
inline constexpr int kBridge = -32000;       // this program's: the answer could not be had
inline constexpr int kSignInFirst = -32002;  // this program's: a person must sign in first
}  // namespace error_code

}  // namespace mcpio::mcp
