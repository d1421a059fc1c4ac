// SPDX-License-Identifier: MIT
// Lets the client see and call only the tools the user allows (--allow-tool, --ignore-tool).
#pragma once

#include <string>
#include <vector>

#include "spine/upstream.h"

namespace mcpio::bridge {

// Globs as in a shell: *, ?, [abc]. A tool is there if one of `allow` matches, or there are none,
// and none of `ignore` does.
class ToolFilter final : public Layer {
 public:
  struct Rules {
    std::vector<std::string> allow;
    std::vector<std::string> ignore;

    bool empty() const { return allow.empty() && ignore.empty(); }
    bool allows(const std::string& tool) const;
  };

  ToolFilter(std::unique_ptr<Upstream> inner, Rules rules);

  awaitable<Result<Message>> call(Call call) override;

 private:
  awaitable<Result<Message>> refuse(Message request, std::string tool);
  awaitable<Result<Message>> filtered(Call call);

  const Rules rules_;
};

}  // namespace mcpio::bridge
