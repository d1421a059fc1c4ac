// SPDX-License-Identifier: MIT
#include "cli/jwt_sources.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <utility>

#include "base/log.h"
#include "cli/private_file.h"
#include "io/deadline.h"
#include "process/child.h"

namespace mcpio::cli {
namespace {

constexpr std::size_t kMostBytes = 64 * 1024;  // of a token

Result<Secret> trimmed(std::string text) {
  constexpr std::string_view kWhite = " \t\r\n";
  const auto first = text.find_first_not_of(kWhite);
  if (first == text.npos) return fail(ErrorKind::config, "there is no token in it");
  Secret token(text.substr(first, text.find_last_not_of(kWhite) - first + 1));
  log::hide(token);
  return token;
}

class FileSource final : public auth::JwtSource {
 public:
  FileSource(std::string option, std::string path)
      : path_(std::move(path)), name_(fmt::format("{} {}", option, path_)) {}

  const std::string& name() const override { return name_; }
  const std::string& label() const override { return name_; }

  awaitable<Result<Secret>> read() override {
    auto file = read_private_file(path_);
    if (!file) co_return propagate(file, name_);
    auto token = trimmed(std::move(file->text));
    if (!token) co_return propagate(token, name_);
    co_return token;
  }

 private:
  const std::string path_;
  const std::string name_;
};

class ProgramSource final : public auth::JwtSource {
 public:
  ProgramSource(std::string option, std::vector<std::string> words, std::chrono::seconds patience)
      : words_(std::move(words)),
        name_(fmt::format("{} {}", option, fmt::join(words_, " "))),
        // The arguments are the user's affair, and stay out of messages.
        label_(fmt::format("{} {}", option, words_.front())),
        patience_(patience) {}

  const std::string& name() const override { return name_; }
  const std::string& label() const override { return label_; }

  awaitable<Result<Secret>> read() override {
    process::Command command{.arguments = words_};
    auto child = process::Child::start(co_await asio::this_coro::executor, command);
    if (!child) co_return propagate(child, label_);
    boost::system::error_code ignored;
    (*child)->input().close(ignored);
    auto text = co_await io::with_deadline(patience_, output_of(**child));
    if (!text && text.error().kind == ErrorKind::timed_out)
      co_return fail(ErrorKind::config,
                     fmt::format("{} gave no token within {} s", label_, patience_.count()));
    if (!text) co_return propagate(text, label_);
    auto token = trimmed(*std::move(text));
    if (!token) co_return propagate(token, label_);
    co_return token;
  }

 private:
  // The child lives in the caller's frame, which waits for this.
  static awaitable<Result<std::string>> output_of(process::Child& child) {
    std::string text;
    std::array<char, 4096> piece;
    for (;;) {
      const auto [error, size] =
          co_await child.output().async_read_some(asio::buffer(piece), as_result);
      text.append(piece.data(), size);
      if (text.size() > kMostBytes)
        co_return fail(ErrorKind::config, "it wrote more than 64 KiB, which is no token");
      if (error == asio::error::eof) break;
      if (error) co_return fail(ErrorKind::io, "its output cannot be read: " + error.message());
    }
    auto status = co_await child.wait();
    if (!status) co_return propagate(status);
    if (!status->is_success())
      co_return fail(ErrorKind::config, "it failed with " + process::describe(*status));
    co_return text;
  }

  const std::vector<std::string> words_;
  const std::string name_;
  const std::string label_;
  const std::chrono::seconds patience_;
};

}  // namespace

std::shared_ptr<auth::JwtSource> jwt_from_file(std::string option, std::string path) {
  return std::make_shared<FileSource>(std::move(option), std::move(path));
}

std::shared_ptr<auth::JwtSource> jwt_from_program(std::string option,
                                                  std::vector<std::string> words,
                                                  std::chrono::seconds patience) {
  return std::make_shared<ProgramSource>(std::move(option), std::move(words), patience);
}

}  // namespace mcpio::cli
