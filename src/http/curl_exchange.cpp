// SPDX-License-Identifier: MIT
#include "http/curl_exchange.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/limits.h"

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
  if (lease.is_new) options.set_up(easy_.get());
  url_ = options.describe(easy_.get(), request_, lines_);
  set_callbacks();
  loop_->start(easy_.get());
}

CurlExchange::~CurlExchange() {
  abandon();
  loop_->give_back(std::move(easy_));
}

void CurlExchange::set_callbacks() {
  CURL* const easy = easy_.get();
  curl_easy_setopt(easy, CURLOPT_PRIVATE, static_cast<CurlLoop::Transfer*>(this));
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error_text_.data());

  using Self = CurlExchange*;
  curl_easy_setopt(easy, CURLOPT_PREREQDATA, this);
  curl_easy_setopt(
      easy, CURLOPT_PREREQFUNCTION,
      +[](void* self, char*, char*, int, int) { return static_cast<Self>(self)->may_start(); });
  curl_easy_setopt(easy, CURLOPT_READDATA, this);
  curl_easy_setopt(
      easy, CURLOPT_READFUNCTION, +[](char* to, std::size_t size, std::size_t count, void* self) {
        return static_cast<Self>(self)->next_body_piece(to, size * count);
      });
  curl_easy_setopt(easy, CURLOPT_SEEKDATA, this);
  curl_easy_setopt(
      easy, CURLOPT_SEEKFUNCTION,
      +[](void* self, curl_off_t, int) { return static_cast<Self>(self)->rewind(); });
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(
      easy, CURLOPT_HEADERFUNCTION,
      +[](char* line, std::size_t size, std::size_t count, void* self) {
        return static_cast<Self>(self)->take_head_line({line, size * count});
      });
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(
      easy, CURLOPT_WRITEFUNCTION,
      +[](char* bytes, std::size_t size, std::size_t count, void* self) {
        return static_cast<Self>(self)->take_body({bytes, size * count});
      });
}

awaitable<Result<Head>> CurlExchange::head() {
  while (!head_.is_complete() && !failure_) {
    auto news = co_await wait(request_.timeouts.head, &sent_at_, "no answer");
    if (!news) co_return propagate(news);
  }
  if (!head_.is_complete()) co_return std::unexpected(*failure_);
  co_return head_.release();
}

awaitable<Result<std::optional<std::string_view>>> CurlExchange::read() {
  delivered_.clear();
  const SteadyTime begun = std::chrono::steady_clock::now();
  while (received_.empty() && running_) {
    auto news = co_await wait(request_.timeouts.idle, &begun, "nothing more of the answer");
    if (!news) co_return propagate(news);
  }
  if (!received_.empty()) {
    std::swap(received_, delivered_);
    if (std::exchange(paused_, false) && running_) resume();
    co_return delivered_.view();
  }
  if (failure_) co_return std::unexpected(*failure_);
  co_return std::nullopt;
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

int CurlExchange::may_start() noexcept {
  if (must_not_repeat()) {
    progress_.repeat_refused = true;
    return CURL_PREREQFUNC_ABORT;
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
  sent_at_ = std::chrono::steady_clock::now();
  return piece.size();
}

// libcurl rewinds to the start and nowhere else.
int CurlExchange::rewind() noexcept {
  if (must_not_repeat()) return CURL_SEEKFUNC_FAIL;
  body_sent_ = 0;
  return CURL_SEEKFUNC_OK;
}

std::size_t CurlExchange::take_head_line(std::string_view line) noexcept {
  if (!head_.take(line)) {
    progress_.too_much_head = true;
    return 0;
  }
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
  if (code != CURLE_OK) {
    failure_ = failure_of(easy_.get(), code, request_, progress_, error_text_.data());
  } else if (!head_.is_complete()) {
    failure_ = Error{.kind = ErrorKind::protocol, .message = "the answer ended within its header"};
  }
  wake();
}

awaitable<Result<void>> CurlExchange::wait(Limit limit, const SteadyTime* since,
                                           std::string_view what) {
  const bool limited = limit.count() > 0 && *since != SteadyTime::max();
  const SteadyTime until = limited ? *since + limit : SteadyTime::max();
  news_.expires_at(until);
  waiting_ = true;
  co_await news_.async_wait(as_result);
  waiting_ = false;

  const auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none)
    co_return fail(ErrorKind::cancelled, "the request was abandoned");

  const bool moved = *since == SteadyTime::max() || *since + limit > until;
  if (limited && !moved && std::chrono::steady_clock::now() >= until) {
    abandon();
    failure_ = Error{.kind = ErrorKind::timed_out,
                     .message = fmt::format("{} within {} ms", what, limit.count())};
  }
  co_return ok();
}

void CurlExchange::wake() {
  if (std::exchange(waiting_, false)) news_.cancel();
}

void CurlExchange::abandon() {
  if (std::exchange(running_, false)) loop_->stop(easy_.get());
}

}  // namespace mcpio::http
