// SPDX-License-Identifier: MIT
#include "cli/header_option.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "http/message.h"

namespace mcpio::cli {

namespace {

using auth::CredentialField;
using http::equals_ignoring_case;

// RFC 9110, section 5.6.2.
bool is_token(std::string_view text) {
  static constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kOthers.find(c) != std::string_view::npos;
  };
  return !text.empty() && std::ranges::all_of(text, fits);
}

// They say where a request ends and who handles the connection: a wrong one makes two requests of
// one.
bool is_framing(std::string_view name) {
  for (std::string_view framing :
       {"Connection", "Content-Encoding", "Content-Length", "Expect", "Keep-Alive",
        "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade"})
    if (equals_ignoring_case(name, framing)) return true;
  return false;
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

Result<std::string> expand(std::string_view name, std::string_view value,
                           const Environment& environment) {
  std::string expanded;
  for (;;) {
    const std::size_t dollar = value.find("${");
    expanded += value.substr(0, dollar);
    if (dollar == std::string_view::npos) return expanded;
    const bool is_escaped = value.substr(0, dollar).ends_with('$');
    value.remove_prefix(dollar + 2);
    if (is_escaped) {
      expanded += '{';
      continue;
    }
    const std::size_t close = value.find('}');
    if (close == std::string_view::npos)
      return fail(ErrorKind::config,
                  fmt::format("header {}: ${{ without }}, write $${{ for a plain ${{", name));
    const std::string variable(value.substr(0, close));
    auto content = environment(variable);
    if (!content)
      return fail(ErrorKind::config,
                  fmt::format("header {}: environment variable {} is not set", name, variable));
    expanded += *content;
    value.remove_prefix(close + 1);
  }
}

}  // namespace

bool is_safe_value(std::string_view value) {
  return value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

Result<CredentialField> parse_header(std::string_view line, const Environment& environment) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos)
    return fail(ErrorKind::config, "a header needs a colon: -H 'Name: value'");
  const std::string_view name = trim(line.substr(0, colon));
  if (!is_token(name))
    return fail(ErrorKind::config,
                "a header's name is letters, digits and !#$%&'*+-.^_`|~ only: -H 'Name: value'");
  if (is_framing(name))
    return fail(ErrorKind::config, fmt::format("header {} is set by mcp-stdio itself", name));

  auto value = expand(name, trim(line.substr(colon + 1)), environment);
  if (!value) return propagate(value);
  if (!is_safe_value(*value))
    return fail(ErrorKind::config,
                fmt::format("header {}: the value contains a line break or NUL", name));
  return CredentialField{.name = std::string(name), .value = Secret(std::string(trim(*value)))};
}

Result<std::vector<CredentialField>> parse_header_lines(std::string_view text,
                                                        const Environment& environment) {
  std::vector<CredentialField> fields;
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    line = trim(line);
    if (line.empty() || line.starts_with('#')) continue;
    auto field = parse_header(line, environment);
    if (!field) return propagate(field, fmt::format("line {}", number));
    set_field(fields, *std::move(field));
  }
  return fields;
}

bool set_field(std::vector<CredentialField>& fields, CredentialField field) {
  const auto same = [&field](const CredentialField& other) {
    return equals_ignoring_case(other.name, field.name);
  };
  const auto found = std::ranges::find_if(fields, same);
  const bool replaces = found != fields.end();
  if (replaces)
    *found = std::move(field);
  else
    fields.push_back(std::move(field));
  return replaces;
}

}  // namespace mcpio::cli
