// SPDX-License-Identifier: MIT
// Takes in one JSON text as it arrives, checks it, and makes one line of it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/buffer.h"
#include "base/limits.h"
#include "base/result.h"

namespace mcpio::codec {

// A member of the outermost object, as places in the text. The name is without its quotes, the
// value is its JSON text.
struct JsonMember {
  std::size_t name_at = 0;
  std::size_t name_size = 0;
  std::size_t value_at = 0;
  std::size_t value_size = 0;
  bool name_is_escaped = false;  // the name contains a backslash
};

// One well-formed JSON text in one line, and where the members of its outermost object stand.
struct JsonText {
  Buffer bytes;
  std::vector<JsonMember> members;  // in order, duplicates included; empty unless an object

  bool is_object() const { return !bytes.empty() && bytes.view().front() == '{'; }
  bool is_array() const { return !bytes.empty() && bytes.view().front() == '['; }
  std::string_view name(const JsonMember& m) const {
    return bytes.view().substr(m.name_at, m.name_size);
  }
  std::string_view value(const JsonMember& m) const {
    return bytes.view().substr(m.value_at, m.value_size);
  }
};

// Feed it pieces, split anywhere; then finish(). It checks the whole grammar (RFC 8259, UTF-8
// included) in one pass and keeps the bytes as they are, but for two things: a line break between
// tokens goes, with the white space behind it, and a raw U+2028 or U+2029 in a string becomes its
// escape, since some readers of lines end a line there. Leading and trailing white space and one
// byte order mark are dropped. Pure; holds no more than `max_bytes` of text, charged to `budget` if
// given, and limits::kTopMembers members.
//
// After a failure bytes() and members() show what was understood until then: the beginning of the
// text, and the members that are whole.
class JsonScanner {
 public:
  explicit JsonScanner(std::size_t max_bytes, Budget* budget = nullptr);

  // Fails with protocol (not JSON) or too_large; then it must not be fed again.
  Result<void> feed(std::string_view piece);

  // The text, if it is complete. The scanner is ready for the next one afterwards, whatever comes
  // out. No text at all (nothing but white space was fed) fails with protocol.
  Result<JsonText> finish();

  // Forgets what was fed.
  void reset();

  bool is_empty() const { return state_ == State::start; }
  // A guess at the size, to save growing. Never more than max_bytes is reserved.
  void expect(std::size_t bytes);

  std::string_view bytes() const { return text_.bytes.view(); }
  const std::vector<JsonMember>& members() const { return text_.members; }

 private:
  enum class State : std::uint8_t {
    start,
    bom_1,
    bom_2,  // nothing yet; inside a byte order mark
    value,
    first_element,
    first_name,
    name,
    colon,
    separator,
    string,
    escape,
    hex,
    continuation,  // inside a string; inside one of its characters
    minus,
    zero,
    integer,
    point,
    fraction,
    exponent,
    exponent_sign,
    exponent_digits,
    literal,
    done,
    failed,
  };

  const char* step(const char* at, const char* end);
  const char* run_deep(const char* at, const char* end);
  const char* skip_space(const char* at, const char* end);
  const char* read_string(const char* at, const char* end);
  const char* read_continuation(const char* at, const char* end);
  const char* begin_value(const char* at);
  const char* begin_name(const char* at);
  const char* after_value(const char* at);
  const char* read_number(const char* at, const char* end);
  const char* read_literal(const char* at, const char* end);
  const char* read_hex(const char* at, const char* end);
  const char* end_string(const char* at);
  void end_value(const char* at);
  void open(bool object);
  void close(const char* at);
  void begin_character(unsigned char lead);
  void escape_line_separator(const char* last_byte);

  bool number_may_end() const;
  bool at_member() const { return depth_ == 1 && in_object_; }
  bool is_object_at(std::size_t depth) const {
    return (nesting_[depth / 64] >> (depth % 64) & 1) != 0;
  }
  // Where a byte of the piece will stand in the text.
  std::size_t offset(const char* at) const {
    return text_.bytes.size() + static_cast<std::size_t>(at - run_);
  }
  // Appends what is kept up to here, and leaves out the bytes until `next`.
  void keep_until(const char* at, const char* next);
  void append(std::string_view kept);
  void drop_cut_members();
  void wrong(std::string_view problem) { give_up(ErrorKind::protocol, problem); }
  void give_up(ErrorKind kind, std::string_view problem);
  std::unexpected<Error> failure(std::size_t at) const;

  const std::size_t max_bytes_;
  Budget* const budget_;
  JsonText text_;
  std::size_t consumed_ = 0;   // bytes fed before the current piece
  const char* run_ = nullptr;  // in the current piece: kept from here on, and not yet appended

  State state_ = State::start;
  std::size_t depth_ = 0;
  bool in_object_ = false;  // the innermost open thing is an object
  std::array<std::uint64_t, limits::kJsonDepth / 64> nesting_{};  // which of the open ones are
  bool in_name_ = false;      // the string being read is a member's name
  bool after_break_ = false;  // a line break was just left out: so is the white space behind it

  std::uint8_t bytes_left_ = 0;      // of the multi-byte character being read
  std::uint8_t low_ = 0, high_ = 0;  // range of its next byte
  std::uint32_t code_point_ = 0;
  std::uint8_t hex_left_ = 0;      // digits of \uXXXX
  std::string_view literal_left_;  // of true, false, null

  ErrorKind failure_ = ErrorKind::protocol;
  std::string_view problem_;
};

}  // namespace mcpio::codec
