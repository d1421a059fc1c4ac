// SPDX-License-Identifier: MIT
#include "bridge/extension_declarer.h"

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

#include "codec/json_view.h"

namespace mcpio::bridge {
namespace {

// The object with one more member at its front.
std::string with_first(std::string_view object, std::string_view name, std::string_view value) {
  std::string member = codec::quoted(name).append(":").append(value);
  const bool was_empty = !codec::FieldReader(object).next();
  if (!was_empty) member += ',';
  return std::string("{").append(member).append(object.substr(1));
}

// The object in which {} stands at the end of that path, with what was missing of it added. No
// value: it stands there already, or something on the way is no object.
std::optional<std::string> with_path(std::string_view object,
                                     std::span<const std::string_view> path) {
  if (!codec::is_object(object)) return std::nullopt;
  const auto inner = codec::find_member(object, path.front());
  if (!inner) {
    std::string value = "{}";
    for (std::size_t at = path.size(); --at > 0;) value = with_first("{}", path[at], value);
    return with_first(object, path.front(), value);
  }
  if (path.size() == 1) return std::nullopt;
  const auto changed = with_path(*inner, path.subspan(1));
  if (!changed) return std::nullopt;
  const auto at = static_cast<std::size_t>(inner->data() - object.data());
  return std::string(object.substr(0, at))
      .append(*changed)
      .append(object.substr(at + inner->size()));
}

}  // namespace

ExtensionDeclarer::ExtensionDeclarer(std::unique_ptr<Upstream> inner, std::string extension)
    : Layer(std::move(inner)), extension_(std::move(extension)) {}

awaitable<Result<Message>> ExtensionDeclarer::call(Call call) {
  const auto params = call.request.params();
  if (call.request.method() == "initialize" && params) {
    const std::array<std::string_view, 3> path = {"capabilities", "extensions", extension_};
    if (const auto changed = with_path(*params, path))
      call.request = call.request.with_params(*changed);
  }
  return inner().call(std::move(call));
}

}  // namespace mcpio::bridge
