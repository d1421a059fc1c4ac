// SPDX-License-Identifier: MIT
#include "bridge/rescue.h"

#include <fmt/core.h>

#include <string>

#include "base/log.h"
#include "mcp/methods.h"

namespace mcpio::bridge {

mcp::Message reply_for(const mcp::Message& request, const Error& error) {
  std::string data;
  if (error.http_status != 0) data = fmt::format(R"("status":{})", error.http_status);
  if (error.retry_after)
    data += fmt::format(R"({}"retryAfter":{})", data.empty() ? "" : ",", *error.retry_after);
  if (!data.empty()) data = fmt::format("{{{}}}", data);
  // What is ours alone needs no redaction, and would lose the query of the address to open.
  if (error.kind == ErrorKind::sign_in_pending)
    return mcp::make_error(request.id(), mcp::error_code::kSignInFirst, error.message, data);
  return mcp::make_error(request.id(), mcp::error_code::kBridge, log::redacted(error.message),
                         data);
}

}  // namespace mcpio::bridge
