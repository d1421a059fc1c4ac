// SPDX-License-Identifier: MIT
#include "http_endpoint.h"

#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace bench {

struct HttpEndpoint::Transfer {
  HttpEndpoint* endpoint;
  CURL* easy;
  std::string request;
  Buffer body;
  std::size_t searched = 0;  // of the body, for the end of an event
  bool is_stream = false;

  ~Transfer() { curl_easy_cleanup(easy); }
};

HttpEndpoint::HttpEndpoint(std::string url)
    : url_(std::move(url)), multi_(curl_multi_init()), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &HttpEndpoint::on_socket);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &HttpEndpoint::on_timer);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, 64L);
  for (const char* field :
       {"Content-Type: application/json", "Accept: application/json, text/event-stream",
        "MCP-Protocol-Version: 2025-06-18", "Expect:"})
    fields_ = curl_slist_append(fields_, field);
}

HttpEndpoint::~HttpEndpoint() {
  for (const auto& transfer : transfers_) curl_multi_remove_handle(multi_, transfer->easy);
  transfers_.clear();
  curl_multi_cleanup(multi_);
  curl_slist_free_all(fields_);
  close(epoll_);
}

void HttpEndpoint::send(std::string_view message) {
  auto& transfer = idle_transfer();
  transfer.request = message;
  curl_easy_setopt(transfer.easy, CURLOPT_POSTFIELDS, transfer.request.data());
  curl_easy_setopt(transfer.easy, CURLOPT_POSTFIELDSIZE, static_cast<long>(message.size()));
  curl_easy_setopt(transfer.easy, CURLOPT_HTTPHEADER, fields_);
  curl_multi_add_handle(multi_, transfer.easy);
  int running = 0;
  curl_multi_socket_action(multi_, CURL_SOCKET_TIMEOUT, 0, &running);
}

std::string_view HttpEndpoint::receive() {
  while (received_.empty()) wait();
  given_ = std::move(received_.front());
  received_.pop_front();
  return given_.bytes.view().substr(given_.begin, given_.size);
}

std::chrono::nanoseconds HttpEndpoint::cpu_time() const {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

HttpEndpoint::Transfer& HttpEndpoint::idle_transfer() {
  if (idle_.empty()) return *transfers_.emplace_back(new_transfer());
  auto* transfer = idle_.back();
  idle_.pop_back();
  return *transfer;
}

std::unique_ptr<HttpEndpoint::Transfer> HttpEndpoint::new_transfer() {
  auto transfer = std::make_unique<Transfer>(this, curl_easy_init());
  CURL* easy = transfer->easy;
  curl_easy_setopt(easy, CURLOPT_URL, url_.c_str());
  curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer.get());
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &HttpEndpoint::on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer.get());
  if (!has_session_) {
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &HttpEndpoint::on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
  }
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
  curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, 256L * 1024);
  curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  return transfer;
}

void HttpEndpoint::remember_session(std::string_view field) {
  constexpr std::string_view kName = "mcp-session-id:";
  if (has_session_ || field.size() < kName.size() ||
      strncasecmp(field.data(), kName.data(), kName.size()) != 0)
    return;
  has_session_ = true;
  const std::string line(field.substr(0, field.find_first_of("\r\n")));
  fields_ = curl_slist_append(fields_, line.c_str());
}

// Hands on the events that are complete. One that fills the body alone is not copied.
void HttpEndpoint::take_events(Transfer& transfer) {
  constexpr std::string_view kData = "data: ";
  for (;;) {
    const auto bytes = transfer.body.view();
    const auto end = bytes.find("\n\n", transfer.searched);
    if (end == bytes.npos) {
      transfer.searched = bytes.empty() ? 0 : bytes.size() - 1;
      return;
    }
    transfer.searched = 0;
    const auto data = bytes.substr(0, end).find(kData) + kData.size();
    if (end + 2 == bytes.size()) {
      received_.push_back({std::exchange(transfer.body, {}), data, end - data});
      return;
    }
    Received event{.bytes = {}, .begin = 0, .size = end - data};
    event.bytes.append(bytes.substr(data, end - data));
    received_.push_back(std::move(event));
    transfer.body.drop(end + 2);
  }
}

void HttpEndpoint::finish(Transfer& transfer) {
  if (!transfer.is_stream && transfer.body.size() > 0) {
    const auto size = transfer.body.size();
    received_.push_back({std::exchange(transfer.body, {}), 0, size});
  }
  transfer.is_stream = false;
  transfer.searched = 0;
  curl_multi_remove_handle(multi_, transfer.easy);
  idle_.push_back(&transfer);
}

void HttpEndpoint::collect_finished() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->data.result != CURLE_OK)
      throw std::runtime_error(curl_easy_strerror(message->data.result));
    Transfer* transfer = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
    finish(*transfer);
  }
}

// Waits for the server once, and hears what it says.
void HttpEndpoint::wait() {
  const auto patience = std::min<Clock::duration>(kPatience, timer_ - Clock::now());
  const auto limit = std::chrono::ceil<std::chrono::milliseconds>(patience).count();
  epoll_event events[64];
  const int count = epoll_wait(epoll_, events, 64, std::max(0, static_cast<int>(limit)));
  int running = 0;
  for (int i = 0; i < count; ++i) {
    const int what = (events[i].events & EPOLLIN ? CURL_CSELECT_IN : 0) |
                     (events[i].events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                     (events[i].events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
    curl_multi_socket_action(multi_, events[i].data.fd, what, &running);
  }
  if (count == 0 && timer_ > Clock::now()) throw std::runtime_error("no answer in time");
  if (timer_ <= Clock::now()) {
    timer_ = Clock::time_point::max();
    curl_multi_socket_action(multi_, CURL_SOCKET_TIMEOUT, 0, &running);
  }
  collect_finished();
}

std::size_t HttpEndpoint::on_body(char* bytes, std::size_t, std::size_t count, Transfer* transfer) {
  if (transfer->body.size() == 0) {
    const char* type = nullptr;
    curl_easy_getinfo(transfer->easy, CURLINFO_CONTENT_TYPE, &type);
    transfer->is_stream = type && std::strncmp(type, "text/event-stream", 17) == 0;
  }
  transfer->body.append({bytes, count});
  if (transfer->is_stream) transfer->endpoint->take_events(*transfer);
  return count;
}

std::size_t HttpEndpoint::on_header(char* bytes, std::size_t, std::size_t count,
                                    HttpEndpoint* self) {
  self->remember_session({bytes, count});
  return count;
}

int HttpEndpoint::on_socket(CURL*, curl_socket_t socket, int what, HttpEndpoint* self,
                            void* known) {
  epoll_event event{};
  event.data.fd = socket;
  event.events = (what & CURL_POLL_IN ? EPOLLIN : 0u) | (what & CURL_POLL_OUT ? EPOLLOUT : 0u);
  if (what == CURL_POLL_REMOVE) {
    curl_multi_assign(self->multi_, socket, nullptr);
    return epoll_ctl(self->epoll_, EPOLL_CTL_DEL, socket, nullptr), 0;
  }
  curl_multi_assign(self->multi_, socket, self);
  epoll_ctl(self->epoll_, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, socket, &event);
  return 0;
}

int HttpEndpoint::on_timer(CURLM*, long milliseconds, HttpEndpoint* self) {
  self->timer_ = milliseconds < 0 ? Clock::time_point::max()
                                  : Clock::now() + std::chrono::milliseconds(milliseconds);
  return 0;
}

}  // namespace bench
