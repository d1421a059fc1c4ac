// SPDX-License-Identifier: MIT
#include "store/process_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/log.h"
#include "store/atomic_file.h"

namespace mcpio::store {

std::optional<ProcessLock> ProcessLock::try_take(const std::filesystem::path& file) {
  if (file.empty()) return ProcessLock(-1);
  const auto made = make_private_folder(file.parent_path());
  if (!made) log::debug("{}", made.error().message);  // then open() fails, and says so
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
  if (fd < 0) {
    log::warning("'{}' cannot be used as a lock; going on without", file.string());
    return ProcessLock(-1);
  }
  if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return ProcessLock(fd);
  const bool is_taken = errno == EWOULDBLOCK;
  ::close(fd);
  if (is_taken) return std::nullopt;
  log::warning("'{}' cannot be locked; going on without", file.string());
  return ProcessLock(-1);
}

std::optional<ProcessLock> ProcessLock::share(int descriptor, const std::filesystem::path& file) {
  struct stat given{}, wanted{};
  const bool is_it = ::fstat(descriptor, &given) == 0 && ::stat(file.c_str(), &wanted) == 0 &&
                     given.st_dev == wanted.st_dev && given.st_ino == wanted.st_ino;
  const int fd = is_it ? ::fcntl(descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1) : -1;
  if (fd < 0) return std::nullopt;
  // The other one may have ended meanwhile; then it is ours alone, and held all the same.
  if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return ProcessLock(fd);
  ::close(fd);
  return std::nullopt;
}

ProcessLock& ProcessLock::operator=(ProcessLock&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

ProcessLock::~ProcessLock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace mcpio::store
