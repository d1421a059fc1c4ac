// SPDX-License-Identifier: MIT
#include "http/response_head.h"

#include <fmt/chrono.h>

#include <algorithm>
#include <array>
#include <boost/beast/http/status.hpp>
#include <iterator>
#include <string_view>

namespace mcpio::http {
namespace {

constexpr std::array<std::string_view, 5> kFramingFields = {"Connection", "Content-Length", "Date",
                                                            "Keep-Alive", "Transfer-Encoding"};

bool is_framing(std::string_view name) {
  return std::any_of(kFramingFields.begin(), kFramingFields.end(),
                     [&](std::string_view ours) { return equals_ignoring_case(ours, name); });
}

void append_in_one_line(std::string& out, std::string_view text) {
  std::transform(text.begin(), text.end(), std::back_inserter(out),
                 [](char c) { return c == '\r' || c == '\n' || c == '\0' ? ' ' : c; });
}

}  // namespace

bool allows_body(int status) { return status >= 200 && status != 204 && status != 304; }

std::string response_head(int status, const Fields& fields, const Framing& framing, WallTime now) {
  const auto reason = boost::beast::http::obsolete_reason(
      boost::beast::http::int_to_status(static_cast<unsigned>(status)));
  std::string head = fmt::format("HTTP/1.1 {} {}\r\nDate: {:%a, %d %b %Y %H:%M:%S} GMT\r\n", status,
                                 std::string_view(reason.data(), reason.size()),
                                 fmt::gmtime(std::chrono::system_clock::to_time_t(now)));
  for (const auto& [name, value] : fields) {
    if (is_framing(name)) continue;
    append_in_one_line(head, name);
    head += ": ";
    append_in_one_line(head, value);
    head += "\r\n";
  }
  if (framing.length) head += fmt::format("Content-Length: {}\r\n", *framing.length);
  if (framing.chunked) head += "Transfer-Encoding: chunked\r\n";
  if (framing.closes) head += "Connection: close\r\n";
  head += "\r\n";
  return head;
}

}  // namespace mcpio::http
