// SPDX-License-Identifier: MIT
// A document is read the same when it is written anew, and the scanner of messages, which follows
// the grammar by itself, agrees that it is JSON.
#include <string>

#include "codec/json_document.h"
#include "codec/json_scanner.h"
#include "property.h"

namespace mcpio::fuzz {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool is_json(std::string_view text) {
  codec::JsonScanner scanner(1 << 20);
  return scanner.feed(text) && scanner.finish();
}

// By every way there is to look at a member.
std::string written(const codec::JsonObject& object) {
  codec::JsonWriter writer;
  for (const std::string& key : object.keys()) {
    check(object.has(key), "each member is there");
    const auto text = object.text(key);
    check(text.has_value(), "and has a text");
    const auto string = object.string(key);
    const auto strings = object.strings(key);
    const auto inner = object.object(key);
    check(!string || !object.is_true(key), "of one type");
    check(!inner || (!string && !strings && !object.number(key)), "and of no other");
    if (string) {
      writer.add(key, string);
    } else if (inner) {
      writer.add_json(key, written(*inner));
    } else if (object.is_true(key)) {
      writer.add(key, true);
    } else {
      writer.add_json(key, *text);
    }
    for (const auto& item : object.objects(key)) (void)written(item);
  }
  return writer.text();
}

}  // namespace
}  // namespace mcpio::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace mcpio;
  using fuzz::check;
  auto text = fuzz::text_of(bytes, size);
  const auto object = codec::JsonObject::parse(text, "document");
  if (!object) return 0;
  if (text.starts_with(fuzz::kByteOrderMark)) text.remove_prefix(fuzz::kByteOrderMark.size());
  check(fuzz::is_json(text), "another reader agrees");

  const auto again = codec::JsonObject::parse(fuzz::written(*object), "document");
  check(again && again->text() == object->text(), "what was written member by member is the same");
  return 0;
}
