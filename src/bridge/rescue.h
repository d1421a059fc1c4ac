// SPDX-License-Identifier: MIT
// The one place where an Error becomes a reply to the client.
#pragma once

#include "base/result.h"
#include "mcp/message.h"

namespace mcpio::bridge {

// The answer to a request whose answer could not be had: code -32000, the error's text, and in
// `data` the HTTP status and the seconds to wait, where they are known. While a person is asked to
// sign in the code is -32002, and the text has the address to open, whole.
mcp::Message reply_for(const mcp::Message& request, const Error& error);

}  // namespace mcpio::bridge
