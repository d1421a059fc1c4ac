// SPDX-License-Identifier: MIT
#include "bridge/argument_normalizer.h"

#include "codec/json_view.h"

namespace mcpio::bridge {

awaitable<Result<Message>> ArgumentNormalizer::call(Call call) {
  const Message& request = call.request;
  const auto params = request.params();
  if (request.method() == "tools/call" && params) {
    const auto arguments = codec::find_member(*params, "arguments");
    if (arguments && codec::is_null(*arguments)) {
      const auto at = static_cast<std::size_t>(arguments->data() - params->data());
      std::string normal(params->substr(0, at));
      normal += "{}";
      normal += params->substr(at + arguments->size());
      call.request = request.with_params(normal);
    }
  }
  return inner().call(std::move(call));
}

}  // namespace mcpio::bridge
