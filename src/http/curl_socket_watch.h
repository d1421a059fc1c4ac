// SPDX-License-Identifier: MIT
// Waits for one of libcurl's descriptors to be ready.
#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>
#include <memory>

#include "io/awaitable.h"

namespace mcpio::http {

// The descriptor stays libcurl's: it is watched and never read, written or closed here. stop() must
// come before libcurl closes it. Between two transfers of a kept connection it may rest instead:
// telling the system again of a descriptor that it knows takes three system calls. One thread.
class CurlSocketWatch : public std::enable_shared_from_this<CurlSocketWatch> {
 public:
  // Hears CURL_CSELECT_* bits, from the event loop.
  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void ready(int descriptor, int events) = 0;
  };

  CurlSocketWatch(const asio::any_io_executor& executor, Listener& listener, int descriptor);
  CurlSocketWatch(const CurlSocketWatch&) = delete;
  CurlSocketWatch& operator=(const CurlSocketWatch&) = delete;
  ~CurlSocketWatch() { stop(); }

  // CURL_POLL_IN, OUT or INOUT: from now on, until the next call, rest() or stop().
  void want(int what);
  void rest();
  void stop();

 private:
  using Wait = asio::posix::descriptor_base::wait_type;
  struct Direction {
    Wait wait;
    int poll, select;  // libcurl's names for it
    bool waiting = false;
  };

  void arm(Direction& direction);
  void on_ready(Direction& direction, const boost::system::error_code& error);

  Listener& listener_;
  const int descriptor_;
  asio::posix::stream_descriptor watched_;
  int wanted_ = 0;
  bool has_waited_for_room_ = false;
  Direction in_, out_;
};

}  // namespace mcpio::http
