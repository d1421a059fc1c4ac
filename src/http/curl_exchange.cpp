// SPDX-License-Identifier: MIT
#include "http/curl_exchange.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/limits.h"
#include "base/log.h"

namespace mcpio::http {
namespace {

// What libcurl has decoded beyond our bound it keeps, up to 64 MiB: a few kilobytes of a hostile
// answer may decode to that. It copies the rest each time that it is paused again, so it may hand
// over a good part at once.
constexpr std::size_t kResumeBytes = 8 * limits::kMiB;

std::string_view version_name(long version) {
  switch (version) {
    case CURL_HTTP_VERSION_1_0:
      return "1.0";
    case CURL_HTTP_VERSION_1_1:
      return "1.1";
    case CURL_HTTP_VERSION_2_0:
      return "2";
    case CURL_HTTP_VERSION_3:
      return "3";
    default:
      return {};
  }
}

// libcurl counts each step from the start of the transfer; zero: the step was not taken.
class StepTimes {
 public:
  explicit StepTimes(CURL* easy) : easy_(easy) {}

  std::chrono::microseconds next(CURLINFO until) {
    curl_off_t reached = 0;
    curl_easy_getinfo(easy_, until, &reached);
    if (reached <= last_) return std::chrono::microseconds(0);
    return std::chrono::microseconds(reached - std::exchange(last_, reached));
  }

 private:
  CURL* const easy_;
  curl_off_t last_ = 0;
};

// Also in interim answers and trailers: libcurl takes cookies from all of them.
bool is_set_cookie(std::string_view line) {
  return equals_ignoring_case(line.substr(0, line.find(':')), "Set-Cookie");
}

// libcurl has no bound for what it keeps. A server that goes beyond ours loses all its cookies, the
// useful ones too, since nothing tells which those are.
void bound_cookies(CURL* easy) {
  curl_slist* cookies = nullptr;
  curl_easy_getinfo(easy, CURLINFO_COOKIELIST, &cookies);
  std::size_t count = 0, bytes = 0;
  for (const curl_slist* cookie = cookies; cookie != nullptr; cookie = cookie->next) {
    ++count;
    bytes += std::strlen(cookie->data);
  }
  curl_slist_free_all(cookies);
  if (count <= limits::kCookies && bytes <= limits::kCookieBytes) return;
  log::warning("the server has set {} cookies, all are forgotten", count);
  curl_easy_setopt(easy, CURLOPT_COOKIELIST, "ALL");
}

std::string remote_address(CURL* easy) {
  const char* address = nullptr;
  long port = 0;
  curl_easy_getinfo(easy, CURLINFO_PRIMARY_IP, &address);
  curl_easy_getinfo(easy, CURLINFO_PRIMARY_PORT, &port);
  if (address == nullptr || *address == '\0') return {};
  const bool v6 = std::strchr(address, ':') != nullptr;
  return v6 ? fmt::format("[{}]:{}", address, port) : fmt::format("{}:{}", address, port);
}

}  // namespace

CurlExchange::CurlExchange(std::shared_ptr<CurlLoop> loop, CurlOptions& options, Request request)
    : loop_(std::move(loop)),
      request_(std::move(request)),
      lines_(request_, options.standing_fields()),
      head_(options.settings().max_header_bytes),
      news_(loop_->executor()) {
  CurlLoop::Lease lease = loop_->lease();
  easy_ = std::move(lease.easy);
  if (lease.is_new) {
    options.set_up(easy_.get());
    set_callbacks(easy_.get());
  }
  description_ = options.describe(easy_.get(), request_, lines_);
  hear_from(easy_.get());
  loop_->start(easy_.get());
}

CurlExchange::~CurlExchange() {
  abandon();
  if (has_set_cookies_) bound_cookies(easy_.get());
  loop_->give_back(std::move(easy_));
}

// What stays with a handle: which functions libcurl calls. hear_from() says whose they are.
void CurlExchange::set_callbacks(CURL* easy) {
  using Self = CurlExchange*;
  curl_easy_setopt(
      easy, CURLOPT_PREREQFUNCTION, +[](void* self, char* address, char*, int, int) {
        return static_cast<Self>(self)->may_start(address == nullptr ? "" : address);
      });
  curl_easy_setopt(
      easy, CURLOPT_READFUNCTION, +[](char* to, std::size_t size, std::size_t count, void* self) {
        return static_cast<Self>(self)->next_body_piece(to, size * count);
      });
  curl_easy_setopt(
      easy, CURLOPT_XFERINFOFUNCTION,
      +[](void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t uploaded) {
        static_cast<Self>(self)->note_upload(uploaded);
        return 0;
      });
  curl_easy_setopt(
      easy, CURLOPT_SEEKFUNCTION,
      +[](void* self, curl_off_t, int) { return static_cast<Self>(self)->rewind(); });
  curl_easy_setopt(
      easy, CURLOPT_HEADERFUNCTION,
      +[](char* line, std::size_t size, std::size_t count, void* self) {
        return static_cast<Self>(self)->take_head_line({line, size * count});
      });
  curl_easy_setopt(
      easy, CURLOPT_WRITEFUNCTION,
      +[](char* bytes, std::size_t size, std::size_t count, void* self) {
        return static_cast<Self>(self)->take_body({bytes, size * count});
      });
}

void CurlExchange::hear_from(CURL* easy) {
  curl_easy_setopt(easy, CURLOPT_PRIVATE, static_cast<CurlLoop::Transfer*>(this));
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error_text_.data());
  curl_easy_setopt(easy, CURLOPT_NOPROGRESS, request_.body == nullptr ? 1L : 0L);
  for (const CURLoption self : {CURLOPT_PREREQDATA, CURLOPT_READDATA, CURLOPT_XFERINFODATA,
                                CURLOPT_SEEKDATA, CURLOPT_HEADERDATA, CURLOPT_WRITEDATA})
    curl_easy_setopt(easy, self, this);
}

awaitable<Result<Head>> CurlExchange::head() {
  while (!head_.is_complete() && !failure_) {
    const bool uploading = is_uploading();
    const Limit limit = uploading ? request_.timeouts.write : request_.timeouts.head;
    auto in_time = co_await wait(limit, &sent_at_);
    if (!in_time) co_return propagate(in_time);
    if (*in_time || uploading != is_uploading()) continue;
    if (uploading) {
      give_up(ErrorKind::network,
              fmt::format("the server took nothing more of the request for {} ms", limit.count()));
    } else {
      give_up(ErrorKind::timed_out, fmt::format("no answer within {} ms", limit.count()));
    }
  }
  if (!head_.is_complete()) co_return std::unexpected(*failure_);
  co_return head_.release();
}

awaitable<Result<std::optional<std::string_view>>> CurlExchange::read() {
  delivered_.clear();
  const SteadyTime begun = std::chrono::steady_clock::now();
  while (received_.empty() && running_) {
    const Limit limit = request_.timeouts.idle;
    auto in_time = co_await wait(limit, &begun);
    if (!in_time) co_return propagate(in_time);
    if (!*in_time)
      give_up(ErrorKind::timed_out,
              fmt::format("nothing more of the answer within {} ms", limit.count()));
  }
  if (!received_.empty()) {
    std::swap(received_, delivered_);
    if (std::exchange(paused_, false) && running_) resume();
    co_return delivered_.view();
  }
  if (failure_) co_return std::unexpected(*failure_);
  co_return std::nullopt;
}

std::string CurlExchange::server_address() const {
  const char* address = nullptr;
  if (!description_.through_proxy) curl_easy_getinfo(easy_.get(), CURLINFO_PRIMARY_IP, &address);
  return address == nullptr ? std::string() : std::string(address);
}

Timings CurlExchange::timings() const {
  CURL* const easy = easy_.get();
  StepTimes steps(easy);
  Timings timings;
  timings.name = steps.next(CURLINFO_NAMELOOKUP_TIME_T);
  timings.connect = steps.next(CURLINFO_CONNECT_TIME_T);
  timings.tls = steps.next(CURLINFO_APPCONNECT_TIME_T);
  timings.first_byte = steps.next(CURLINFO_STARTTRANSFER_TIME_T);
  timings.remote_address = remote_address(easy);
  long version = 0, connections = 0;
  curl_easy_getinfo(easy, CURLINFO_HTTP_VERSION, &version);
  curl_easy_getinfo(easy, CURLINFO_NUM_CONNECTS, &connections);
  timings.version = version_name(version);
  timings.reused_connection = progress_.sent && connections == 0;
  return timings;
}

// A request without a body is executed by its header alone; one with a body needs some of it.
bool CurlExchange::must_not_repeat() const {
  const bool may_be_executed = request_.body == nullptr || body_sent_ > 0;
  return progress_.sent && may_be_executed && !request_.may_repeat;
}

int CurlExchange::may_start(std::string_view address) noexcept {
  if (must_not_repeat()) {
    progress_.repeat_refused = true;
    return CURL_PREREQFUNC_ABORT;
  }
  if (request_.check_address && !description_.through_proxy) {
    auto checked = request_.check_address(address);
    if (!checked) refused_ = std::move(checked).error();
    if (refused_) return CURL_PREREQFUNC_ABORT;
  }
  progress_.sent = true;
  if (is_sent_at_once(request_)) body_sent_ = request_.body->size();
  sent_at_ = std::chrono::steady_clock::now();
  wake();
  return CURL_PREREQFUNC_OK;
}

std::size_t CurlExchange::next_body_piece(char* to, std::size_t room) noexcept {
  if (request_.body == nullptr) return 0;
  const auto piece = request_.body->view().substr(body_sent_, room);
  std::memcpy(to, piece.data(), piece.size());
  body_sent_ += piece.size();
  return piece.size();
}

void CurlExchange::note_upload(curl_off_t bytes) noexcept {
  if (bytes <= uploaded_) return;
  uploaded_ = bytes;
  sent_at_ = std::chrono::steady_clock::now();
  const bool other_limit_counts = !is_uploading() && request_.timeouts.head.count() > 0;
  if (other_limit_counts) wake();
}

bool CurlExchange::is_uploading() const {
  return request_.body != nullptr && std::cmp_less(uploaded_, request_.body->size());
}

// libcurl rewinds to the start and nowhere else.
int CurlExchange::rewind() noexcept {
  if (must_not_repeat()) return CURL_SEEKFUNC_FAIL;
  body_sent_ = 0;
  uploaded_ = 0;
  return CURL_SEEKFUNC_OK;
}

std::size_t CurlExchange::take_head_line(std::string_view line) noexcept {
  if (!head_.take(line)) {
    progress_.too_much_head = true;
    return 0;
  }
  has_set_cookies_ = has_set_cookies_ || is_set_cookie(line);
  if (head_.is_complete()) wake();
  return line.size();
}

std::size_t CurlExchange::take_body(std::string_view bytes) noexcept {
  const std::size_t room = resuming_ ? kResumeBytes : limits::kHttpReceiveBytes;
  if (!received_.empty() && received_.size() + bytes.size() > room) {
    paused_ = true;
    return CURL_WRITEFUNC_PAUSE;
  }
  (void)received_.append(bytes);  // without a budget it cannot be refused
  wake();
  return bytes.size();
}

void CurlExchange::resume() {
  resuming_ = true;
  loop_->resume(easy_.get());
  resuming_ = false;
}

void CurlExchange::finished(CURLcode code) {
  running_ = false;
  if (refused_) {
    failure_ = refused_;
  } else if (code != CURLE_OK) {
    failure_ = failure_of(easy_.get(), code, request_, progress_, error_text_.data());
  } else if (!head_.is_complete()) {
    failure_ = Error{.kind = ErrorKind::protocol, .message = "the answer ended within its header"};
  }
  wake();
}

awaitable<Result<bool>> CurlExchange::wait(Limit limit, const SteadyTime* since) {
  const bool limited = limit.count() > 0 && *since != SteadyTime::max();
  const SteadyTime until = limited ? *since + limit : SteadyTime::max();
  news_.expires_at(until);
  waiting_ = true;
  co_await news_.async_wait(as_result);
  waiting_ = false;

  const bool cancelled = io::is_cancelled(co_await asio::this_coro::cancellation_state);
  if (cancelled) co_return fail(ErrorKind::cancelled, "the request was abandoned");

  const bool moved = *since == SteadyTime::max() || *since + limit > until;
  co_return !limited || moved || std::chrono::steady_clock::now() < until;
}

void CurlExchange::give_up(ErrorKind kind, std::string message) {
  abandon();
  failure_ = Error{.kind = kind, .message = std::move(message)};
}

void CurlExchange::wake() {
  if (std::exchange(waiting_, false)) news_.cancel();
}

void CurlExchange::abandon() {
  if (std::exchange(running_, false)) loop_->stop(easy_.get());
}

}  // namespace mcpio::http
