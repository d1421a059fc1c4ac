// SPDX-License-Identifier: MIT
// A JSON text means the same however it is cut up, another parser agrees that it is one, and what
// came out stays as it is when it goes through once more.
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "codec/json_names.h"
#include "codec/json_scanner.h"
#include "codec/json_view.h"
#include "property.h"

namespace mcpio::fuzz {
namespace {

Result<codec::JsonText> scan(const Pieces& pieces) {
  codec::JsonScanner scanner(1 << 20);
  for (const auto piece : pieces)
    if (auto fed = scanner.feed(piece); !fed) return propagate(fed);
  return scanner.finish();
}

void check_same(const codec::JsonText& a, const codec::JsonText& b) {
  check(a.bytes.view() == b.bytes.view(), "the pieces give the text that the whole gives");
  check(a.members.size() == b.members.size(), "and as many members");
  for (std::size_t i = 0; i < a.members.size(); ++i) {
    check(a.name(a.members[i]) == b.name(b.members[i]), "with the same names");
    check(a.value(a.members[i]) == b.value(b.members[i]), "and the same values");
    check(a.members[i].name_is_escaped == b.members[i].name_is_escaped, "and the same escapes");
  }
}

void look_into(std::string_view json, int depth) {
  if (depth == 0) return;
  if (const auto text = codec::string_value(json)) {
    check(codec::string_value(codec::quoted(*text)) == text, "a string is read as it was quoted");
  }
  (void)codec::name_problem(json, {});
  codec::FieldReader fields(json);
  while (const auto field = fields.next()) look_into(field->value, depth - 1);
  codec::ElementReader elements(json);
  while (const auto element = elements.next()) look_into(*element, depth - 1);
}

}  // namespace
}  // namespace mcpio::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace mcpio::fuzz;
  const auto text = text_of(bytes, size);
  const auto cuts = cut_up(text);
  const auto whole = scan(cuts[0]);
  for (const auto& pieces : cuts) {
    const auto result = scan(pieces);
    check(result.has_value() == whole.has_value(), "the pieces are judged as the whole is");
    if (whole) check_same(*result, *whole);
  }
  if (!whole) {
    // That one takes a NUL for the end of the text, and has no limits.
    const bool is_too_large = whole.error().kind == mcpio::ErrorKind::too_large;
    const bool is_comparable = !is_too_large && text.find('\0') == text.npos;
    check(!is_comparable || !nlohmann::json::accept(text), "what another parser reads is JSON");
    return 0;
  }
  const auto line = whole->bytes.view();
  check(line.find_first_of("\r\n") == line.npos, "a text is one line");
  const auto again = scan({line});
  check(again.has_value(), "what came out goes in again");
  check_same(*again, *whole);
  look_into(line, 8);
  return 0;
}
