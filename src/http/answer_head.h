// SPDX-License-Identifier: MIT
// Puts the header of an answer together from the lines that libcurl hands over. Pure.
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>

#include "http/message.h"

namespace mcpio::http {

// Heads of interim answers (1xx) are skipped, but count towards the bound, so that they may not go
// on for ever; so do trailers, which are dropped.
class AnswerHead {
 public:
  explicit AnswerHead(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  // One line as it came: the status line, a field, or the empty line at the end. False: this is
  // more than the bound allows.
  bool take(std::string_view line);

  // The head of the final answer is there, to its empty line.
  bool is_complete() const { return complete_; }
  Head release() { return std::move(head_); }
  std::string_view version() const { return head_.version; }

 private:
  void begin(std::string_view status_line);
  void begin_field(std::string_view line);
  void end_field();

  const std::size_t max_bytes_;
  std::size_t bytes_ = 0;
  bool complete_ = false;
  Head head_;
  Field open_;  // may go on in the next line; no name: none
};

}  // namespace mcpio::http
