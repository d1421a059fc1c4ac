// SPDX-License-Identifier: MIT
// Makes `"arguments":null` of a tool call `{}`, which strict servers insist on.
#pragma once

#include "spine/upstream.h"

namespace mcpio::bridge {

class ArgumentNormalizer final : public Layer {
 public:
  using Layer::Layer;

  awaitable<Result<Message>> call(Call call) override;
};

}  // namespace mcpio::bridge
