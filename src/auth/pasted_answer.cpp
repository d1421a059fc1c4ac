// SPDX-License-Identifier: MIT
#include "auth/pasted_answer.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "io/byte_reader.h"
#include "oauth/authorization_response.h"

namespace mcpio::auth {
namespace {

constexpr std::size_t kPastedBytes = 64 * 1024;

// The first whole line, taken off the text.
std::optional<std::string> take_line(std::string& text) {
  const std::size_t end = text.find('\n');
  if (end == text.npos) return std::nullopt;
  std::string line = text.substr(0, end);
  text.erase(0, end + 1);
  return line;
}

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

// Empty: it was taken.
awaitable<Result<std::string>> bring(std::string line, CallbackListener& listener) {
  auto query = oauth::query_of_pasted(line);
  if (!query) co_return query.error().message;
  const auto visit = listener.deliver(Secret(*std::move(query)));
  if (visit == nullptr) co_return std::string("one moment, please paste it again");
  auto status = co_await visit->answered();
  if (!status) co_return propagate(status);
  if (*status == 200) co_return std::string();
  co_return std::string(
      "that address belongs to another login: sign in by the address above, and paste the one it "
      "ends on");
}

}  // namespace

awaitable<Result<void>> take_pasted(int fd, CallbackListener& listener,
                                    std::function<void(std::string)> tell) {
  io::ByteReader reader(co_await asio::this_coro::executor, fd);
  std::string text;
  for (;;) {
    auto piece = co_await reader.read();
    if (!piece) co_return propagate(piece);
    if (!*piece) co_return ok();
    text += **piece;
    while (auto line = take_line(text)) {
      if (is_blank(*line)) continue;
      auto wrong = co_await bring(*std::move(line), listener);
      if (!wrong) co_return propagate(wrong);
      if (!wrong->empty()) tell(*wrong + "\n");
    }
    if (text.size() > kPastedBytes) text.clear();
  }
}

}  // namespace mcpio::auth
