// SPDX-License-Identifier: MIT
// Lets the client see and call only the tools the user allows (--allow-tool, --ignore-tool).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "spine/upstream.h"

namespace mcpio::bridge {

// A tool is there if one of the patterns in `allow` fits (see glob.h), or there are none, and none
// in `ignore` does. What names no tool is not there either.
class ToolFilter final : public Layer {
 public:
  struct Rules {
    std::vector<std::string> allow;
    std::vector<std::string> ignore;

    bool empty() const { return allow.empty() && ignore.empty(); }
    bool allows(std::string_view tool) const;
  };

  ToolFilter(std::unique_ptr<Upstream> inner, Rules rules);

  awaitable<Result<Message>> call(Call call) override;
  // A tools/call without an id is no request, but some servers execute it all the same.
  awaitable<Result<void>> tell(Message message, std::shared_ptr<const Origin> origin) override;

 private:
  std::optional<std::string> objection(const Message& tool_call) const;
  awaitable<Result<Message>> filtered(Call call);

  const Rules rules_;
};

}  // namespace mcpio::bridge
