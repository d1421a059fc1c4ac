// SPDX-License-Identifier: MIT
#include "store/atomic_file.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <system_error>
#include <thread>
#include <utility>

#include "base/log.h"

namespace mcpio::store {
namespace {

constexpr std::size_t kMostBytes = 16 * 1024 * 1024;
constexpr std::chrono::milliseconds kLockPause{10};
constexpr int kLockAttempts = 200;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_;
};

std::unexpected<Error> cannot(std::string_view what, const std::filesystem::path& path, int code) {
  return fail(ErrorKind::io, fmt::format("cannot {} '{}': {}", what, path.string(),
                                         std::generic_category().message(code)));
}

Result<std::string> read_all(int fd, const std::filesystem::path& path) {
  std::string text;
  char piece[16 * 1024];
  for (;;) {
    const ssize_t size = ::read(fd, piece, sizeof piece);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return cannot("read", path, errno);
    if (size == 0) return text;
    text.append(piece, static_cast<std::size_t>(size));
    if (text.size() > kMostBytes)
      return fail(ErrorKind::io, fmt::format("'{}' is larger than 16 MiB", path.string()));
  }
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t size = ::write(fd, text.data(), text.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(size));
  }
  return true;
}

// The rename is safe on disk only when its folder is.
void sync_folder(const std::filesystem::path& folder) {
  const Descriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd) ::fsync(fd.get());
}

}  // namespace

Result<void> make_folders(const std::filesystem::path& folder) {
  if (folder.empty() || ::access(folder.c_str(), F_OK) == 0) return ok();
  auto made = make_folders(folder.parent_path());
  if (!made) return made;
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return cannot("make", folder, errno);
  return ok();
}

// Whoever may write into the folder may put other files in the place of ours. No folder is private.
Result<void> tighten(const std::filesystem::path& folder) {
  const Descriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd && errno == ENOENT) return ok();
  struct stat status{};
  if (!fd || ::fstat(fd.get(), &status) != 0) return cannot("open the folder", folder, errno);
  if (status.st_uid != ::geteuid() && status.st_uid != 0)
    return fail(ErrorKind::io,
                fmt::format("the folder '{}' belongs to another user", folder.string()));
  if ((status.st_mode & 077) == 0) return ok();
  if (::fchmod(fd.get(), 0700) == 0) {
    log::info("others had access to '{}', and have none any more", folder.string());
    return ok();
  }
  if ((status.st_mode & 022) == 0) return ok();  // the files' own modes protect them
  return fail(
      ErrorKind::io,
      fmt::format("others can change what is in the folder '{}': chmod 700 it", folder.string()));
}

// Of mkostemp: six letters or digits.
bool is_rest_of(std::string_view file, std::string_view name) {
  constexpr std::size_t kSuffix = 6;
  if (name.size() != file.size() + 1 + kSuffix || !name.starts_with(file)) return false;
  return name[file.size()] == '.' &&
         std::ranges::all_of(name.substr(file.size() + 1),
                             [](unsigned char c) { return std::isalnum(c) != 0; });
}

Result<void> make_private_folder(const std::filesystem::path& folder) {
  auto made = make_folders(folder);
  if (!made) return made;
  return tighten(folder);
}

Result<std::optional<std::string>> AtomicFile::read() const {
  auto folder = tighten(path_.parent_path());
  if (!folder) return propagate(folder);
  // O_NONBLOCK: opening a FIFO must not wait for a writer.
  const Descriptor fd(::open(path_.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!fd && errno == ENOENT) return std::nullopt;
  if (!fd && errno == ELOOP)
    return fail(ErrorKind::io,
                fmt::format("'{}' is a symbolic link, which is not followed", path_.string()));
  if (!fd) return cannot("read", path_, errno);
  struct stat status{};
  if (::fstat(fd.get(), &status) != 0) return cannot("read", path_, errno);
  if (!S_ISREG(status.st_mode))
    return fail(ErrorKind::io, fmt::format("'{}' is no regular file", path_.string()));
  if (status.st_uid != ::geteuid())
    return fail(ErrorKind::io, fmt::format("'{}' belongs to another user", path_.string()));
  if ((status.st_mode & 077) != 0 && ::fchmod(fd.get(), 0600) != 0)
    log::warning("others may read '{}': chmod 600 it", path_.string());
  auto text = read_all(fd.get(), path_);
  if (!text) return propagate(text);
  return std::optional(*std::move(text));
}

Result<void> AtomicFile::write(std::string_view text) const {
  if (text.size() > kMostBytes)
    return fail(ErrorKind::io, fmt::format("'{}' would be larger than 16 MiB, and is left as it is",
                                           path_.string()));
  auto folder = make_private_folder(path_.parent_path());
  if (!folder) return folder;
  std::string temporary = path_.string() + ".XXXXXX";  // mkostemp: exclusive, unique, 0600
  const Descriptor fd(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!fd) return cannot("write", path_, errno);
  if (write_all(fd.get(), text) && ::fsync(fd.get()) == 0 &&
      ::rename(temporary.c_str(), path_.c_str()) == 0) {
    sync_folder(path_.parent_path());
    return ok();
  }
  const int code = errno;
  ::unlink(temporary.c_str());
  return cannot("write", path_, code);
}

Result<void> AtomicFile::set_aside() const {
  const std::string aside = path_.string() + ".damaged";
  if (::rename(path_.c_str(), aside.c_str()) == 0 || errno == ENOENT) return ok();
  return cannot("set aside", path_, errno);
}

Result<void> AtomicFile::remove() const {
  if (::unlink(path_.c_str()) == 0 || errno == ENOENT) return ok();
  return cannot("remove", path_, errno);
}

AtomicFile::Lock AtomicFile::lock() const {
  const std::string name = path_.string() + ".lock";
  auto folder = make_private_folder(path_.parent_path());
  Descriptor fd(::open(name.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600));
  struct stat status{};
  if (!folder || !fd || ::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    log::warning("'{}' cannot be locked; going on without", path_.string());
    return Lock(-1);
  }
  if ((status.st_mode & 077) != 0) ::fchmod(fd.get(), 0600);
  for (int attempt = 0; attempt < kLockAttempts; ++attempt) {
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) == 0) {
      remove_rests();
      return Lock(fd.release());
    }
    if (errno != EWOULDBLOCK && errno != EINTR) break;
    std::this_thread::sleep_for(kLockPause);
  }
  log::warning("another process keeps '{}' locked; going on without", path_.string());
  return Lock(-1);
}

// Of writers that were killed: whoever writes has the lock, so nobody is at it.
void AtomicFile::remove_rests() const {
  std::error_code none;
  for (std::filesystem::directory_iterator at(path_.parent_path(), none), end; !none && at != end;
       at.increment(none))
    if (is_rest_of(path_.filename().native(), at->path().filename().native()))
      ::unlink(at->path().c_str());
}

AtomicFile::Lock::Lock(Lock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

AtomicFile::Lock::~Lock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace mcpio::store
