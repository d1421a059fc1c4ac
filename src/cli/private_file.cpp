// SPDX-License-Identifier: MIT
#include "cli/private_file.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>

namespace mcpio::cli {

namespace {

constexpr std::size_t kMostBytes = 1024 * 1024;

class Descriptor {
 public:
  explicit Descriptor(const std::string& path) : fd_(open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  int get() const { return fd_; }

 private:
  const int fd_;
};

}  // namespace

Result<PrivateFile> read_private_file(const std::string& path) {
  const auto cannot_read = [&path] {
    return fail(ErrorKind::io, fmt::format("cannot read '{}': {}", path, std::strerror(errno)));
  };
  const Descriptor file(path);
  struct stat status{};
  if (file.get() < 0 || fstat(file.get(), &status) != 0) return cannot_read();
  if ((status.st_mode & S_IWOTH) != 0)
    return fail(ErrorKind::io,
                fmt::format("'{0}' can be written by anybody, run: chmod o-w '{0}'", path));

  PrivateFile read_in{.text = {}, .others_can_read = (status.st_mode & (S_IRGRP | S_IROTH)) != 0};
  char piece[16 * 1024];
  for (;;) {
    const ssize_t size = read(file.get(), piece, sizeof piece);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return cannot_read();
    if (size == 0) return read_in;
    read_in.text.append(piece, static_cast<std::size_t>(size));
    if (read_in.text.size() > kMostBytes)
      return fail(ErrorKind::io, fmt::format("'{}' is larger than a megabyte", path));
  }
}

}  // namespace mcpio::cli
