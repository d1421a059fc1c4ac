// SPDX-License-Identifier: MIT
// Declares the extensions of MCP that this program adds to what its client can do.
#pragma once

#include <string>

#include "spine/upstream.h"

namespace mcpio::bridge {

// What the server is told in capabilities.extensions of `initialize` (MCP extensions, SEP-2133,
// negotiation). The client does not know of them: how a token is got is this program's affair.
// Exactly that member is added, with no settings; every other byte stays, and so does an extension
// of that name that the client declares itself. Must stand where every handshake passes.
class ExtensionDeclarer final : public Layer {
 public:
  ExtensionDeclarer(std::unique_ptr<Upstream> inner, std::string extension);

  awaitable<Result<Message>> call(Call call) override;

 private:
  const std::string extension_;
};

}  // namespace mcpio::bridge
