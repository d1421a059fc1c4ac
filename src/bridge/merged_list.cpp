// SPDX-License-Identifier: MIT
#include "bridge/merged_list.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/limits.h"

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

bool MergedList::add(std::string_view result) {
  if (result.size() > max_bytes_ - bytes_) return false;
  std::vector<codec::JsonField> fields;
  codec::FieldReader reader(result);
  while (const auto field = reader.next()) {
    if (members_.size() + fields.size() == limits::kListMembers) return false;
    fields.push_back(*field);
  }
  bytes_ += result.size();
  ++pages_;
  next_cursor_.reset();
  bool has_items = false;
  for (const codec::JsonField& field : fields) {
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
  return true;
}

void MergedList::add_items(std::string_view items) {
  if (!codec::is_array(items)) {
    well_formed_ = false;
    return;
  }
  const auto begin = items.find_first_not_of(" \t", 1);
  const auto last = items.find_last_not_of(" \t", items.size() - 2);
  if (begin > last || last == 0) return;
  items_.push_back(items.substr(begin, last - begin + 1));
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

std::string_view MergedList::hint_text(const Hint& hint, std::string_view worst) const {
  return hint.invalid || hint.seen < pages_ ? worst : hint.value;
}

std::vector<std::string_view> MergedList::text() const {
  std::vector<std::string_view> out{"{\"", list_, "\":["};
  for (const std::string_view& items : items_) {
    if (&items != &items_.front()) out.emplace_back(",");
    out.push_back(items);
  }
  out.emplace_back("]");
  const auto append = [&](std::string_view name, std::string_view value) {
    out.insert(out.end(), {",\"", name, "\":", value});
  };
  for (const auto& [name, value] : members_) append(name, value);
  if (ttl_.seen > 0) append("ttlMs", hint_text(ttl_, "0"));
  if (scope_.seen > 0) append("cacheScope", hint_text(scope_, "\"private\""));
  if (next_cursor_) append("nextCursor", *next_cursor_);
  out.emplace_back("}");
  return out;
}

}  // namespace mcpio::bridge
