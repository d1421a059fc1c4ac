// SPDX-License-Identifier: MIT
#include "base/buffer.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

namespace mcpio {
namespace {

// From here on, being given its memory page by page costs a buffer more than being filled does.
constexpr std::size_t kLarge = 4 * 1024 * 1024;

void ask_for_large_pages(char* data, std::size_t size) {
  constexpr std::uintptr_t kPage = 4096;
  const auto begin = reinterpret_cast<std::uintptr_t>(data) & ~(kPage - 1);
  const auto end = reinterpret_cast<std::uintptr_t>(data) + size;
  ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);  // only advice
}

}  // namespace

Buffer::Buffer(Buffer&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      capacity_(std::exchange(other.capacity_, 0)),
      charged_(std::exchange(other.charged_, 0)),
      budget_(other.budget_) {}

Buffer& Buffer::operator=(Buffer&& other) noexcept {
  if (this == &other) return *this;
  Buffer moved(std::move(other));
  std::swap(data_, moved.data_);
  std::swap(size_, moved.size_);
  std::swap(capacity_, moved.capacity_);
  std::swap(charged_, moved.charged_);
  std::swap(budget_, moved.budget_);
  return *this;
}

Buffer::~Buffer() {
  std::free(data_);
  if (charged_ > 0) budget_->give_back(charged_);
}

Buffer Buffer::copy() const {
  Buffer same(budget_);
  if (!same.reserve(size_)) same.budget_ = nullptr;
  (void)same.append(view());
  return same;
}

bool Buffer::append(std::string_view bytes) {
  if (bytes.empty()) return true;
  if (capacity_ - size_ < bytes.size() && !grow(size_ + bytes.size())) return false;
  std::memcpy(data_ + size_, bytes.data(), bytes.size());
  size_ += bytes.size();
  return true;
}

bool Buffer::reserve(std::size_t bytes) { return bytes <= capacity_ || grow(bytes); }

bool Buffer::grow(std::size_t at_least) {
  const std::size_t wanted = std::max({at_least, capacity_ + capacity_ / 2, std::size_t{256}});
  const std::size_t more = charge(wanted) - charged_;
  if (budget_ != nullptr && more > 0 && !budget_->take(more)) return false;
  auto* grown = static_cast<char*>(std::realloc(data_, wanted));
  if (grown == nullptr) throw std::bad_alloc();
  data_ = grown;
  if (wanted >= kLarge) ask_for_large_pages(grown, wanted);
  capacity_ = wanted;
  if (budget_ != nullptr) charged_ += more;
  return true;
}

}  // namespace mcpio
