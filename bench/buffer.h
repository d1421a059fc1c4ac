// SPDX-License-Identifier: MIT
// Bytes received and not yet taken, in one block that grows by realloc.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string_view>
#include <utility>

namespace bench {

class Buffer {
 public:
  Buffer() = default;
  Buffer(Buffer&& other) noexcept { *this = std::move(other); }
  Buffer& operator=(Buffer&& other) noexcept {
    std::swap(block_, other.block_);
    std::swap(capacity_, other.capacity_);
    std::swap(begin_, other.begin_);
    std::swap(end_, other.end_);
    return *this;
  }
  ~Buffer() { std::free(block_); }

  std::string_view view() const { return {block_ + begin_, end_ - begin_}; }
  std::size_t size() const { return end_ - begin_; }

  // At least `bytes` of free room behind what is there; filled() says how much of it was used.
  char* room(std::size_t bytes) {
    if (capacity_ - end_ < bytes) make_room(bytes);
    return block_ + end_;
  }
  void filled(std::size_t bytes) { end_ += bytes; }

  void append(std::string_view bytes) {
    std::memcpy(room(bytes.size()), bytes.data(), bytes.size());
    filled(bytes.size());
  }

  // Takes `bytes` away from the front.
  void drop(std::size_t bytes) {
    begin_ += bytes;
    if (begin_ == end_) begin_ = end_ = 0;
  }

 private:
  void make_room(std::size_t bytes) {
    if (begin_ > 0) std::memmove(block_, block_ + begin_, size());
    end_ -= std::exchange(begin_, 0);
    if (capacity_ - end_ >= bytes) return;
    capacity_ = capacity_ * 2 + bytes;
    block_ = static_cast<char*>(std::realloc(block_, capacity_));
    if (!block_) throw std::bad_alloc();
  }

  char* block_ = nullptr;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace bench
