// SPDX-License-Identifier: MIT
#include "bridge/tool_filter.h"

#include <fmt/core.h>
#include <fnmatch.h>

#include <algorithm>

#include "codec/json_view.h"
#include "mcp/methods.h"

namespace mcpio::bridge {
namespace {

std::string tool_name(std::string_view tool_or_params) {
  const auto name = codec::find_member(tool_or_params, "name");
  return name ? codec::string_value(*name).value_or("") : "";
}

}  // namespace

bool ToolFilter::Rules::allows(const std::string& tool) const {
  const auto matches = [&](const std::string& glob) {
    return ::fnmatch(glob.c_str(), tool.c_str(), 0) == 0;
  };
  if (!allow.empty() && std::none_of(allow.begin(), allow.end(), matches)) return false;
  return std::none_of(ignore.begin(), ignore.end(), matches);
}

ToolFilter::ToolFilter(std::unique_ptr<Upstream> inner, Rules rules)
    : Layer(std::move(inner)), rules_(std::move(rules)) {}

awaitable<Result<Message>> ToolFilter::call(Call call) {
  if (call.request.method() == "tools/list") return filtered(std::move(call));
  if (call.request.method() != "tools/call") return inner().call(std::move(call));
  std::string tool = tool_name(call.request.params().value_or(""));
  if (rules_.allows(tool)) return inner().call(std::move(call));
  return refuse(std::move(call.request), std::move(tool));
}

awaitable<Result<Message>> ToolFilter::refuse(Message request, std::string tool) {
  const std::string why =
      fmt::format("tool '{}' is not available: --allow-tool or --ignore-tool leaves it out", tool);
  co_return mcp::make_error(request.id(), mcp::error_code::kInvalidParams, why);
}

awaitable<Result<Message>> ToolFilter::filtered(Call call) {
  auto answer = co_await inner().call(std::move(call));
  if (!answer || !answer->result()) co_return answer;
  const std::string_view result = *answer->result();
  const auto tools = codec::find_member(result, "tools");
  if (!tools) co_return answer;
  std::string kept = "[";
  bool all = true;
  for (const std::string_view tool : codec::array_elements(*tools)) {
    if (!rules_.allows(tool_name(tool))) {
      all = false;
      continue;
    }
    if (kept.size() > 1) kept += ',';
    kept += tool;
  }
  if (all) co_return answer;
  kept += ']';
  const auto at = static_cast<std::size_t>(tools->data() - result.data());
  std::string rest(result);
  co_return answer->with_result(rest.replace(at, tools->size(), kept));
}

}  // namespace mcpio::bridge
