// SPDX-License-Identifier: MIT
#include "http/curl_loop.h"

#include <unistd.h>

#include <boost/asio/post.hpp>
#include <mutex>
#include <new>
#include <stdexcept>
#include <utility>

namespace mcpio::http {
namespace {

// Connections kept open, in use or not: as many as there can be requests, and some more.
constexpr long kConnections = 512;
// Handles kept for the next transfers; each holds a few kilobytes.
constexpr std::size_t kIdleHandles = 32;

// Without CURL_GLOBAL_SSL: OpenSSL initialises itself when the first connection needs it, and a run
// against an http:// URL never pays for it.
void initialise_libcurl_once() {
  static std::once_flag once;
  std::call_once(once, [] {
    if (curl_global_init(CURL_GLOBAL_NOTHING) != CURLE_OK)
      throw std::runtime_error("libcurl cannot be initialised");
  });
}

CURLSH* new_share() {
  initialise_libcurl_once();
  CURLSH* share = curl_share_init();
  if (share == nullptr) throw std::bad_alloc();
  curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_COOKIE);
  curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
  return share;
}

CURLM* new_multi() {
  CURLM* multi = curl_multi_init();
  if (multi == nullptr) throw std::bad_alloc();
  return multi;
}

// Whatever libcurl refuses here is a mistake of ours, not of a peer.
void require(CURLMcode code) {
  if (code != CURLM_OK) throw std::logic_error(curl_multi_strerror(code));
}

// Is it the socket of this transfer's connection, and not one of libcurl's others: attempts to
// connect, name lookups?
bool is_connected_by(CURL* easy, curl_socket_t descriptor) {
  curl_socket_t connected = CURL_SOCKET_BAD;
  curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, &connected);
  return connected == descriptor;
}

}  // namespace

CurlLoop::CurlLoop(asio::any_io_executor executor)
    : executor_(std::move(executor)), share_(new_share()), multi_(new_multi()), timer_(executor_) {
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &CurlLoop::on_socket);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &CurlLoop::on_timer);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, kConnections);
}

CurlLoop::~CurlLoop() {
  idle_.clear();
  curl_multi_cleanup(multi_);
  for (auto& [descriptor, watch] : watches_) watch->stop();
  curl_share_cleanup(share_);
}

CurlLoop::Lease CurlLoop::lease() {
  if (!idle_.empty()) {
    EasyHandle kept = std::move(idle_.back());
    idle_.pop_back();
    return Lease{.easy = std::move(kept), .is_new = false};
  }
  EasyHandle easy(curl_easy_init());
  if (!easy) throw std::bad_alloc();
  curl_easy_setopt(easy.get(), CURLOPT_SHARE, share_);
  curl_easy_setopt(easy.get(), CURLOPT_CLOSESOCKETFUNCTION, &CurlLoop::on_close);
  curl_easy_setopt(easy.get(), CURLOPT_CLOSESOCKETDATA, this);
  return Lease{.easy = std::move(easy), .is_new = true};
}

void CurlLoop::give_back(EasyHandle easy) {
  if (idle_.size() < kIdleHandles) idle_.push_back(std::move(easy));
}

void CurlLoop::start(CURL* easy) {
  require(curl_multi_add_handle(multi_, easy));
  act(CURL_SOCKET_TIMEOUT, 0);
}

void CurlLoop::stop(CURL* easy) {
  require(curl_multi_remove_handle(multi_, easy));
  after_call();
}

void CurlLoop::resume(CURL* easy) {
  // A failure of the transfer shows when libcurl is called next, which it asks for here.
  curl_easy_pause(easy, CURLPAUSE_CONT);
  after_call();
}

void CurlLoop::act(curl_socket_t descriptor, int events) {
  // Called for a time, libcurl names the next one afresh; silence means that there is none.
  if (descriptor == CURL_SOCKET_TIMEOUT) due_ = SteadyTime::max();
  int running = 0;
  require(curl_multi_socket_action(multi_, descriptor, events, &running));
  after_call();
}

void CurlLoop::after_call() {
  collect_finished();
  wait_until_due();
}

void CurlLoop::collect_finished() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    CURL* const easy = message->easy_handle;
    const CURLcode code = message->data.result;
    require(curl_multi_remove_handle(multi_, easy));
    Transfer* transfer = nullptr;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
    transfer->finished(code);
  }
}

void CurlLoop::wait_until_due() {
  if (due_ >= armed_) return;
  armed_ = due_;
  auto called_then = [weak = weak_from_this()](boost::system::error_code error = {}) {
    if (error) return;
    if (auto self = weak.lock()) self->on_due();
  };
  if (due_ <= std::chrono::steady_clock::now()) return asio::post(executor_, called_then);
  timer_.expires_at(due_);
  timer_.async_wait(called_then);
}

void CurlLoop::on_due() {
  armed_ = SteadyTime::max();
  if (due_ <= std::chrono::steady_clock::now()) return act(CURL_SOCKET_TIMEOUT, 0);
  wait_until_due();
}

int CurlLoop::on_socket(CURL* easy, curl_socket_t descriptor, int what, void* self,
                        void*) noexcept {
  auto& loop = *static_cast<CurlLoop*>(self);
  if (what == CURL_POLL_REMOVE && !is_connected_by(easy, descriptor)) {
    loop.stop_watching(descriptor);
    return 0;
  }
  auto& watch = loop.watches_[descriptor];
  if (what == CURL_POLL_REMOVE) {
    if (watch) watch->rest();
    return 0;
  }
  if (!watch) watch = std::make_shared<CurlSocketWatch>(loop.executor_, loop, descriptor);
  watch->want(what);
  return 0;
}

// Comes for sockets that were connected; others are closed without a word.
int CurlLoop::on_close(void* self, curl_socket_t descriptor) noexcept {
  static_cast<CurlLoop*>(self)->stop_watching(descriptor);
  return ::close(descriptor);
}

void CurlLoop::stop_watching(curl_socket_t descriptor) {
  const auto found = watches_.find(descriptor);
  if (found == watches_.end()) return;
  found->second->stop();
  watches_.erase(found);
}

int CurlLoop::on_timer(CURLM*, long milliseconds, void* self) noexcept {
  auto& loop = *static_cast<CurlLoop*>(self);
  loop.due_ = milliseconds < 0
                  ? SteadyTime::max()
                  : std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
  return 0;
}

}  // namespace mcpio::http
