// SPDX-License-Identifier: MIT
// Gives the client a paginated list whole: many clients ask for the first page only.
#pragma once

#include "spine/upstream.h"

namespace mcpio::bridge {

// Applies to tools/list, resources/list, resources/templates/list and prompts/list without a
// cursor. A client that sends a cursor pages for itself, and gets what the server says. When a
// later page cannot be had, when there are more than limits::kListPages or when they are larger
// than one message may be, the answer is what was read until then, with the cursor to go on from. A
// cursor that leads to itself ends it.
class ListMerger final : public Layer {
 public:
  // `max_bytes`: of one message (--max-message-size).
  ListMerger(std::unique_ptr<Upstream> inner, std::size_t max_bytes)
      : Layer(std::move(inner)), max_bytes_(max_bytes) {}

  awaitable<Result<Message>> call(Call call) override;

 private:
  awaitable<Result<Message>> merged(Call call, std::string_view list);

  const std::size_t max_bytes_;
};

}  // namespace mcpio::bridge
