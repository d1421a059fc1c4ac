// SPDX-License-Identifier: MIT
// A small file that only its owner may read, changed as a whole, and shared by processes.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace mcpio::store {

// The folder and those above it that are missing, with mode 0700. One that is there already is
// tightened to that. Fails with io; also where that cannot be done and others may write into it, or
// where it is another user's.
Result<void> make_private_folder(const std::filesystem::path& folder);

// Reads and writes are short and done at once. A reader sees the old text or the new one, never
// part of one; a process killed at any moment leaves one of them behind, and at most a rest that
// the next lock() removes. The folder is made private as well, see above.
class AtomicFile {
 public:
  // An advisory lock that other processes, the Python program among them, take as well. Held while
  // the object lives.
  class Lock {
   public:
    Lock(Lock&& other) noexcept;
    Lock(const Lock&) = delete;
    Lock& operator=(Lock&&) = delete;
    Lock& operator=(const Lock&) = delete;
    ~Lock();
    bool is_held() const { return fd_ >= 0; }

   private:
    friend class AtomicFile;
    explicit Lock(int fd) : fd_(fd) {}
    int fd_;
  };

  explicit AtomicFile(std::filesystem::path path) : path_(std::move(path)) {}

  const std::filesystem::path& path() const { return path_; }

  // No value: there is no such file. A symbolic link or anything else that is no regular file is
  // refused, and so is a file of another user. A mode that lets others read is tightened to 0600.
  // Fails with io.
  Result<std::optional<std::string>> read() const;

  // By way of a new file of mode 0600 beside it, which is synced and renamed. Folders that are
  // missing are made with mode 0700. Fails with io; then the old text is still there.
  Result<void> write(std::string_view text) const;

  // Renames it to NAME.damaged, over an older one. No such file is not an error.
  Result<void> set_aside() const;

  // No such file is not an error.
  Result<void> remove() const;

  // Whoever reads, changes and writes holds it meanwhile. Takes what others hold for moments; if it
  // cannot be had within two seconds the lock is not held, which is logged and no failure: better a
  // login that may have to be repeated than none.
  Lock lock() const;

 private:
  void remove_rests() const;

  std::filesystem::path path_;
};

}  // namespace mcpio::store
