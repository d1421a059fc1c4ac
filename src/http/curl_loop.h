// SPDX-License-Identifier: MIT
// libcurl's multi handle on an Asio loop: it says which sockets and times matter, we call it then.
#pragma once

#include <curl/curl.h>

#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "http/curl_socket_watch.h"
#include "io/awaitable.h"

namespace mcpio::http {

struct EasyDelete {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
using EasyHandle = std::unique_ptr<CURL, EasyDelete>;

// Drives transfers, and keeps what they share: connections, cookies, TLS sessions, idle handles.
//
// No member may be called from inside a libcurl callback, and none calls user code: whoever waits
// for a transfer is woken through the executor. One thread. Owned by shared_ptr.
class CurlLoop final : public std::enable_shared_from_this<CurlLoop>,
                       public CurlSocketWatch::Listener {
 public:
  // What CURLOPT_PRIVATE of a started handle points to.
  class Transfer {
   public:
    virtual ~Transfer() = default;
    // The handle has been taken out of the loop. Must not call back into the loop.
    virtual void finished(CURLcode code) = 0;
  };

  explicit CurlLoop(asio::any_io_executor executor);
  CurlLoop(const CurlLoop&) = delete;
  CurlLoop& operator=(const CurlLoop&) = delete;
  ~CurlLoop() override;

  const asio::any_io_executor& executor() const { return executor_; }

  // A handle for one transfer: a new one, or one that was kept. Options stay as they were left.
  struct Lease {
    EasyHandle easy;
    bool is_new;
  };
  Lease lease();
  void give_back(EasyHandle easy);

  void start(CURL* easy);   // and do all that can be done without waiting
  void stop(CURL* easy);    // abandon it; finished() will not be called
  void resume(CURL* easy);  // after CURL_WRITEFUNC_PAUSE

  void ready(int descriptor, int events) override { act(descriptor, events); }

 private:
  static int on_socket(CURL*, curl_socket_t descriptor, int what, void* self, void*) noexcept;
  static int on_close(void* self, curl_socket_t descriptor) noexcept;
  static int on_timer(CURLM*, long milliseconds, void* self) noexcept;

  void stop_watching(curl_socket_t descriptor);
  void act(curl_socket_t descriptor, int events);
  void after_call();
  void collect_finished();
  void wait_until_due();
  void on_due();

  const asio::any_io_executor executor_;
  CURLSH* const share_;
  CURLM* const multi_;
  std::vector<EasyHandle> idle_;
  std::unordered_map<int, std::shared_ptr<CurlSocketWatch>> watches_;

  // libcurl wants a call at due_, the timer will wake us at armed_ <= due_: it is not moved for a
  // later time, because nearly all of these times are limits that are never reached.
  SteadyTime due_ = SteadyTime::max();
  SteadyTime armed_ = SteadyTime::max();
  asio::steady_timer timer_;
};

}  // namespace mcpio::http
