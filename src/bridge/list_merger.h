// SPDX-License-Identifier: MIT
// Gives the client a paginated list whole: many clients ask for the first page only.
#pragma once

#include "spine/upstream.h"

namespace mcpio::bridge {

// Applies to tools/list, resources/list, resources/templates/list and prompts/list without a
// cursor. A client that sends a cursor pages for itself, and gets what the server says. When a
// later page cannot be had, or there are more than limits::kListPages, the answer is what was read
// until then, with the cursor to go on from.
class ListMerger final : public Layer {
 public:
  using Layer::Layer;

  awaitable<Result<Message>> call(Call call) override;

 private:
  awaitable<Result<Message>> merged(Call call, std::string_view list);
};

}  // namespace mcpio::bridge
