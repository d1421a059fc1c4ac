// SPDX-License-Identifier: MIT
#include "demo/catalogue.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

namespace mcpio::demo {
namespace {

constexpr std::array<std::string_view, 3> kRevisions = {"2025-03-26", "2025-06-18",
                                                        kLatestRevision};

Json tool(std::string_view name, std::string_view description, Json properties) {
  Json required = Json::array();
  for (const auto& [key, schema] : properties.items()) required.push_back(key);
  return Json{{"name", name},
              {"description", description},
              {"inputSchema",
               {{"type", "object"},
                {"properties", std::move(properties)},
                {"required", std::move(required)}}}};
}

Json of_type(std::string_view type) { return Json{{"type", type}}; }

}  // namespace

bool is_supported(std::string_view revision) {
  return std::find(kRevisions.begin(), kRevisions.end(), revision) != kRevisions.end();
}

Json initialize_result(std::string_view revision) {
  return Json{{"protocolVersion", revision},
              {"capabilities",
               {{"tools", {{"listChanged", true}}},
                {"resources", Json::object()},
                {"prompts", Json::object()}}},
              {"serverInfo", {{"name", "demo-server"}, {"version", "1.0"}}}};
}

Json tools_list() {
  return Json{
      {"tools",
       {tool("echo", "Returns the text it is given", Json{{"text", of_type("string")}}),
        tool("add", "Adds two numbers", Json{{"a", of_type("number")}, {"b", of_type("number")}}),
        tool("countdown", "Counts down slowly and reports progress",
             Json{{"from", of_type("integer")}}),
        tool("ask", "Asks the user for a name and greets", Json::object()),
        tool("big", "Returns five megabytes of text", Json::object())}}};
}

Json resources_list() {
  return Json{{"resources",
               Json::array({Json{
                   {"uri", kResourceUri}, {"name", "greeting"}, {"mimeType", "text/plain"}}})}};
}

Json prompts_list() {
  const Json topic{{"name", "topic"}, {"required", true}};
  return Json{{"prompts", Json::array({Json{{"name", "explain"},
                                            {"description", "Asks for an explanation"},
                                            {"arguments", Json::array({topic})}}})}};
}

Json resource() {
  return Json{{"contents",
               Json::array({Json{
                   {"uri", kResourceUri}, {"mimeType", "text/plain"}, {"text", kResourceText}}})}};
}

Json prompt(std::string_view topic) {
  const Json content{{"type", "text"}, {"text", fmt::format("Explain {} in one sentence.", topic)}};
  return Json{{"messages", Json::array({Json{{"role", "user"}, {"content", content}}})}};
}

Json text_result(std::string_view text) {
  return Json{{"content", Json::array({Json{{"type", "text"}, {"text", text}}})}};
}

std::string big_text() {
  constexpr int kLines = 100'000;
  std::string text;
  text.reserve(5'000'000);
  for (int line = 0; line < kLines; ++line)
    fmt::format_to(std::back_inserter(text), "{:05} the quick brown fox jumps over the lazy dog\n",
                   line);
  return text;
}

Json response(const Json& id, Json result) {
  return Json{{"jsonrpc", "2.0"}, {"id", id}, {"result", std::move(result)}};
}

Json error_response(const Json& id, int code, std::string_view text) {
  return Json{{"jsonrpc", "2.0"}, {"id", id}, {"error", {{"code", code}, {"message", text}}}};
}

Json progress(const Json& token, int done, int total) {
  return Json{{"jsonrpc", "2.0"},
              {"method", "notifications/progress"},
              {"params", {{"progressToken", token}, {"progress", done}, {"total", total}}}};
}

Json elicitation(std::string_view id) {
  const Json schema{{"type", "object"},
                    {"properties", {{"name", of_type("string")}}},
                    {"required", Json::array({"name"})}};
  return Json{{"jsonrpc", "2.0"},
              {"id", id},
              {"method", "elicitation/create"},
              {"params", {{"message", "What is your name?"}, {"requestedSchema", schema}}}};
}

}  // namespace mcpio::demo
