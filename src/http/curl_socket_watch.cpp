// SPDX-License-Identifier: MIT
#include "http/curl_socket_watch.h"

#include <curl/curl.h>

#include <utility>

namespace mcpio::http {

CurlSocketWatch::CurlSocketWatch(const asio::any_io_executor& executor, Listener& listener,
                                 int descriptor)
    : listener_(listener),
      descriptor_(descriptor),
      watched_(executor),
      in_{.wait = Wait::wait_read, .poll = CURL_POLL_IN, .select = CURL_CSELECT_IN},
      out_{.wait = Wait::wait_write, .poll = CURL_POLL_OUT, .select = CURL_CSELECT_OUT} {}

void CurlSocketWatch::want(int what) {
  if (!watched_.is_open()) watched_.assign(descriptor_);
  wanted_ = what;
  arm(in_);
  arm(out_);
}

void CurlSocketWatch::rest() {
  // Asio never takes back that it has asked for room to write, and would be told of it for ever.
  if (std::exchange(has_waited_for_room_, false)) return stop();
  wanted_ = 0;
  if (in_.waiting || out_.waiting) watched_.cancel();
}

void CurlSocketWatch::stop() {
  wanted_ = 0;
  if (watched_.is_open()) watched_.release();
}

void CurlSocketWatch::arm(Direction& direction) {
  if ((wanted_ & direction.poll) == 0 || direction.waiting) return;
  direction.waiting = true;
  if (&direction == &out_) has_waited_for_room_ = true;
  watched_.async_wait(direction.wait,
                      [self = shared_from_this(), &direction](boost::system::error_code error) {
                        self->on_ready(direction, error);
                      });
}

void CurlSocketWatch::on_ready(Direction& direction, const boost::system::error_code& error) {
  direction.waiting = false;
  if ((wanted_ & direction.poll) == 0) return;
  // Woken to rest, and wanted again before it did.
  if (error == asio::error::operation_aborted) return arm(direction);
  listener_.ready(descriptor_, error ? CURL_CSELECT_ERR : direction.select);
  arm(direction);  // unless libcurl has lost interest in the meantime
}

}  // namespace mcpio::http
