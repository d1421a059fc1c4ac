// SPDX-License-Identifier: MIT
// The pages of one list, put together. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mcpio::bridge {

// Items keep their bytes. Of other members the later page's value counts, but `ttlMs` is the
// smallest and `cacheScope` the most private; if a page has one of them and another page has none,
// or an invalid one, the merged list may not be cached at all.
class MergedList {
 public:
  // `list`: the member that holds the items. It must outlive this.
  explicit MergedList(std::string_view list) : list_(list) {}

  // The JSON text of one page's result.
  void add(std::string_view result);

  // The cursor after the last page added, as its JSON text; no value: that was the last one.
  const std::optional<std::string>& next_cursor() const { return next_cursor_; }

  // Is one page all there was, and is it well-formed? Then its own bytes will do.
  bool is_first_page_alone() const { return pages_ == 1 && !next_cursor_ && well_formed_; }

  // The result as one JSON text, with `nextCursor` if pages are missing.
  std::string text() const;

 private:
  // One caching hint over all pages.
  struct Hint {
    int seen = 0;
    bool invalid = false;
    std::string value;
  };
  void add_items(std::string_view items);
  void add_ttl(std::string_view value);
  void add_scope(std::string_view value);
  void set(std::string_view name, std::string_view value);
  std::string hint_text(const Hint& hint, std::string_view worst) const;

  const std::string_view list_;
  std::vector<std::pair<std::string, std::string>> members_;  // all others, in order
  std::string items_;
  Hint ttl_, scope_;
  std::optional<std::string> next_cursor_;
  int pages_ = 0;
  bool well_formed_ = true;
};

}  // namespace mcpio::bridge
