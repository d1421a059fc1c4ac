// SPDX-License-Identifier: MIT
#include "bridge/merged_list.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "codec/json_view.h"

namespace mcpio::bridge {
namespace {

// A number that is finite and not negative; huge ones are fine.
bool is_duration(std::string_view json) {
  double value = 0;
  const auto [end, failed] = std::from_chars(json.data(), json.data() + json.size(), value);
  return failed == std::errc() && end == json.data() + json.size() && std::isfinite(value) &&
         value >= 0;
}

double number(std::string_view json) {
  double value = 0;
  std::from_chars(json.data(), json.data() + json.size(), value);
  return value;
}

}  // namespace

void MergedList::add(std::string_view result) {
  ++pages_;
  next_cursor_.reset();
  bool has_items = false;
  for (const codec::JsonField& field : codec::object_fields(result)) {
    if (field.name == list_) {
      has_items = true;
      add_items(field.value);
    } else if (field.name == "nextCursor") {
      if (!codec::is_null(field.value) && field.value != "\"\"") next_cursor_ = field.value;
    } else if (field.name == "ttlMs") {
      add_ttl(field.value);
    } else if (field.name == "cacheScope") {
      add_scope(field.value);
    } else {
      set(field.name, field.value);
    }
  }
  if (!has_items) well_formed_ = false;
}

void MergedList::add_items(std::string_view items) {
  if (!codec::is_array(items)) {
    well_formed_ = false;
    return;
  }
  const auto begin = items.find_first_not_of(" \t", 1);
  const auto last = items.find_last_not_of(" \t", items.size() - 2);
  if (begin > last || last == 0) return;
  if (!items_.empty()) items_ += ',';
  items_ += items.substr(begin, last - begin + 1);
}

void MergedList::add_ttl(std::string_view value) {
  ++ttl_.seen;
  if (!is_duration(value))
    ttl_.invalid = true;
  else if (ttl_.value.empty() || number(value) < number(ttl_.value))
    ttl_.value = value;
}

void MergedList::add_scope(std::string_view value) {
  ++scope_.seen;
  if (value != "\"public\"" && value != "\"private\"")
    scope_.invalid = true;
  else if (scope_.value.empty() || value == "\"private\"")
    scope_.value = value;
}

void MergedList::set(std::string_view name, std::string_view value) {
  const auto known = std::find_if(members_.begin(), members_.end(),
                                  [&](const auto& member) { return member.first == name; });
  if (known != members_.end())
    known->second = value;
  else
    members_.emplace_back(name, value);
}

std::string MergedList::hint_text(const Hint& hint, std::string_view worst) const {
  return hint.invalid || hint.seen < pages_ ? std::string(worst) : hint.value;
}

std::string MergedList::text() const {
  std::string out = fmt::format("{{\"{}\":[{}]", list_, items_);
  for (const auto& [name, value] : members_) out += fmt::format(",\"{}\":{}", name, value);
  if (ttl_.seen > 0) out += fmt::format(",\"ttlMs\":{}", hint_text(ttl_, "0"));
  if (scope_.seen > 0) out += fmt::format(",\"cacheScope\":{}", hint_text(scope_, "\"private\""));
  if (next_cursor_) out += fmt::format(",\"nextCursor\":{}", *next_cursor_);
  return out + "}";
}

}  // namespace mcpio::bridge
