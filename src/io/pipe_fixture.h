// SPDX-License-Identifier: MIT
// A pipe with a test at one end and the code under test at the other.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <csignal>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "io/awaitable.h"

namespace mcpio::io {

class PipeFixture : public testing::Test {
 protected:
  PipeFixture() {
    std::signal(SIGPIPE, SIG_IGN);  // as main() does
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    read_end_ = ends[0];
    write_end_ = ends[1];
  }
  ~PipeFixture() override {
    close_read_end();
    close_write_end();
  }

  void close_read_end() { close(read_end_); }
  void close_write_end() { close(write_end_); }

  // Everything that can be read without waiting, at most `most` bytes.
  std::string read_now(std::size_t most = 64 * 1024 * 1024) {
    ::fcntl(read_end_, F_SETFL, O_NONBLOCK);
    std::string text, piece(64 * 1024, '\0');
    while (text.size() < most) {
      const ssize_t size =
          ::read(read_end_, piece.data(), std::min(piece.size(), most - text.size()));
      if (size <= 0) break;
      text.append(piece, 0, static_cast<std::size_t>(size));
    }
    return text;
  }
  void write_now(std::string_view text) {
    ASSERT_EQ(::write(write_end_, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  static bool is_blocking(int fd) { return (::fcntl(fd, F_GETFL) & O_NONBLOCK) == 0; }

  // Runs everything that can run without waiting for the time.
  void turn() {
    loop_.restart();
    loop_.poll();
  }

  asio::io_context loop_{1};
  int read_end_ = -1, write_end_ = -1;

 private:
  static void close(int& fd) {
    if (fd >= 0) ::close(std::exchange(fd, -1));
  }
};

}  // namespace mcpio::io
