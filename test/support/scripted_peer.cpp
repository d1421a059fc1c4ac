// SPDX-License-Identifier: MIT
#include "support/scripted_peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <list>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>

namespace mcpio::test {
namespace {

constexpr std::chrono::seconds kPatience{20};

using SslContext = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;
using Ssl = std::unique_ptr<SSL, decltype(&SSL_free)>;

void require(bool worked, const char* what) {
  if (!worked) throw std::runtime_error(std::string("scripted peer: ") + what);
}

bool same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

int listen_on_loopback() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  require(fd >= 0, "socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  require(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0, "bind");
  require(::listen(fd, 512) == 0, "listen");
  return fd;
}

std::uint16_t port_of(int fd) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  require(::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0, "getsockname");
  return ntohs(address.sin_port);
}

SslContext context_for(const PeerTls& tls) {
  SslContext context(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free);
  SSL_CTX* raw = context.get();
  require(SSL_CTX_use_certificate_chain_file(raw, tls.certificate_file.c_str()) == 1,
          "certificate");
  require(SSL_CTX_use_PrivateKey_file(raw, tls.key_file.c_str(), SSL_FILETYPE_PEM) == 1, "key");
  if (!tls.client_ca_file.empty()) {
    require(SSL_CTX_load_verify_locations(raw, tls.client_ca_file.c_str(), nullptr) == 1, "CA");
    const int unless_shown = tls.client_may_show_none ? 0 : SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
    SSL_CTX_set_verify(raw, SSL_VERIFY_PEER | unless_shown, nullptr);
    constexpr unsigned char kSessions[] = "peer";  // else OpenSSL resumes none
    require(SSL_CTX_set_session_id_context(raw, kSessions, sizeof kSessions) == 1, "sessions");
  }
  return context;
}

std::string shown_subject(SSL* ssl) {
  const std::unique_ptr<X509, decltype(&X509_free)> shown(SSL_get1_peer_certificate(ssl),
                                                          &X509_free);
  if (!shown) return {};
  char* const text = X509_NAME_oneline(X509_get_subject_name(shown.get()), nullptr, 0);
  std::string subject(text);
  OPENSSL_free(text);
  return subject;
}

// OpenSSL writes without MSG_NOSIGNAL.
void block_sigpipe_in_this_thread() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

}  // namespace

struct ScriptedPeer::State {
  State(std::vector<Script> scripts_given, const std::optional<PeerTls>& tls)
      : scripts(std::move(scripts_given)), listener(listen_on_loopback()), port(port_of(listener)) {
    if (tls) context = context_for(*tls);
  }

  void accept_until_stopped();
  void serve(int fd, std::size_t number);
  void stop();

  template <class Condition>
  bool wait(Condition condition) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, kPatience, condition);
  }

  const std::vector<Script> scripts;
  const int listener;
  const std::uint16_t port;
  SslContext context{nullptr, &SSL_CTX_free};

  std::mutex mutex;  // guards what follows
  std::condition_variable changed;
  std::vector<Request> requests;
  std::vector<int> open;
  std::list<std::thread> threads;
  std::size_t accepted = 0, closed = 0;
  bool stopping = false;
  std::atomic<std::size_t> bytes_sent = 0;
  std::thread acceptor;
};

namespace {

class BlockingConnection final : public ScriptedPeer::Connection {
 public:
  BlockingConnection(ScriptedPeer::State& state, int fd, std::size_t number)
      : state_(state), fd_(fd), number_(number) {}

  // False: the client and we could not agree.
  bool start_tls() {
    if (!state_.context) return true;
    ssl_.reset(SSL_new(state_.context.get()));
    return SSL_set_fd(ssl_.get(), fd_) == 1 && SSL_accept(ssl_.get()) == 1;
  }

  std::size_t number() const override { return number_; }

  std::string read_some() override {
    if (!left_.empty()) return std::exchange(left_, {});
    char bytes[16 * 1024];
    const auto got = ssl_ ? SSL_read(ssl_.get(), bytes, sizeof bytes)
                          : static_cast<int>(::recv(fd_, bytes, sizeof bytes, 0));
    return got > 0 ? std::string(bytes, static_cast<std::size_t>(got)) : std::string();
  }

  std::optional<ScriptedPeer::Request> read_request() override {
    ScriptedPeer::Request request;
    request.connection = number_;
    auto head = read_through("\r\n\r\n");
    if (!head) return std::nullopt;
    request.head = head->substr(0, head->size() - 2);
    if (!parse_request_line(request) || !read_body(request)) return std::nullopt;
    if (ssl_) request.shown = shown_subject(ssl_.get());
    {
      const std::lock_guard lock(state_.mutex);
      state_.requests.push_back(request);
    }
    state_.changed.notify_all();
    return request;
  }

  bool send(std::string_view bytes) override {
    while (!bytes.empty()) {
      const auto piece = bytes.substr(0, 64 * 1024);
      const auto sent =
          ssl_ ? SSL_write(ssl_.get(), piece.data(), static_cast<int>(piece.size()))
               : static_cast<int>(::send(fd_, piece.data(), piece.size(), MSG_NOSIGNAL));
      if (sent <= 0) return false;
      state_.bytes_sent += static_cast<std::size_t>(sent);
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  void turn_deaf() override {
    pollfd ended = {.fd = fd_, .events = POLLRDHUP, .revents = 0};
    ::poll(&ended, 1, -1);
  }

  void finish_sending() override {
    if (ssl_) SSL_shutdown(ssl_.get());
    ::shutdown(fd_, SHUT_WR);
  }

  void reset() override {
    const linger now{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    ssl_.reset();
    reset_ = true;
  }

  bool was_reset() const { return reset_; }

 private:
  std::optional<std::string> read_through(std::string_view end) {
    std::string text = std::exchange(left_, {});
    for (;;) {
      const auto at = text.find(end);
      if (at != std::string::npos) {
        left_ = text.substr(at + end.size());
        text.resize(at + end.size());
        return text;
      }
      const auto more = read_some();
      if (more.empty()) return std::nullopt;
      text += more;
    }
  }

  std::optional<std::string> read_exactly(std::size_t count) {
    std::string text = std::exchange(left_, {});
    while (text.size() < count) {
      const auto more = read_some();
      if (more.empty()) return std::nullopt;
      text += more;
    }
    left_ = text.substr(count);
    text.resize(count);
    return text;
  }

  static bool parse_request_line(ScriptedPeer::Request& request) {
    const auto line = request.head.substr(0, request.head.find("\r\n"));
    const auto first = line.find(' '), last = line.rfind(' ');
    if (first == std::string::npos || first == last) return false;
    request.method = line.substr(0, first);
    request.target = line.substr(first + 1, last - first - 1);
    return true;
  }

  bool read_body(ScriptedPeer::Request& request) {
    if (request.field("transfer-encoding")) return read_chunks(request.body);
    const auto length = request.field("content-length");
    if (!length) return true;
    auto body = read_exactly(std::stoul(*length));
    if (body) request.body = std::move(*body);
    return body.has_value();
  }

  bool read_chunks(std::string& body) {
    for (;;) {
      const auto size_line = read_through("\r\n");
      if (!size_line) return false;
      const auto size = std::stoul(*size_line, nullptr, 16);
      const auto chunk = read_exactly(size + 2);
      if (!chunk) return false;
      if (size == 0) return true;
      body.append(*chunk, 0, size);
    }
  }

  ScriptedPeer::State& state_;
  const int fd_;
  const std::size_t number_;
  Ssl ssl_{nullptr, &SSL_free};
  std::string left_;  // read, and not asked for yet
  bool reset_ = false;
};

}  // namespace

void ScriptedPeer::State::accept_until_stopped() {
  for (;;) {
    const int fd = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    const int yes = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    const std::lock_guard lock(mutex);
    if (stopping) {
      ::close(fd);
      return;
    }
    open.push_back(fd);
    threads.emplace_back(&State::serve, this, fd, accepted++);
  }
}

void ScriptedPeer::State::serve(int fd, std::size_t number) {
  block_sigpipe_in_this_thread();
  {
    BlockingConnection connection(*this, fd, number);
    if (connection.start_tls()) {
      scripts[std::min(number, scripts.size() - 1)](connection);
      if (!connection.was_reset()) connection.finish_sending();
    }
  }
  {
    const std::lock_guard lock(mutex);
    std::erase(open, fd);
    ::close(fd);
    ++closed;
  }
  changed.notify_all();
}

void ScriptedPeer::State::stop() {
  {
    const std::lock_guard lock(mutex);
    stopping = true;
    for (const int fd : open) ::shutdown(fd, SHUT_RDWR);
  }
  ::shutdown(listener, SHUT_RDWR);
  acceptor.join();
  for (auto& thread : threads) thread.join();
  ::close(listener);
}

ScriptedPeer::ScriptedPeer(std::vector<Script> scripts, std::optional<PeerTls> tls)
    : state_(std::make_unique<State>(std::move(scripts), tls)) {
  state_->acceptor = std::thread(&State::accept_until_stopped, state_.get());
}

ScriptedPeer::ScriptedPeer(Script script, std::optional<PeerTls> tls)
    : ScriptedPeer(std::vector<Script>{std::move(script)}, std::move(tls)) {}

ScriptedPeer::~ScriptedPeer() { state_->stop(); }

std::uint16_t ScriptedPeer::port() const { return state_->port; }

std::string ScriptedPeer::url(std::string_view path) const {
  const std::string origin = state_->context ? "https://localhost:" : "http://127.0.0.1:";
  return origin + std::to_string(state_->port) + std::string(path);
}

std::vector<ScriptedPeer::Request> ScriptedPeer::requests() const {
  const std::lock_guard lock(state_->mutex);
  return state_->requests;
}

std::size_t ScriptedPeer::connections() const {
  const std::lock_guard lock(state_->mutex);
  return state_->accepted;
}

std::size_t ScriptedPeer::bytes_sent() const { return state_->bytes_sent; }

bool ScriptedPeer::wait_for_requests(std::size_t count) const {
  return state_->wait([&] { return state_->requests.size() >= count; });
}

bool ScriptedPeer::wait_for_closed(std::size_t connections) const {
  return state_->wait([&] { return state_->closed >= connections; });
}

std::optional<std::string> ScriptedPeer::Request::field(std::string_view name) const {
  std::string_view rest = head;
  while (!rest.empty()) {
    const auto line = rest.substr(0, rest.find("\r\n"));
    rest.remove_prefix(std::min(rest.size(), line.size() + 2));
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || !same_name(line.substr(0, colon), name)) continue;
    const auto value = line.substr(colon + 1);
    const auto start = value.find_first_not_of(" \t");
    return std::string(start == std::string_view::npos ? "" : value.substr(start));
  }
  return std::nullopt;
}

bool ScriptedPeer::Connection::respond(int status, std::string_view body, std::string_view fields) {
  std::string answer = "HTTP/1.1 " + std::to_string(status) + " Scripted\r\n";
  answer += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  answer.append(fields).append("\r\n").append(body);
  return send(answer);
}

void ScriptedPeer::Connection::stall() {
  while (!read_some().empty()) {
  }
}

ScriptedPeer::Script answering(int status, std::string body, std::string fields) {
  return [=](ScriptedPeer::Connection& client) {
    while (client.read_request() && client.respond(status, body, fields)) {
    }
  };
}

}  // namespace mcpio::test
