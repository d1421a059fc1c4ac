// SPDX-License-Identifier: MIT
#include "codec/json_scanner.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "codec/json_bytes.h"

namespace mcpio::codec {
namespace {

constexpr std::string_view kOverLimit = "the message is larger than allowed";

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_break(char c) { return c == '\n' || c == '\r'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_short_escape(char c) {
  return std::string_view("\"\\/bfnrt").find(c) != std::string_view::npos;
}

// The size is known, so that this is a comparison of two registers.
template <std::size_t size>
bool is_word(const char* at, const char* end, const char (&word)[size]) {
  return end - at >= static_cast<std::ptrdiff_t>(size - 1) && std::memcmp(at, word, size - 1) == 0;
}

const char* skip_one_space(const char* at, const char* end) {
  return at != end && *at == ' ' ? at + 1 : at;
}

// Behind an integer, or a number with a plain fraction, that ends before `end`; null: it is
// something else, or may go on.
const char* skip_plain_number(const char* at, const char* end) {
  const auto skip_digits = [&] {
    while (at != end && is_digit(*at)) ++at;
  };
  if (*at == '-') ++at;
  if (at == end || !is_digit(*at)) return nullptr;
  const bool is_zero = *at == '0';
  const char* const first = at;
  skip_digits();
  if (is_zero && at - first > 1) return nullptr;
  if (at != end && *at == '.') {
    const char* const point = at++;
    skip_digits();
    if (at - point == 1) return nullptr;
  }
  if (at == end || *at == '.' || *at == 'e' || *at == 'E') return nullptr;
  return at;
}

}  // namespace

JsonScanner::JsonScanner(std::size_t max_bytes, Budget* budget)
    : max_bytes_(max_bytes), budget_(budget) {
  reset();
}

void JsonScanner::reset() {
  text_ = JsonText{.bytes = Buffer(budget_), .members = {}};
  consumed_ = 0;
  state_ = State::start;
  depth_ = 0;
  in_object_ = false;
  after_break_ = false;
  problem_ = {};
}

void JsonScanner::expect(std::size_t bytes) {
  (void)text_.bytes.reserve(std::min(bytes, max_bytes_));  // a guess: growing later does as well
}

Result<void> JsonScanner::feed(std::string_view piece) {
  const char* at = piece.data();
  const char* const end = at + piece.size();
  run_ = at;
  while (at != end && state_ != State::failed) {
    if (depth_ > 1) at = run_deep(at, end);
    if (at != end) at = step(at, end);
  }
  keep_until(at, at);
  if (state_ == State::failed) {
    drop_cut_members();
    return failure(consumed_ + static_cast<std::size_t>(at - piece.data()));
  }
  consumed_ += piece.size();
  return ok();
}

Result<JsonText> JsonScanner::finish() {
  if (number_may_end()) end_value(run_);
  if (state_ == State::start) wrong("there is no JSON text");
  if (state_ != State::done && state_ != State::failed) wrong("the JSON text ends too early");
  if (state_ == State::failed) {
    auto failed = failure(consumed_);
    reset();
    return failed;
  }
  JsonText text = std::move(text_);
  reset();
  return text;
}

// Reads on from one place between tokens, or inside one where the last piece ended. Always gets at
// least one byte further, fails, or changes the state.
const char* JsonScanner::step(const char* at, const char* end) {
  switch (state_) {
    case State::start:
      if (*at == '\xEF') {
        state_ = State::bom_1;
        run_ = at + 1;
        return at + 1;
      }
      [[fallthrough]];
    case State::value:
    case State::first_element:
      if (is_space(*at)) return skip_space(at, end);
      if (*at == ']' && state_ == State::first_element) return close(at), at + 1;
      return begin_value(at);
    case State::first_name:
    case State::name:
      if (is_space(*at)) return skip_space(at, end);
      if (*at == '}' && state_ == State::first_name) return close(at), at + 1;
      return begin_name(at);
    case State::colon:
      if (is_space(*at)) return skip_space(at, end);
      if (*at != ':') return wrong("a colon is missing"), at;
      after_break_ = false;
      state_ = State::value;
      return at + 1;
    case State::separator:
      if (is_space(*at)) return skip_space(at, end);
      return after_value(at);
    case State::string:
      return read_string(at, end);
    case State::escape:
      if (*at == 'u') {
        hex_left_ = 4;
        state_ = State::hex;
        return at + 1;
      }
      if (!is_short_escape(*at)) return wrong("an escape that JSON does not have"), at;
      state_ = State::string;
      return at + 1;
    case State::hex:
      return read_hex(at, end);
    case State::continuation:
      return read_continuation(at, end);
    case State::literal:
      return read_literal(at, end);
    case State::bom_1:
    case State::bom_2:
      if (*at != (state_ == State::bom_1 ? '\xBB' : '\xBF'))
        return wrong("an unexpected character"), at;
      state_ = state_ == State::bom_1 ? State::bom_2 : State::value;
      run_ = at + 1;
      return at + 1;
    case State::done:
      if (!is_space(*at)) return wrong("something follows the JSON text"), at;
      return skip_space(at, end);
    case State::failed:
      return at;
    default:
      return read_number(at, end);
  }
}

// The same for what large messages consist of: whole tokens inside of inner arrays and objects,
// where no places need to be remembered, without escapes or other letters than ASCII's, and without
// white space but for a single space behind a comma or a colon, as many writers put it. Stops in
// front of anything else, with the state in which step() goes on; so it may always stop.
const char* JsonScanner::run_deep(const char* at, const char* end) {
  switch (state_) {
    case State::value:
    case State::first_element:
      goto value;
    case State::name:
    case State::first_name:
      goto name;
    case State::separator:
      goto separator;
    default:
      return at;
  }

value:
  if (at == end) return at;
  switch (*at) {
    case '"': {
      const char* const close_quote = find_special(at + 1, end);
      if (close_quote == end || *close_quote != '"') return at;
      at = close_quote + 1;
      break;
    }
    case '{':
    case '[':
      if (depth_ == limits::kJsonDepth) return at;
      open(*at++ == '{');
      after_break_ = false;
      if (in_object_) goto name;
      goto value;
    case 't':
      if (!is_word(at, end, "true")) return at;
      at += 4;
      break;
    case 'f':
      if (!is_word(at, end, "false")) return at;
      at += 5;
      break;
    case 'n':
      if (!is_word(at, end, "null")) return at;
      at += 4;
      break;
    default: {
      const char* const behind = skip_plain_number(at, end);
      if (behind == nullptr) return at;
      at = behind;
    }
  }
  state_ = State::separator;
  after_break_ = false;

separator:
  if (at == end) return at;
  if (*at == ',') {
    at = skip_one_space(at + 1, end);
    after_break_ = false;
    state_ = in_object_ ? State::name : State::value;
    if (in_object_) goto name;
    goto value;
  }
  if (*at != (in_object_ ? '}' : ']') || depth_ == 2) return at;
  ++at;
  --depth_;
  in_object_ = is_object_at(depth_ - 1);
  goto separator;

name:
  if (at == end || *at != '"') return at;
  {
    const char* const close_quote = find_special(at + 1, end);
    if (close_quote == end || *close_quote != '"') return at;
    if (close_quote + 1 == end || close_quote[1] != ':') return at;
    at = skip_one_space(close_quote + 2, end);
  }
  state_ = State::value;
  after_break_ = false;
  goto value;
}

// White space stays as it is, except around the text, and from a line break on.
const char* JsonScanner::skip_space(const char* at, const char* end) {
  const bool around = state_ == State::done || offset(at) == 0;
  if (!around && !after_break_)
    while (at != end && is_space(*at) && !is_break(*at)) ++at;
  if (at == end || !is_space(*at)) return at;
  after_break_ = !around;
  const char* next = std::find_if_not(at, end, is_space);
  keep_until(at, next);
  return next;
}

const char* JsonScanner::begin_value(const char* at) {
  after_break_ = false;
  if (at_member()) text_.members.back().value_at = offset(at);
  switch (*at) {
    case '"':
      in_name_ = false;
      state_ = State::string;
      return at + 1;
    case '{':
      open(true);
      return at + 1;
    case '[':
      open(false);
      return at + 1;
    case '-':
      state_ = State::minus;
      return at + 1;
    case '0':
      state_ = State::zero;
      return at + 1;
    case 't':
      literal_left_ = "rue";
      break;
    case 'f':
      literal_left_ = "alse";
      break;
    case 'n':
      literal_left_ = "ull";
      break;
    default:
      if (!is_digit(*at)) return wrong("an unexpected character"), at;
      state_ = State::integer;
      return at + 1;
  }
  state_ = State::literal;
  return at + 1;
}

const char* JsonScanner::begin_name(const char* at) {
  after_break_ = false;
  if (*at != '"') return wrong("a member's name is missing"), at;
  in_name_ = true;
  if (at_member()) {
    if (text_.members.empty()) text_.members.reserve(4);  // what JSON-RPC has
    if (text_.members.size() == limits::kTopMembers)
      return give_up(ErrorKind::too_large, "too many members in the outermost object"), at;
    text_.members.emplace_back().name_at = offset(at) + 1;
  }
  state_ = State::string;
  return at + 1;
}

const char* JsonScanner::after_value(const char* at) {
  after_break_ = false;
  if (*at == ',') {
    state_ = in_object_ ? State::name : State::value;
    return at + 1;
  }
  if (*at != (in_object_ ? '}' : ']')) return wrong("a comma is missing"), at;
  close(at);
  return at + 1;
}

void JsonScanner::open(bool object) {
  if (depth_ == limits::kJsonDepth)
    return give_up(ErrorKind::too_large, "arrays and objects are nested too deep");
  const std::uint64_t bit = std::uint64_t{1} << (depth_ % 64);
  std::uint64_t& word = nesting_[depth_ / 64];
  word = object ? word | bit : word & ~bit;
  ++depth_;
  in_object_ = object;
  state_ = object ? State::first_name : State::first_element;
}

void JsonScanner::close(const char* at) {
  after_break_ = false;
  --depth_;
  in_object_ = depth_ > 0 && is_object_at(depth_ - 1);
  end_value(at + 1);
}

// `at` is behind the value's last byte.
void JsonScanner::end_value(const char* at) {
  if (at_member()) {
    JsonMember& member = text_.members.back();
    member.value_size = offset(at) - member.value_at;
  }
  state_ = depth_ == 0 ? State::done : State::separator;
}

const char* JsonScanner::read_string(const char* at, const char* end) {
  while (state_ == State::string) {
    at = find_special(at, end);
    if (at == end) return at;
    const auto byte = static_cast<unsigned char>(*at);
    if (byte == '"') return end_string(at);
    if (byte == '\\') {
      if (in_name_ && at_member()) text_.members.back().name_is_escaped = true;
      const bool is_whole = end - at > 1 && is_short_escape(at[1]);
      at += is_whole ? 2 : 1;
      if (!is_whole) state_ = State::escape;
    } else if (byte < 0x20) {
      wrong("a control character in a string");
    } else {
      begin_character(byte);
      if (state_ == State::continuation) at = read_continuation(at + 1, end);
    }
  }
  return at;
}

const char* JsonScanner::end_string(const char* at) {
  if (!in_name_) {
    end_value(at + 1);
    return at + 1;
  }
  if (at_member()) {
    JsonMember& member = text_.members.back();
    member.name_size = offset(at) - member.name_at;
  }
  state_ = State::colon;
  return at + 1;
}

// RFC 3629, section 4: well-formed sequences by their lead byte.
void JsonScanner::begin_character(unsigned char lead) {
  low_ = 0x80;
  high_ = 0xBF;
  state_ = State::continuation;
  if (lead >= 0xC2 && lead <= 0xDF) {
    bytes_left_ = 1;
    code_point_ = lead & 0x1Fu;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    bytes_left_ = 2;
    code_point_ = lead & 0x0Fu;
    if (lead == 0xE0) low_ = 0xA0;
    if (lead == 0xED) high_ = 0x9F;
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    bytes_left_ = 3;
    code_point_ = lead & 0x07u;
    if (lead == 0xF0) low_ = 0x90;
    if (lead == 0xF4) high_ = 0x8F;
  } else {
    wrong("invalid UTF-8");
  }
}

const char* JsonScanner::read_continuation(const char* at, const char* end) {
  for (; at != end; ++at) {
    const auto byte = static_cast<unsigned char>(*at);
    if (byte < low_ || byte > high_) return wrong("invalid UTF-8"), at;
    low_ = 0x80;
    high_ = 0xBF;
    code_point_ = code_point_ << 6 | (byte & 0x3Fu);
    if (--bytes_left_ > 0) continue;
    state_ = State::string;
    if (code_point_ == 0x2028 || code_point_ == 0x2029) escape_line_separator(at);
    return at + 1;
  }
  return at;
}

// Some readers of lines end a line at U+2028 and U+2029; their escapes mean the same in JSON.
void JsonScanner::escape_line_separator(const char* last_byte) {
  const std::string_view escaped = code_point_ == 0x2028 ? "\\u2028" : "\\u2029";
  keep_until(last_byte + 1, last_byte + 1);
  if (state_ == State::failed) return;
  if (in_name_ && at_member()) text_.members.back().name_is_escaped = true;
  text_.bytes.truncate(text_.bytes.size() - 3);
  append(escaped);
}

const char* JsonScanner::read_hex(const char* at, const char* end) {
  for (; at != end && hex_left_ > 0; ++at, --hex_left_)
    if (!is_hex(*at)) return wrong("an escape with a digit missing"), at;
  if (hex_left_ == 0) state_ = State::string;
  return at;
}

const char* JsonScanner::read_literal(const char* at, const char* end) {
  for (; at != end && !literal_left_.empty(); ++at, literal_left_.remove_prefix(1))
    if (*at != literal_left_.front()) return wrong("an unexpected word"), at;
  if (literal_left_.empty()) end_value(at);
  return at;
}

bool JsonScanner::number_may_end() const {
  return state_ == State::zero || state_ == State::integer || state_ == State::fraction ||
         state_ == State::exponent_digits;
}

// RFC 8259, section 6.
const char* JsonScanner::read_number(const char* at, const char* end) {
  for (; at != end; ++at) {
    const char c = *at;
    switch (state_) {
      case State::integer:
      case State::fraction:
      case State::exponent_digits:
        if (is_digit(c)) continue;
        break;
      case State::minus:
        if (!is_digit(c)) return wrong("a number with a digit missing"), at;
        state_ = c == '0' ? State::zero : State::integer;
        continue;
      case State::point:
        if (!is_digit(c)) return wrong("a number with a digit missing"), at;
        state_ = State::fraction;
        continue;
      case State::exponent:
        if (c == '+' || c == '-') {
          state_ = State::exponent_sign;
          continue;
        }
        [[fallthrough]];
      case State::exponent_sign:
        if (!is_digit(c)) return wrong("a number with a digit missing"), at;
        state_ = State::exponent_digits;
        continue;
      default:
        break;
    }
    if (c == '.' && (state_ == State::zero || state_ == State::integer)) {
      state_ = State::point;
    } else if ((c == 'e' || c == 'E') && state_ != State::exponent_digits) {
      state_ = State::exponent;
    } else {
      end_value(at);
      return at;
    }
  }
  return at;
}

void JsonScanner::keep_until(const char* at, const char* next) {
  append(std::string_view(run_, static_cast<std::size_t>(at - run_)));
  run_ = next;
}

// What does not fit is cut, so that the beginning can still be looked at.
void JsonScanner::append(std::string_view kept) {
  const std::size_t size = text_.bytes.size();
  if (kept.size() > max_bytes_ - size) {
    (void)text_.bytes.append(kept.substr(0, max_bytes_ - size));
    return give_up(ErrorKind::too_large, kOverLimit);
  }
  if (text_.bytes.append(kept)) return;
  if (size < Buffer::kFree) (void)text_.bytes.append(kept.substr(0, Buffer::kFree - size));
  give_up(ErrorKind::too_large, "too many bytes are buffered already");
}

void JsonScanner::drop_cut_members() {
  std::erase_if(text_.members, [&](const JsonMember& member) {
    return member.value_size == 0 || member.value_at + member.value_size > text_.bytes.size();
  });
}

void JsonScanner::give_up(ErrorKind kind, std::string_view problem) {
  state_ = State::failed;
  failure_ = kind;
  problem_ = problem;
}

std::unexpected<Error> JsonScanner::failure(std::size_t at) const {
  if (problem_ == kOverLimit)
    return fail(failure_, fmt::format("{} (the limit is {} bytes; see --max-message-size)",
                                      problem_, max_bytes_));
  if (failure_ == ErrorKind::too_large) return fail(failure_, std::string(problem_));
  return fail(failure_, fmt::format("not JSON: {} at byte {}", problem_, at));
}

}  // namespace mcpio::codec
