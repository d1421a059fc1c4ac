// SPDX-License-Identifier: MIT
#include "codec/sse_parser.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <utility>

#include "base/limits.h"

namespace mcpio::codec {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kData = "data:";

// Finds the ends of lines in one chunk. memchr looks at each byte once for either character, also
// where a chunk has many lines and only one kind of ending.
class LineEnds {
 public:
  explicit LineEnds(std::string_view chunk) : end_(chunk.data() + chunk.size()) {
    feed_ = find('\n', chunk.data());
    return_ = find('\r', chunk.data());
  }

  // The first CR or LF from `at` on, else the end of the chunk.
  const char* next(const char* at) {
    if (feed_ < at) feed_ = find('\n', at);
    if (return_ < at) return_ = find('\r', at);
    return std::min(feed_, return_);
  }

 private:
  const char* find(char c, const char* from) const {
    const void* found = std::memchr(from, c, static_cast<std::size_t>(end_ - from));
    return found != nullptr ? static_cast<const char*>(found) : end_;
  }

  const char* end_;
  const char* feed_;
  const char* return_;
};

}  // namespace

bool SseParser::has_open_event() const {
  return is_open_ || line_ == Line::data || !field_.empty();
}

Result<void> SseParser::feed(std::string_view chunk) {
  chunk = without_mark(chunk);
  if (chunk.empty()) return ok();
  if (after_cr_ && chunk.front() == '\n') chunk.remove_prefix(1);
  after_cr_ = false;

  LineEnds ends(chunk);
  const char* const end = chunk.data() + chunk.size();
  for (const char* at = chunk.data(); at != end;) {
    const char* const line_end = ends.next(at);
    auto taken = take(std::string_view(at, static_cast<std::size_t>(line_end - at)));
    if (!taken) return taken;
    if (line_end == end) return ok();
    if (auto ended = end_line(); !ended) return ended;

    at = line_end + 1;
    if (*line_end != '\r') continue;
    after_cr_ = at == end;
    if (at != end && *at == '\n') ++at;
  }
  return ok();
}

// The chunk without what it holds of a byte order mark at the start of the stream.
std::string_view SseParser::without_mark(std::string_view chunk) {
  while (mark_bytes_ < kByteOrderMark.size() && !chunk.empty()) {
    if (chunk.front() != kByteOrderMark[mark_bytes_]) {
      field_.append(kByteOrderMark.substr(0, mark_bytes_));  // it was the start of a name
      mark_bytes_ = kByteOrderMark.size();
      return chunk;
    }
    chunk.remove_prefix(1);
    ++mark_bytes_;
  }
  return chunk;
}

// A part of a line, or all of it.
Result<void> SseParser::take(std::string_view piece) {
  if (piece.empty() || line_ == Line::comment) return ok();
  if (line_ == Line::data) return take_data(piece);
  return take_field(piece);
}

Result<void> SseParser::take_field(std::string_view piece) {
  if (field_.empty() && piece.front() == ':') {
    line_ = Line::comment;
    return ok();
  }
  // Five bytes tell whether it is data, which is not gathered here.
  if (field_.size() < kData.size()) {
    const std::string_view start = piece.substr(0, kData.size() - field_.size());
    field_.append(start);
    piece.remove_prefix(start.size());
    if (field_ == kData) {
      if (auto begun = begin_data(); !begun) return begun;
      return take_data(piece);
    }
  }
  if (field_.size() + piece.size() > limits::kSseFieldBytes) {
    if (!ignores_long_lines_)
      return fail(ErrorKind::too_large, "a line of the event stream that is no data is too long");
    line_ = Line::comment;
    field_.clear();
    return ok();
  }
  field_.append(piece);
  return ok();
}

Result<void> SseParser::begin_data() {
  line_ = Line::data;
  skip_space_ = true;
  field_.clear();
  if (!std::exchange(has_data_line_, true)) return ok();
  has_data_ = true;
  return sink_.data("\n");
}

Result<void> SseParser::take_data(std::string_view piece) {
  if (piece.empty()) return ok();
  if (std::exchange(skip_space_, false) && piece.front() == ' ') piece.remove_prefix(1);
  if (piece.empty()) return ok();
  has_data_ = true;
  return sink_.data(piece);
}

Result<void> SseParser::end_line() {
  const Line ended = std::exchange(line_, Line::field);
  if (ended == Line::comment) return ok();
  if (ended == Line::field && field_.empty()) return end_event();
  is_open_ = true;
  if (ended == Line::data) return ok();

  const std::string line = std::exchange(field_, {});
  if (line == "data") {
    auto begun = begin_data();
    line_ = Line::field;
    return begun;
  }
  const std::size_t colon = std::min(line.find(':'), line.size());
  std::string_view value = std::string_view(line).substr(std::min(colon + 1, line.size()));
  if (value.starts_with(' ')) value.remove_prefix(1);
  set_field(std::string_view(line).substr(0, colon), value);
  return ok();
}

void SseParser::set_field(std::string_view name, std::string_view value) {
  if (name == "event") type_ = value;
  if (name == "retry") set_retry(value);
  if (name == "id" && value.find('\0') == value.npos) {
    id_ = value;
    has_ids_ = has_ids_ || !id_.empty();
  }
}

void SseParser::set_retry(std::string_view digits) {
  const bool is_number =
      !digits.empty() && std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
  if (!is_number) return;
  constexpr std::chrono::milliseconds kLongest = limits::kLongestSseRetry;
  std::chrono::milliseconds::rep value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  const bool fits = error == std::errc() && value <= kLongest.count();
  retry_ = fits ? std::chrono::milliseconds(value) : kLongest;
}

Result<void> SseParser::end_event() {
  last_event_id_ = id_;
  is_open_ = false;
  has_data_line_ = false;
  const std::string type = std::exchange(type_, {});
  if (!std::exchange(has_data_, false)) return ok();
  return sink_.dispatch(type.empty() ? "message" : std::string_view(type));
}

Result<void> SseParser::finish() {
  if (line_ != Line::field || !field_.empty()) {
    if (auto ended = end_line(); !ended) return ended;
  }
  if (has_ids_) return ok();
  return end_event();
}

}  // namespace mcpio::codec
