// SPDX-License-Identifier: MIT
// One transfer of libcurl as an http::Exchange.
#pragma once

#include <curl/curl.h>

#include <array>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>
#include <string_view>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/result.h"
#include "http/answer_head.h"
#include "http/client.h"
#include "http/curl_failure.h"
#include "http/curl_loop.h"
#include "http/curl_options.h"

namespace mcpio::http {

// libcurl's callbacks put bytes and facts into the members and wake whoever waits; head() and
// read() take them from there.
//
// At most once: libcurl sends a request again by itself when a reused connection dies without an
// answer, whatever the method. It asks may_start() before each attempt, the first included, and
// that allows another one only if the request may be repeated, or nothing that could be executed
// has left. There Request::check_address is asked as well. Of a body that libcurl asks for in
// pieces, rewind() says the same.
class CurlExchange final : public Exchange, private CurlLoop::Transfer {
 public:
  CurlExchange(std::shared_ptr<CurlLoop> loop, CurlOptions& options, Request request);
  CurlExchange(const CurlExchange&) = delete;
  CurlExchange& operator=(const CurlExchange&) = delete;
  ~CurlExchange() override;

  awaitable<Result<Head>> head() override;
  awaitable<Result<std::optional<std::string_view>>> read() override;
  bool is_complete() const override { return !running_ && received_.empty() && !failure_; }
  std::string server_address() const override;
  Timings timings() const override;

 private:
  using Limit = std::chrono::milliseconds;

  static void set_callbacks(CURL* easy);
  void hear_from(CURL* easy);

  // From libcurl.
  int may_start(std::string_view address) noexcept;
  std::size_t next_body_piece(char* to, std::size_t room) noexcept;
  int rewind() noexcept;
  std::size_t take_head_line(std::string_view line) noexcept;
  std::size_t take_body(std::string_view bytes) noexcept;
  void note_upload(curl_off_t bytes) noexcept;
  void finished(CURLcode code) override;

  bool is_uploading() const;

  // Waits for news, but not beyond `limit` after `since`, which libcurl's callbacks may move.
  // False: the limit has passed.
  awaitable<Result<bool>> wait(Limit limit, const SteadyTime* since);
  void give_up(ErrorKind kind, std::string message);
  void wake();
  void resume();
  void abandon();

  bool must_not_repeat() const;

  const std::shared_ptr<CurlLoop> loop_;
  const Request request_;
  const HeaderLines lines_;
  Description description_;
  EasyHandle easy_;
  std::array<char, CURL_ERROR_SIZE> error_text_{};

  std::size_t body_sent_ = 0;  // that libcurl has taken
  curl_off_t uploaded_ = 0;    // and the system from libcurl
  Progress progress_;
  SteadyTime sent_at_ = SteadyTime::max();  // the last piece of the request; max: not even begun

  AnswerHead head_;
  bool has_set_cookies_ = false;
  Buffer received_;   // what libcurl has put down
  Buffer delivered_;  // what the last read() has given out
  bool paused_ = false;
  bool resuming_ = false;  // libcurl is handing over what it has kept during the pause

  bool running_ = true;
  std::optional<Error> refused_;  // by Request::check_address
  std::optional<Error> failure_;

  asio::steady_timer news_;  // expires at a limit, is cancelled for news
  bool waiting_ = false;
};

}  // namespace mcpio::http
