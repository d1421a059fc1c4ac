// SPDX-License-Identifier: MIT
#include "cli/config_file.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "cli/nearest.h"
#include "cli/option_table.h"
#include "cli/private_file.h"

namespace mcpio::cli {

namespace {

using Json = nlohmann::json;

std::vector<std::string_view> keys() {
  std::vector<std::string_view> keys;
  for (const Option& option : option_table())
    if (option.in_file) keys.push_back(option.name);
  return keys;
}

std::string unknown_key(const std::string& path, const std::string& key) {
  const auto known = keys();
  if (const auto meant = nearest(key, known))
    return fmt::format("{}: unknown key '{}', did you mean '{}'?", path, key, *meant);
  return fmt::format("{}: unknown key '{}', the keys are the names of options", path, key);
}

// The value as it would be written on the command line; no value: it cannot be.
std::optional<std::string> as_text(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  if (value.is_number()) return value.dump();
  return std::nullopt;
}

// One value, or for an option that may be repeated a list of them.
std::optional<std::vector<std::string>> as_texts(const Option& option, const Json& value) {
  std::vector<std::string> texts;
  const bool is_list = option.takes == Takes::values && value.is_array();
  for (const Json& one : is_list ? value : Json::array({value})) {
    auto text = as_text(one);
    if (!text) return std::nullopt;
    texts.push_back(*std::move(text));
  }
  return texts;
}

std::string_view wanted(const Option& option) {
  switch (option.takes) {
    case Takes::nothing:
      return "true or false";
    case Takes::value:
      return "one text or number";
    case Takes::values:
      return "a text or a list of texts";
  }
  return {};
}

// Nothing is said of the text itself: it may be a secret.
Json parse(const std::string& text, const std::string& path, Mistakes& mistakes) {
  try {
    Json file = Json::parse(text, nullptr, true, true);
    if (file.is_object()) return file;
    mistakes.configuration(
        fmt::format("{}: must be one JSON object, as in {{\"url\": ...}}", path));
  } catch (const Json::parse_error& error) {
    mistakes.configuration(fmt::format("{}: not JSON near byte {}", path, error.byte));
  }
  return Json::object();
}

// A URL may have a password in it.
bool may_be_secret(const Option& option, const Setting& setting) {
  const auto has_userinfo = [](const std::string& url) { return url.find('@') != url.npos; };
  return option.is_secret ||
         (option.name == "url" && std::ranges::any_of(setting.values, has_userinfo));
}

}  // namespace

void read_config_text(const std::string& text, const std::string& path, Settings& settings,
                      Mistakes& mistakes) {
  const Json file = parse(text, path, mistakes);
  for (const auto& [key, value] : file.items()) {
    const Option* option = find_option(key);
    if (option == nullptr || !option->in_file) {
      mistakes.configuration(unknown_key(path, key));
      continue;
    }
    auto texts = as_texts(*option, value);
    if (!texts) {
      mistakes.configuration(fmt::format("{}: {} must be {}", path, key, wanted(*option)));
      continue;
    }
    if (texts->empty()) continue;
    settings.put(*option, {.source = Source::file,
                           .where = fmt::format("{}: {}", path, key),
                           .values = *std::move(texts)});
  }
}

bool read_config_file(const std::string& path, Settings& settings, Mistakes& mistakes,
                      std::vector<std::string>& warnings) {
  auto file = read_private_file(path);
  if (!file) {
    mistakes.configuration(fmt::format("configuration file: {}", file.error().message));
    return false;
  }
  Settings in_file;
  read_config_text(file->text, path, in_file, mistakes);
  bool holds_secrets = false;
  for (const Option& option : option_table()) {
    const Setting* setting = in_file.find(option.name);
    if (setting == nullptr) continue;
    holds_secrets = holds_secrets || may_be_secret(option, *setting);
    settings.put(option, *setting);
  }
  if (auto warning = warning_about(*file, path, holds_secrets); !warning.empty())
    warnings.push_back(std::move(warning));
  return true;
}

}  // namespace mcpio::cli
