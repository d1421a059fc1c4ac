// SPDX-License-Identifier: MIT
// JSON documents of other people (metadata, token answers, keys), read by name; and small ones of
// our own.
//
// Not for messages, which are relayed as they are: see json_scanner.h.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace mcpio::codec {

// A JSON object, read once. Copies share it. A member of another type than asked for is as good as
// none: documents in the field hold null, numbers and single strings where they should not. Of
// members named twice the last one counts.
class JsonObject {
 public:
  // Fails with protocol: not JSON, not an object, nested deeper than 64. `what` names the document
  // in the error: "token response".
  static Result<JsonObject> parse(std::string_view text, std::string_view what);

  bool has(std::string_view key) const;

  // Fails with protocol and the key's name if it is absent, no string, or empty.
  Result<std::string> required_string(std::string_view key) const;
  std::optional<std::string> string(std::string_view key) const;
  // The strings of an array, other items left out; no value: absent or no array.
  std::optional<std::vector<std::string>> strings(std::string_view key) const;
  // A finite number, or a string that is one.
  std::optional<double> number(std::string_view key) const;
  // True only for the JSON value true.
  bool is_true(std::string_view key) const;
  std::optional<JsonObject> object(std::string_view key) const;
  // The objects of an array, other items left out; none if it is absent or no array.
  std::vector<JsonObject> objects(std::string_view key) const;

  std::vector<std::string> keys() const;
  // The whole object, or one member's value, as compact JSON text; members in alphabetical order.
  std::string text() const;
  std::optional<std::string> text(std::string_view key) const;

 private:
  struct Node;  // keeps the JSON library out of this header
  explicit JsonObject(std::shared_ptr<const Node> node) : node_(std::move(node)) {}

  std::shared_ptr<const Node> node_;
};

// Writes one object, members in the order they are added, without white space:
//
//   JsonWriter().add("a", "x").add("n", 1).add_json("list", "[1]").text()
class JsonWriter {
 public:
  JsonWriter& add(std::string_view key, std::string_view value);
  JsonWriter& add(std::string_view key, const char* value) {
    return add(key, std::string_view(value));
  }
  JsonWriter& add(std::string_view key, long long value);
  JsonWriter& add(std::string_view key, bool value);
  JsonWriter& add(std::string_view key, const std::vector<std::string>& values);
  // `json` is JSON text.
  JsonWriter& add_json(std::string_view key, std::string_view json);
  // Only if there is a value.
  JsonWriter& add(std::string_view key, const std::optional<std::string>& value) {
    return value ? add(key, std::string_view(*value)) : *this;
  }
  JsonWriter& add(std::string_view key, const std::string& value) {
    return add(key, std::string_view(value));
  }
  JsonWriter& add(std::string_view key, int value) {
    return add(key, static_cast<long long>(value));
  }

  std::string text() const { return "{" + members_ + "}"; }

 private:
  std::string members_;
};

}  // namespace mcpio::codec
