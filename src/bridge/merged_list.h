// SPDX-License-Identifier: MIT
// The pages of one list, put together. Pure.
#pragma once

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "codec/json_view.h"

namespace mcpio::bridge {

// Items keep their bytes. Of other members the later page's value counts, but `ttlMs` is the
// smallest and `cacheScope` the most private; if a page has one of them and another page has none,
// or an invalid one, the merged list may not be cached at all.
//
// Points into the pages: they must outlive it.
class MergedList {
 public:
  // `list`: the member that holds the items. `max_bytes`: of all pages.
  MergedList(std::string_view list, std::size_t max_bytes) : list_(list), max_bytes_(max_bytes) {}

  // The JSON text of one page's result. False: it is too much, and was left out; nothing has
  // changed.
  bool add(std::string_view result);

  // The cursor after the last page added, as its JSON text; no value: that was the last one.
  const std::optional<std::string_view>& next_cursor() const { return next_cursor_; }

  // There are no more, whatever the last page says.
  void end() { next_cursor_.reset(); }

  int pages() const { return pages_; }
  // Is one page all there was, and is it well-formed? Then its own bytes will do.
  bool is_first_page_alone() const { return pages_ == 1 && !next_cursor_ && well_formed_; }

  // The result, in pieces of one JSON text, with `nextCursor` if pages are missing.
  std::vector<std::string_view> text() const;

 private:
  // One caching hint over all pages.
  struct Hint {
    int seen = 0;
    bool invalid = false;
    std::string_view value;
  };
  void add_items(std::string_view items);
  void add_ttl(std::string_view value);
  void add_scope(std::string_view value);
  void set(std::string_view name, std::string_view value);
  std::string_view hint_text(const Hint& hint, std::string_view worst) const;

  const std::string_view list_;
  const std::size_t max_bytes_;
  std::size_t bytes_ = 0;                                               // of all pages
  std::vector<std::pair<std::string_view, std::string_view>> members_;  // all others, in order
  std::vector<std::string_view> items_;                                 // of each page that has any
  Hint ttl_, scope_;
  std::optional<std::string_view> next_cursor_;
  int pages_ = 0;
  bool well_formed_ = true;
};

}  // namespace mcpio::bridge
