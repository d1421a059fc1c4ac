// SPDX-License-Identifier: MIT
// A conversation, as a person reads it: what the client says on the left, the server on the right.
#pragma once

#include <chrono>
#include <ostream>
#include <string>
#include <string_view>

namespace mcpio::demo {

// Colour is for terminals; without `unicode` only ASCII is written.
struct Style {
  bool colour = false;
  bool unicode = false;
};

// Colour if stdout is a terminal and NO_COLOR is unset or empty; unicode if the locale is UTF-8.
Style style_of_stdout();
// The locale's name decides; the first of these environment values that is not empty.
bool names_utf8(std::string_view lc_all, std::string_view lc_ctype, std::string_view lang);

using Time = std::chrono::microseconds;
std::string show_time(Time time);    // "0.4 ms", "12 ms", "1.23 s"
std::string show_size(std::size_t);  // "5.0 MB"

class Transcript {
 public:
  Transcript(std::ostream& out, Style style);

  void title(std::string_view text);
  void heads();  // of the columns

  void client(Time at, std::string_view text);  // ->
  void server(Time at, std::string_view text);  // <- without judgement: a question
  void progress(Time at, std::string_view text);
  void answer(Time at, std::string_view text, Time took);  // <- and as expected

  void plain(std::string_view text);
  void success(std::string_view text);
  void failure(std::string_view text);

 private:
  enum class Colour { none, dim, bold, red, green, cyan };

  std::string time(Time at) const;
  std::string painted(Colour colour, std::string_view text) const;
  void line(std::string_view text);

  std::ostream& out_;
  const Style style_;
};

}  // namespace mcpio::demo
