// SPDX-License-Identifier: MIT
// The MCP server that every subject of the benchmark talks to: Streamable HTTP over HTTP/1.1 with
// keep-alive, one thread, one epoll loop, no copies of large results.
//
// It is made to cost next to nothing, so it trusts its clients: one request at a time on a
// connection, bodies with a Content-Length. It prints its URL, and ends when its stdin does.
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "upstream_answers.h"

namespace bench {
namespace {

using Clock = std::chrono::steady_clock;

struct HttpRequest {
  std::string_view method, target, body;
  bool has_token;
  std::size_t size;  // of all of it
};

// The request at the front of `bytes`, once it is complete.
std::optional<HttpRequest> parse_request(std::string_view bytes) {
  const auto head_end = bytes.find("\r\n\r\n");
  if (head_end == bytes.npos) return std::nullopt;
  const std::string head(bytes.substr(0, head_end));
  const char* field = strcasestr(head.c_str(), "\r\ncontent-length:");
  const std::size_t length = field ? std::strtoul(field + 17, nullptr, 10) : 0;
  if (bytes.size() < head_end + 4 + length) return std::nullopt;
  const auto method = bytes.substr(0, bytes.find(' '));
  const auto rest = bytes.substr(method.size() + 1);
  return HttpRequest{.method = method,
                     .target = rest.substr(0, rest.find(' ')),
                     .body = bytes.substr(head_end + 4, length),
                     .has_token = strcasestr(head.c_str(), "\r\nauthorization: bearer ") != nullptr,
                     .size = head_end + 4 + length};
}

Answer empty_answer(std::string_view status) {
  return {.head = "HTTP/1.1 " + std::string(status) + "\r\nContent-Length: 0\r\n\r\n",
          .payload = {},
          .tail = {}};
}

// The same server stands at two paths, and at one of them it wants a token. Bridges look for
// authorization documents beside the endpoint: there are none.
Answer answer_to(const HttpRequest& request) {
  const bool is_protected = request.target == "/signed-in";
  if (is_protected && !request.has_token) return empty_answer("401 Unauthorized");
  if (is_protected || request.target == "/mcp")
    return bench::answer_to(request.method, request.body);
  return empty_answer("404 Not Found");
}

struct Connection {
  std::string input;
  Answer answer;
  std::size_t sent = 0;     // of the answer
  bool is_waiting = false;  // for room to send the rest of it
};

struct Sleeper {
  Clock::time_point until;
  int socket;
  Answer answer;
};

class Server {
 public:
  Server();
  void run();

 private:
  void watch(int fd, std::uint32_t events, int operation);
  void accept_all();
  void read_from(int socket);
  void start(int socket, Answer answer);
  void send_rest(int socket, Connection& connection);
  void wake_sleepers();
  int milliseconds_to_sleep() const;
  void close_connection(int socket);

  int epoll_ = epoll_create1(EPOLL_CLOEXEC);
  int listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  std::unordered_map<int, Connection> connections_;
  std::deque<Sleeper> sleepers_;  // all sleep equally long: the first wakes first
};

void check(bool worked, const char* what) {
  if (worked) return;
  std::perror(what);
  std::exit(1);
}

Server::Server() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  check(bind(listener_, generic, size) == 0 && listen(listener_, 512) == 0, "bench upstream");
  check(getsockname(listener_, generic, &size) == 0, "bench upstream");
  watch(listener_, EPOLLIN, EPOLL_CTL_ADD);
  watch(STDIN_FILENO, EPOLLIN, EPOLL_CTL_ADD);
  std::printf("http://127.0.0.1:%d/mcp\n", ntohs(address.sin_port));
  std::fflush(stdout);
}

void Server::watch(int fd, std::uint32_t events, int operation) {
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  check(epoll_ctl(epoll_, operation, fd, &event) == 0, "bench upstream: epoll");
}

void Server::run() {
  epoll_event events[64];
  for (;;) {
    const int count = epoll_wait(epoll_, events, 64, milliseconds_to_sleep());
    for (int i = 0; i < count; ++i) {
      const int fd = events[i].data.fd;
      if (fd == STDIN_FILENO) return;
      if (fd == listener_) {
        accept_all();
      } else if (auto& connection = connections_[fd]; connection.is_waiting) {
        send_rest(fd, connection);
      } else {
        read_from(fd);
      }
    }
    wake_sleepers();
  }
}

void Server::accept_all() {
  for (;;) {
    const int socket = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket < 0) return;
    const int on = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    connections_[socket] = {};
    watch(socket, EPOLLIN, EPOLL_CTL_ADD);
  }
}

void Server::read_from(int socket) {
  auto& connection = connections_[socket];
  char bytes[65536];
  const auto got = recv(socket, bytes, sizeof bytes, 0);
  if (got <= 0) {
    if (got == 0 || errno != EAGAIN) close_connection(socket);
    return;
  }
  connection.input.append(bytes, static_cast<std::size_t>(got));
  const auto request = parse_request(connection.input);
  if (!request) return;
  auto answer = answer_to(*request);
  connection.input.erase(0, request->size);
  if (answer.delay.count() == 0) return start(socket, std::move(answer));
  const auto until = Clock::now() + answer.delay;
  sleepers_.push_back({.until = until, .socket = socket, .answer = std::move(answer)});
}

void Server::start(int socket, Answer answer) {
  auto& connection = connections_[socket];
  connection.answer = std::move(answer);
  connection.sent = 0;
  send_rest(socket, connection);
}

void Server::send_rest(int socket, Connection& connection) {
  const auto& answer = connection.answer;
  const std::string_view parts[] = {answer.head, answer.payload, answer.tail};
  for (;;) {
    iovec rest[3];
    int count = 0;
    auto skip = connection.sent;
    for (auto part : parts) {
      const auto skipped = std::min(skip, part.size());
      skip -= skipped;
      part.remove_prefix(skipped);
      if (!part.empty()) rest[count++] = {const_cast<char*>(part.data()), part.size()};
    }
    if (count == 0) break;
    const auto sent = writev(socket, rest, count);
    if (sent < 0 && errno != EAGAIN) return close_connection(socket);
    if (sent < 0) {
      if (!std::exchange(connection.is_waiting, true)) watch(socket, EPOLLOUT, EPOLL_CTL_MOD);
      return;
    }
    connection.sent += static_cast<std::size_t>(sent);
  }
  if (std::exchange(connection.is_waiting, false)) watch(socket, EPOLLIN, EPOLL_CTL_MOD);
}

void Server::wake_sleepers() {
  const auto now = Clock::now();
  while (!sleepers_.empty() && sleepers_.front().until <= now) {
    auto sleeper = std::move(sleepers_.front());
    sleepers_.pop_front();
    if (connections_.contains(sleeper.socket)) start(sleeper.socket, std::move(sleeper.answer));
  }
}

int Server::milliseconds_to_sleep() const {
  if (sleepers_.empty()) return -1;
  const auto left = sleepers_.front().until - Clock::now();
  return std::max(0, static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(left).count()));
}

void Server::close_connection(int socket) {
  close(socket);
  connections_.erase(socket);
}

}  // namespace
}  // namespace bench

int main() {
  std::signal(SIGPIPE, SIG_IGN);
  bench::Server().run();
}
