// SPDX-License-Identifier: MIT
#include "cli/private_file.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/clock.h"

namespace mcpio::cli {

namespace {

constexpr std::size_t kMostBytes = 1024 * 1024;
// For a pipe, such as <(pass show token): whoever writes it may have to ask for a password first.
constexpr std::chrono::seconds kPatience{60};

class Descriptor {
 public:
  explicit Descriptor(const std::string& path)
      : fd_(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  int get() const { return fd_; }

 private:
  const int fd_;
};

// Why it is not to be read; empty: it is.
std::string objection(const struct stat& status, const std::string& path) {
  if (!S_ISREG(status.st_mode) && !S_ISFIFO(status.st_mode))
    return fmt::format("'{}' is neither a file nor a pipe", path);
  const bool is_ours = status.st_uid == geteuid() || status.st_uid == 0;
  if (!is_ours && geteuid() != 0)  // a file in a container's volume belongs to whoever made it
    return fmt::format("'{}' belongs to another user, make a file of your own", path);
  const bool is_own_group = status.st_gid == status.st_uid && status.st_uid != 0;
  const mode_t others = is_own_group ? S_IWOTH : S_IWGRP | S_IWOTH;
  if ((status.st_mode & others) != 0)
    return fmt::format("'{0}' can be written by others, run: chmod go-w '{0}'", path);
  return {};
}

// False: nobody has written anything until then.
bool wait_until_readable(int fd, SteadyTime until) {
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    pollfd ask = {.fd = fd, .events = POLLIN, .revents = 0};
    const int ready = poll(&ask, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    if (ready >= 0 || errno != EINTR) return ready != 0;
  }
}

}  // namespace

Result<PrivateFile> read_private_file(const std::string& path) {
  const auto cannot_read = [&path] {
    return fail(ErrorKind::io, fmt::format("cannot read '{}': {}", path, std::strerror(errno)));
  };
  const Descriptor file(path);
  struct stat status{};
  if (file.get() < 0 || fstat(file.get(), &status) != 0) return cannot_read();
  if (const std::string why = objection(status, path); !why.empty())
    return fail(ErrorKind::io, why);

  const SteadyTime until = std::chrono::steady_clock::now() + kPatience;
  PrivateFile read_in{.text = {},
                      .others_can_read = (status.st_mode & (S_IRGRP | S_IROTH)) != 0,
                      .group_can_write = (status.st_mode & S_IWGRP) != 0};
  char piece[16 * 1024];
  for (;;) {
    if (!wait_until_readable(file.get(), until))
      return fail(ErrorKind::io, fmt::format("nobody has written '{}' to its end within {} s", path,
                                             kPatience.count()));
    const ssize_t size = read(file.get(), piece, sizeof piece);
    if (size < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (size < 0) return cannot_read();
    if (size == 0) return read_in;
    read_in.text.append(piece, static_cast<std::size_t>(size));
    if (read_in.text.size() > kMostBytes)
      return fail(ErrorKind::io, fmt::format("'{}' is larger than a megabyte", path));
  }
}

std::string warning_about(const PrivateFile& file, const std::string& path, bool may_hold_secrets) {
  if (may_hold_secrets && file.others_can_read)
    return fmt::format("{0} may hold secrets and others can read it, run: chmod 600 '{0}'", path);
  if (file.group_can_write)
    return fmt::format("{0} can be written by its group, run: chmod g-w '{0}'", path);
  return {};
}

}  // namespace mcpio::cli
