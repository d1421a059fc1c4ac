// SPDX-License-Identifier: MIT
// Turns the bytes of a text/event-stream into events, as the WHATWG HTML standard reads them
// (9.2.6).
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace mcpio::codec {

// Where the events of a stream go. A failure it returns stops the parser and comes out of feed().
class SseSink {
 public:
  virtual ~SseSink() = default;

  // A piece of the open event's data, in order, never empty; valid during the call. The line break
  // between two data lines arrives as "\n".
  virtual Result<void> data(std::string_view piece) = 0;

  // A blank line ended an event that had data. The type is "message" unless the stream says
  // otherwise.
  virtual Result<void> dispatch(std::string_view type) = 0;
};

// Feed it chunks as they arrive, split anywhere; then finish(). Data is never held here: it goes to
// the sink as views into the chunk, so that a message is copied once, into its consumer's buffer.
// The consumer sets the bound on an event's size; other lines are held up to
// limits::kSseFieldBytes, beyond which feed() fails with too_large. Pure; the sink must outlive the
// parser.
//
// One departure from the standard: an event whose data is empty is not dispatched, though its id
// counts. No message is empty, and the priming event of MCP 2025-11-25 is such an event.
class SseParser {
 public:
  explicit SseParser(SseSink& sink) : sink_(sink) {}

  // A line that is too long is ignored from now on, as a comment is: where the stream would only be
  // opened again at the same place, a failure helps nobody.
  void ignore_long_lines() { ignores_long_lines_ = true; }

  // After a failure it must not be fed again.
  Result<void> feed(std::string_view chunk);

  // The end of the stream. An event still open, even in the middle of a line, is dispatched if no
  // event of this stream, itself included, carried an id; else it is dropped, since the stream can
  // be resumed before it. In the second case its sink may have heard data that nothing follows.
  Result<void> finish();

  // From the latest event that a blank line ended and that had an id, itself or an event before it.
  const std::string& last_event_id() const { return last_event_id_; }

  // How long the server last asked us to wait before reconnecting, if it did; at most
  // limits::kLongestSseRetry.
  std::optional<std::chrono::milliseconds> retry() const { return retry_; }

  // Was something other than a comment received since the last blank line?
  bool has_open_event() const;

 private:
  // What the line being received is, as far as is known.
  enum class Line { field, data, comment };

  std::string_view without_mark(std::string_view chunk);
  Result<void> take(std::string_view piece);
  Result<void> take_field(std::string_view piece);
  Result<void> take_data(std::string_view piece);
  Result<void> begin_data();
  Result<void> end_line();
  Result<void> end_event();
  void set_field(std::string_view name, std::string_view value);
  void set_retry(std::string_view digits);

  SseSink& sink_;
  bool ignores_long_lines_ = false;
  std::string last_event_id_;
  std::optional<std::chrono::milliseconds> retry_;

  // The stream.
  std::size_t mark_bytes_ = 0;  // of the byte order mark, so far; all of them: past it
  bool after_cr_ = false;       // a line feed now belongs to the line end before it
  bool has_ids_ = false;

  // The line being received; its ending is never in it.
  Line line_ = Line::field;
  std::string field_;        // a field line; empty: nothing of it has come
  bool skip_space_ = false;  // a space now is the one after "data:"

  // The event the lines so far describe.
  bool is_open_ = false;
  bool has_data_line_ = false;
  bool has_data_ = false;  // the sink has heard some
  std::string type_;
  std::string id_;  // kept from event to event, as the standard has it
};

}  // namespace mcpio::codec
