// SPDX-License-Identifier: MIT
#include "mcp/protocol_version.h"

#include <algorithm>
#include <array>

namespace mcpio::mcp {
namespace {

constexpr std::array<ProtocolVersion, 4> kVersions{{
    {.name = "2024-11-05",
     .has_streamable_http = false,
     .has_resumption = false,
     .has_batches = false},
    {.name = "2025-03-26",
     .has_streamable_http = true,
     .has_resumption = true,
     .has_batches = true},
    {.name = "2025-06-18",
     .has_streamable_http = true,
     .has_resumption = true,
     .has_batches = false},
    {.name = "2025-11-25",
     .has_streamable_http = true,
     .has_resumption = true,
     .has_batches = false},
}};

}  // namespace

const ProtocolVersion& protocol_version(std::string_view name) {
  const auto* row = std::find_if(kVersions.begin(), kVersions.end(),
                                 [&](const ProtocolVersion& v) { return v.name == name; });
  return row != kVersions.end() ? *row : kVersions.back();
}

bool is_header_safe(std::string_view value) {
  return !value.empty() &&
         std::all_of(value.begin(), value.end(), [](char c) { return c > ' ' && c < 0x7F; });
}

}  // namespace mcpio::mcp
