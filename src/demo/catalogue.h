// SPDX-License-Identifier: MIT
// What the demo server has to offer, as JSON documents. Pure.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace mcpio::demo {

using Json = nlohmann::ordered_json;

inline constexpr std::string_view kLatestRevision = "2025-11-25";
bool is_supported(std::string_view revision);

// Results of the methods of the same names.
Json initialize_result(std::string_view revision);
Json tools_list();
Json resources_list();
Json prompts_list();

inline constexpr std::string_view kResourceUri = "demo://greeting";
inline constexpr std::string_view kResourceText = "Hello from the demo server.";
Json resource();                      // resources/read
Json prompt(std::string_view topic);  // prompts/get

// A tool's result with one text.
Json text_result(std::string_view text);

// What the tool `big` answers with: 5,000,000 bytes of numbered lines.
std::string big_text();

// Messages.
Json response(const Json& id, Json result);
Json error_response(const Json& id, int code, std::string_view text);
Json progress(const Json& token, int done, int total);
// The question of the tool `ask`.
Json elicitation(std::string_view id);

}  // namespace mcpio::demo
