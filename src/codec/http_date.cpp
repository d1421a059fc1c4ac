// SPDX-License-Identifier: MIT
#include "codec/http_date.h"

#include <algorithm>
#include <array>
#include <span>

namespace mcpio::codec {
namespace {

using std::chrono::days;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::sys_seconds;
using std::chrono::year;
using std::chrono::year_month_day;

constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> kDays = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
constexpr std::array<std::string_view, 7> kLongDays = {
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};

// Takes a date apart from the left. After a mismatch it stays failed, so that a whole date can be
// read before asking whether it was one. Locale never comes in.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  void expect(std::string_view text) {
    ok_ = ok_ && rest_.starts_with(text);
    if (ok_) rest_.remove_prefix(text.size());
  }

  // The place of the name that comes next.
  unsigned one_of(std::span<const std::string_view> names) {
    const auto found =
        std::ranges::find_if(names, [this](auto name) { return rest_.starts_with(name); });
    ok_ = ok_ && found != names.end();
    if (!ok_) return 0;
    rest_.remove_prefix(found->size());
    return static_cast<unsigned>(found - names.begin());
  }

  unsigned number(std::size_t digits) {
    const std::string_view text = rest_.substr(0, digits);
    ok_ = ok_ && text.size() == digits &&
          std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
    if (!ok_) return 0;
    unsigned value = 0;
    for (const char c : text) value = value * 10 + static_cast<unsigned>(c - '0');
    rest_.remove_prefix(digits);
    return value;
  }

  // asctime's day: two digits, or a space and one.
  unsigned padded_day() {
    if (!rest_.starts_with(' ')) return number(2);
    expect(" ");
    return number(1);
  }

  // hh:mm:ss, where 60 is a leap second.
  seconds time_of_day() {
    const unsigned hour = number(2);
    expect(":");
    const unsigned minute = number(2);
    expect(":");
    const unsigned second = number(2);
    ok_ = ok_ && hour < 24 && minute < 60 && second <= 60;
    return seconds(hour * 3600 + minute * 60 + second);
  }

  bool is_at_end_of_date() const { return ok_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

unsigned month(Reader& reader) { return reader.one_of(kMonths) + 1; }

std::optional<sys_seconds> moment(unsigned y, unsigned m, unsigned d, seconds time) {
  const year_month_day date(year(static_cast<int>(y)), std::chrono::month(m), std::chrono::day(d));
  if (!date.ok()) return std::nullopt;
  return sys_days(date) + time;
}

// Sun, 06 Nov 1994 08:49:37 GMT
std::optional<sys_seconds> parse_imf_fixdate(std::string_view text) {
  Reader reader(text);
  reader.one_of(kDays);
  reader.expect(", ");
  const unsigned d = reader.number(2);
  reader.expect(" ");
  const unsigned m = month(reader);
  reader.expect(" ");
  const unsigned y = reader.number(4);
  reader.expect(" ");
  const seconds time = reader.time_of_day();
  reader.expect(" GMT");
  if (!reader.is_at_end_of_date()) return std::nullopt;
  return moment(y, m, d, time);
}

// Fifty years later; what 29 February has no counterpart for is 1 March.
sys_seconds fifty_years_after(sys_seconds time) {
  const year_month_day date(std::chrono::floor<days>(time));
  const auto first_of_month = date.year() / date.month() / 1;
  return sys_days(first_of_month + std::chrono::years(50)) + (time - sys_days(first_of_month));
}

// The latest year with these last two digits in which the date is at most 50 years ahead.
std::optional<sys_seconds> moment_of_short_year(unsigned digits, unsigned m, unsigned d,
                                                seconds time, WallTime now) {
  const sys_seconds limit = fifty_years_after(std::chrono::floor<seconds>(now));
  const year last = year_month_day(std::chrono::floor<days>(limit)).year();
  const unsigned century = static_cast<unsigned>(static_cast<int>(last)) / 100 * 100;
  for (const unsigned base : {century, century - 100}) {
    const auto date = moment(base + digits, m, d, time);
    if (date && *date <= limit) return date;
  }
  return std::nullopt;
}

// Sunday, 06-Nov-94 08:49:37 GMT
std::optional<sys_seconds> parse_rfc850(std::string_view text, WallTime now) {
  Reader reader(text);
  reader.one_of(kLongDays);
  reader.expect(", ");
  const unsigned d = reader.number(2);
  reader.expect("-");
  const unsigned m = month(reader);
  reader.expect("-");
  const unsigned y = reader.number(2);
  reader.expect(" ");
  const seconds time = reader.time_of_day();
  reader.expect(" GMT");
  if (!reader.is_at_end_of_date()) return std::nullopt;
  return moment_of_short_year(y, m, d, time, now);
}

// Sun Nov  6 08:49:37 1994
std::optional<sys_seconds> parse_asctime(std::string_view text) {
  Reader reader(text);
  reader.one_of(kDays);
  reader.expect(" ");
  const unsigned m = month(reader);
  reader.expect(" ");
  const unsigned d = reader.padded_day();
  reader.expect(" ");
  const seconds time = reader.time_of_day();
  reader.expect(" ");
  const unsigned y = reader.number(4);
  if (!reader.is_at_end_of_date()) return std::nullopt;
  return moment(y, m, d, time);
}

WallTime clamped(sys_seconds date) {
  const auto earliest = std::chrono::ceil<seconds>(WallTime::min());
  const auto latest = std::chrono::floor<seconds>(WallTime::max());
  return WallTime(std::clamp(date, earliest, latest));
}

}  // namespace

std::optional<WallTime> parse_http_date(std::string_view text, WallTime now) {
  auto date = parse_imf_fixdate(text);
  if (!date) date = parse_rfc850(text, now);
  if (!date) date = parse_asctime(text);
  if (!date) return std::nullopt;
  return clamped(*date);
}

}  // namespace mcpio::codec
