// SPDX-License-Identifier: MIT
#include "bridge/tool_filter.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "bridge/glob.h"
#include "codec/json_view.h"
#include "mcp/methods.h"

namespace mcpio::bridge {
namespace {

std::optional<std::string> tool_name(std::string_view tool_or_params) {
  const auto name = codec::find_member(tool_or_params, "name");
  return name ? codec::string_value(*name) : std::nullopt;
}

awaitable<Result<Message>> refuse(Message request, std::string why) {
  co_return mcp::make_error(request.id(), mcp::error_code::kInvalidParams, why);
}

awaitable<Result<void>> drop(std::string why) { co_return fail(ErrorKind::rejected, why); }

}  // namespace

bool ToolFilter::Rules::allows(std::string_view tool) const {
  const auto fits = [&](const std::string& pattern) { return matches_glob(pattern, tool); };
  if (!allow.empty() && std::none_of(allow.begin(), allow.end(), fits)) return false;
  return std::none_of(ignore.begin(), ignore.end(), fits);
}

ToolFilter::ToolFilter(std::unique_ptr<Upstream> inner, Rules rules)
    : Layer(std::move(inner)), rules_(std::move(rules)) {}

awaitable<Result<Message>> ToolFilter::call(Call call) {
  if (call.request.method() == "tools/list") return filtered(std::move(call));
  if (call.request.method() != "tools/call") return inner().call(std::move(call));
  auto why = objection(call.request);
  if (!why) return inner().call(std::move(call));
  return refuse(std::move(call.request), *std::move(why));
}

awaitable<Result<void>> ToolFilter::tell(Message message, std::shared_ptr<const Origin> origin) {
  auto why = message.is_notification("tools/call") ? objection(message) : std::nullopt;
  if (!why) return inner().tell(std::move(message), std::move(origin));
  return drop(*std::move(why));
}

// Why a tools/call must not reach the server; no value: it may.
std::optional<std::string> ToolFilter::objection(const Message& tool_call) const {
  const auto tool = tool_name(tool_call.params().value_or(""));
  if (!tool)
    return "a tools/call without a tool's name cannot be held against --allow-tool and "
           "--ignore-tool";
  if (rules_.allows(*tool)) return std::nullopt;
  return fmt::format("tool '{}' is not available: --allow-tool or --ignore-tool leaves it out",
                     *tool);
}

awaitable<Result<Message>> ToolFilter::filtered(Call call) {
  auto answer = co_await inner().call(std::move(call));
  if (!answer || !answer->result()) co_return answer;
  const std::string_view result = *answer->result();
  const auto tools = codec::find_member(result, "tools");
  if (!tools) co_return answer;
  Buffer kept(answer->bytes()->budget());
  bool all = true, fits = true;
  codec::ElementReader reader(*tools);
  while (const auto tool = reader.next()) {
    const auto name = tool_name(*tool);
    if (!name || !rules_.allows(*name)) {
      all = false;
    } else {
      fits = fits && kept.append(kept.empty() ? '[' : ',') && kept.append(*tool);
    }
  }
  if (all) co_return answer;
  if (kept.empty()) fits = kept.append('[');
  if (!fits || !kept.append(']'))
    co_return fail(ErrorKind::too_large, "too many bytes are buffered already to filter the tools");
  const auto at = static_cast<std::size_t>(tools->data() - result.data());
  const std::array pieces{result.substr(0, at), kept.view(), result.substr(at + tools->size())};
  co_return answer->with_result(pieces);
}

}  // namespace mcpio::bridge
