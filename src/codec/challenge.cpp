// SPDX-License-Identifier: MIT
#include "codec/challenge.h"

#include <algorithm>
#include <utility>

namespace mcpio::codec {
namespace {

constexpr std::size_t kMostChallenges = 64;
constexpr std::size_t kMostParams = 64;

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool is_equals(char c) { return c == '='; }
bool is_no_comma(char c) { return c != ','; }
bool is_between_items(char c) { return c == ',' || is_blank(c); }

// RFC 9110, section 5.6.2.
bool is_token_char(char c) {
  return is_alphanumeric(c) || std::string_view("!#$%&'*+-.^_`|~").contains(c);
}

// RFC 9110, section 11.2; the equals signs at the end not counted.
bool is_token68_char(char c) {
  return is_alphanumeric(c) || std::string_view("-._~+/").contains(c);
}

// What stands where a token should and has no quotes: RFC 9110 wants a token, but scopes with
// colons and whole URLs are seen.
bool is_bare_char(char c) { return !is_between_items(c); }

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lower(std::string_view text) {
  std::string out;
  for (const char c : text) out += lower(c);
  return out;
}

// Reads one field line. An item is what stands between two commas: a scheme with or without a first
// parameter, or a further parameter of the scheme before.
class LineReader {
 public:
  LineReader(std::string_view line, std::vector<Challenge>& challenges)
      : rest_(line), challenges_(challenges) {}

  void read() {
    for (;;) {
      take(is_between_items);
      if (rest_.empty()) return;
      if (!read_params() && !read_scheme()) return;
      skip_item();
    }
  }

 private:
  std::string_view take(bool (*is)(char)) {
    const auto end = std::ranges::find_if_not(rest_, is);
    const auto taken = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
    rest_.remove_prefix(taken.size());
    return taken;
  }
  bool is_at_end_of_item() const { return rest_.empty() || rest_.front() == ','; }

  // False: we have enough challenges.
  bool read_scheme() {
    const std::string_view scheme = take(is_token_char);
    const bool has_end = is_at_end_of_item() || is_blank(rest_.front());
    if (scheme.empty() || !has_end) return true;
    if (challenges_.size() == kMostChallenges) return false;
    challenges_.push_back({.scheme = std::string(scheme), .token68 = {}, .params = {}});
    has_scheme_ = true;
    take(is_blank);
    if (!read_token68()) read_params();
    return true;
  }

  bool read_token68() {
    const std::string_view before = rest_;
    take(is_token68_char);
    take(is_equals);
    const std::string_view token68 = before.substr(0, before.size() - rest_.size());
    take(is_blank);
    if (is_at_end_of_item()) {
      challenges_.back().token68 = token68;
      return true;
    }
    rest_ = before;
    return false;
  }

  // As many as there are: servers forget the commas. False if there is none.
  bool read_params() {
    bool has_any = false;
    while (read_param()) {
      has_any = true;
      take(is_blank);
    }
    return has_any;
  }

  bool read_param() {
    const std::string_view before = rest_;
    const std::string_view name = take(is_token_char);
    take(is_blank);
    if (name.empty() || !rest_.starts_with('=')) {
      rest_ = before;
      return false;
    }
    rest_.remove_prefix(1);
    take(is_blank);
    auto value = rest_.starts_with('"') ? read_quoted() : std::string(take(is_bare_char));
    if (value) {
      add(lower(name), *std::move(value));
    } else {
      take(is_no_comma);
    }
    return true;
  }

  void add(std::string name, std::string value) {
    if (!has_scheme_) return;
    auto& params = challenges_.back().params;
    if (params.size() < kMostParams) params.emplace(std::move(name), std::move(value));
  }

  // RFC 9110, section 5.6.4. No value, and nothing but the quote is passed over: it never ends.
  std::optional<std::string> read_quoted() {
    const std::string_view before = rest_;
    rest_.remove_prefix(1);
    std::string value;
    while (has_closing_quote_ && !rest_.empty()) {
      const char c = rest_.front();
      rest_.remove_prefix(1);
      if (c == '"') return value;
      if (c != '\\') {
        value += c;
      } else if (!rest_.empty()) {
        value += rest_.front();
        rest_.remove_prefix(1);
      }
    }
    has_closing_quote_ = false;  // nor has any quote after this one
    rest_ = before.substr(1);
    return std::nullopt;
  }

  void skip_item() {
    while (!is_at_end_of_item()) {
      if (rest_.front() == '"') {
        (void)read_quoted();
      } else {
        rest_.remove_prefix(1);
      }
    }
  }

  std::string_view rest_;
  std::vector<Challenge>& challenges_;
  bool has_scheme_ = false;        // if not, whose parameters these are is not known
  bool has_closing_quote_ = true;  // so that no line is searched twice for one
};

}  // namespace

std::optional<std::string_view> Challenge::param(std::string_view name) const {
  const auto found = params.find(std::string(name));
  return found == params.end() ? std::nullopt : std::optional<std::string_view>(found->second);
}

std::vector<Challenge> parse_challenges(std::span<const std::string_view> lines) {
  std::vector<Challenge> challenges;
  for (const std::string_view line : lines) LineReader(line, challenges).read();
  return challenges;
}

const Challenge* find_challenge(std::span<const Challenge> challenges, std::string_view scheme) {
  const auto found = std::ranges::find_if(challenges, [&](const Challenge& challenge) {
    return lower(challenge.scheme) == lower(scheme);
  });
  return found == challenges.end() ? nullptr : &*found;
}

}  // namespace mcpio::codec
