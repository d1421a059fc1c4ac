// SPDX-License-Identifier: MIT
// A growing run of bytes, and the budget that all of them share.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mcpio {

// How many bytes may be buffered at one time, over all messages. One thread.
class Budget {
 public:
  explicit Budget(std::size_t bytes) : left_(bytes) {}

  bool take(std::size_t bytes) {
    if (bytes > left_) return false;
    left_ -= bytes;
    return true;
  }
  void give_back(std::size_t bytes) { left_ += bytes; }
  std::size_t left() const { return left_; }

 private:
  std::size_t left_;
};

// Bytes that grow by realloc: the kernel moves large blocks by their page tables, so that a 40 MB
// message is never held twice, as it would be while a std::string grows.
//
// Movable, copied only by copy(). Capacity above kFree is charged to the budget, if there is one,
// and given back by the destructor; the budget must outlive the buffer.
class Buffer {
 public:
  // Small messages are not worth accounting for.
  static constexpr std::size_t kFree = 16 * 1024;

  Buffer() = default;
  explicit Buffer(Budget* budget) : budget_(budget) {}
  explicit Buffer(std::string_view text) { (void)append(text); }
  Buffer(Buffer&& other) noexcept;
  Buffer& operator=(Buffer&& other) noexcept;
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer();

  // The same bytes, charged to the same budget. Beyond the budget the copy is made all the same:
  // copies are made of what was let in already.
  Buffer copy() const;

  // False: the budget has no room for it, and nothing was appended.
  [[nodiscard]] bool append(std::string_view bytes);
  [[nodiscard]] bool append(char byte) { return append(std::string_view(&byte, 1)); }

  // Makes room for `bytes` in all. False as for append().
  [[nodiscard]] bool reserve(std::size_t bytes);

  // Drops everything after the first `size` bytes; keeps the room.
  void truncate(std::size_t size) { size_ = size < size_ ? size : size_; }
  void clear() { size_ = 0; }

  std::string_view view() const { return std::string_view(data_, size_); }
  char* data() { return data_; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  // What it is charged to; null: nothing.
  Budget* budget() const { return budget_; }

 private:
  std::size_t charge(std::size_t capacity) const { return capacity > kFree ? capacity - kFree : 0; }
  bool grow(std::size_t at_least);

  char* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
  std::size_t charged_ = 0;
  Budget* budget_ = nullptr;
};

}  // namespace mcpio
