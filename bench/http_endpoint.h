// SPDX-License-Identifier: MIT
// The server itself: the floor under every bridge. The same calls by libcurl, with connections
// kept alive, on the driver's own thread.
#pragma once

#include <curl/curl.h>

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "buffer.h"
#include "endpoint.h"

namespace bench {

class HttpEndpoint : public Endpoint {
 public:
  explicit HttpEndpoint(std::string url);
  ~HttpEndpoint() override;
  HttpEndpoint(const HttpEndpoint&) = delete;
  HttpEndpoint& operator=(const HttpEndpoint&) = delete;

  void send(std::string_view message) override;
  std::string_view receive() override;
  std::chrono::nanoseconds cpu_time() const override;

 private:
  struct Transfer;
  struct Received {
    Buffer bytes;
    std::size_t begin, size;
  };

  Transfer& idle_transfer();
  std::unique_ptr<Transfer> new_transfer();
  void remember_session(std::string_view field);
  void take_events(Transfer& transfer);
  void finish(Transfer& transfer);
  void collect_finished();
  void wait();

  static std::size_t on_body(char* bytes, std::size_t, std::size_t count, Transfer* transfer);
  static std::size_t on_header(char* bytes, std::size_t, std::size_t count, HttpEndpoint* self);
  static int on_socket(CURL*, curl_socket_t socket, int what, HttpEndpoint* self, void* known);
  static int on_timer(CURLM*, long milliseconds, HttpEndpoint* self);

  std::string url_;
  CURLM* multi_;
  int epoll_;
  Clock::time_point timer_ = Clock::time_point::max();
  curl_slist* fields_ = nullptr;
  bool has_session_ = false;
  std::vector<std::unique_ptr<Transfer>> transfers_;
  std::vector<Transfer*> idle_;
  std::deque<Received> received_;
  Received given_{};
};

}  // namespace bench
