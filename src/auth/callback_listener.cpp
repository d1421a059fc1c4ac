// SPDX-License-Identifier: MIT
#include "auth/callback_listener.h"

#include <fmt/core.h>

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <tuple>
#include <utility>

#include "codec/url.h"
#include "io/deadline.h"

namespace mcpio::auth {
namespace {

constexpr std::size_t kVisits = 16;
constexpr int kPortAttempts = 8;
// How long the browser waits for its page while the code is exchanged.
constexpr std::chrono::seconds kPageTime{60};
constexpr std::chrono::seconds kGoodbye{2};

http::ServerLimits server_limits() {
  http::ServerLimits limits;
  limits.header_bytes = 8 * 1024;
  limits.body_bytes = 0;
  limits.connections = 64;
  limits.header_time = std::chrono::seconds(5);
  limits.idle_time = std::chrono::seconds(10);
  limits.stall_time = std::chrono::seconds(5);
  return limits;
}

// The host of "host:port", in lower case and with its brackets.
std::string host_of(std::string_view authority) {
  const auto url = codec::parse_url("http://" + std::string(authority));
  return url ? url->host : std::string();
}

awaitable<void> send_page(std::shared_ptr<http::Responder> responder, int status, LoginPage page) {
  auto body = std::make_shared<const Buffer>(html(page));
  auto sent = co_await responder->send(status, page_fields(), std::move(body));
  std::ignore = sent;  // a browser that is gone changes nothing
}

// Where the browser goes for this host of a redirect URI.
std::string loopback_address(std::string_view host) {
  if (host == "localhost" || !codec::is_loopback(host)) return "127.0.0.1";
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  return std::string(host);
}

// Not so on a machine without IPv6.
bool is_taken_on_ipv6_loopback(const asio::any_io_executor& executor, std::uint16_t port) {
  const asio::ip::tcp::endpoint wanted(asio::ip::address_v6::loopback(), port);
  boost::system::error_code error;
  asio::ip::tcp::acceptor probe(executor);
  probe.open(wanted.protocol(), error);
  if (!error) probe.set_option(asio::ip::tcp::acceptor::reuse_address(true), error);
  if (!error) probe.bind(wanted, error);
  return error == asio::error::address_in_use;
}

}  // namespace

void Visit::show(int status, LoginPage page) {
  status_ = status;
  page_ = std::move(page);
  shown_.set();
}

awaitable<Result<int>> Visit::answered() {
  const bool shown = co_await shown_.wait();
  if (!shown) co_return fail(ErrorKind::cancelled, "cancelled");
  co_return status_;
}

CallbackListener::Settings CallbackListener::settings_for(const std::string& redirect_uri) {
  Settings settings{.redirect_uri = redirect_uri};
  const auto url = codec::parse_url(redirect_uri);
  settings.listens = url && !url->is_https() && codec::is_loopback(url->host);
  if (!settings.listens) return settings;
  settings.host = url->host;
  settings.port = codec::port_of(*url);
  settings.path = url->path.empty() ? "/" : url->path;
  if (url->host == "localhost") return settings;
  settings.bind =
      url->host.starts_with('[') ? url->host.substr(1, url->host.size() - 2) : url->host;
  return settings;
}

CallbackListener::CallbackListener(asio::any_io_executor executor, Settings settings)
    : executor_(executor), settings_(std::move(settings)), visits_(executor, kVisits) {}

awaitable<Result<std::unique_ptr<CallbackListener>>> CallbackListener::open(
    asio::any_io_executor executor, Settings settings) {
  for (int attempt = 1;; ++attempt) {
    std::unique_ptr<CallbackListener> listener(new CallbackListener(executor, settings));
    auto listening = listener->listen();
    if (listening) co_return listener;
    co_await listener->close();
    const bool may_choose_another = settings.port == 0 && listening.error().kind == ErrorKind::io;
    if (!may_choose_another || attempt == kPortAttempts)
      co_return propagate(listening, "waiting for the browser's answer");
  }
}

Result<void> CallbackListener::listen() {
  redirect_uri_ = settings_.redirect_uri;
  if (!settings_.listens) return ok();
  const bool both = settings_.bind.empty() && settings_.host == "localhost";
  const std::string address =
      settings_.bind.empty() ? loopback_address(settings_.host) : settings_.bind;
  auto first = listen_on(address, settings_.port);
  if (!first) return first;
  // A browser may take localhost for either. A machine without IPv6 has no second one to listen on;
  // but who has our port there would get what is for us.
  if (both && !listen_on("::1", port_) && is_taken_on_ipv6_loopback(executor_, port_))
    return fail(ErrorKind::io, fmt::format("somebody else listens on [::1] port {}: give another "
                                           "--callback-port, or --callback-host 127.0.0.1",
                                           port_));
  if (redirect_uri_.empty())
    redirect_uri_ = fmt::format("http://{}:{}{}", settings_.host, port_, settings_.path);
  return ok();
}

Result<void> CallbackListener::listen_on(const std::string& address, std::uint16_t port) {
  http::Handler& handler = *this;
  auto server = std::make_unique<http::Server>(executor_, handler, server_limits());
  auto bound = server->listen(address, port);
  if (!bound) return propagate(bound);
  port_ = *bound;
  servers_.push_back(std::move(server));
  return ok();
}

bool CallbackListener::is_ours(const http::IncomingRequest& request) const {
  const std::string_view path =
      std::string_view(request.target).substr(0, request.target.find('?'));
  if (request.method != "GET" || path != settings_.path) return false;
  const std::string host = host_of(request.fields.find("Host").value_or(""));
  return codec::is_loopback(host) || (!host.empty() && host == settings_.host);
}

awaitable<void> CallbackListener::answer(http::IncomingRequest request,
                                         std::shared_ptr<http::Responder> responder) {
  if (!is_ours(request)) co_return co_await send_page(std::move(responder), 404, still_waiting());
  const auto mark = request.target.find('?');
  Secret query(mark == std::string::npos ? "" : request.target.substr(mark + 1));
  const auto visit = visit_with(std::move(query));
  if (!visit) co_return co_await send_page(std::move(responder), 503, still_waiting());
  auto shown = co_await io::with_deadline(kPageTime, io::until(visit->shown_));
  if (!shown) co_return co_await send_page(std::move(responder), 503, still_waiting());
  co_await send_page(std::move(responder), visit->status_, visit->page_);
}

// The one that came before with the same query, or a new one. Null: too many are waiting.
std::shared_ptr<Visit> CallbackListener::visit_with(Secret query) {
  std::erase_if(known_,
                [](const auto& visit) { return visit->status_ != 0 && visit->status_ != 200; });
  for (const auto& visit : known_)
    if (visit->query_ == query) return visit;
  auto visit = std::make_shared<Visit>(executor_, std::move(query));
  if (!visits_.try_put(visit)) return nullptr;
  known_.push_back(visit);
  return visit;
}

bool CallbackListener::has_answered() const {
  return std::ranges::any_of(known_, [](const auto& visit) { return visit->status_ == 200; });
}

std::shared_ptr<Visit> CallbackListener::deliver(Secret query) {
  auto visit = std::make_shared<Visit>(executor_, std::move(query));
  return visits_.try_put(visit) ? visit : nullptr;
}

awaitable<Result<std::shared_ptr<Visit>>> CallbackListener::next() {
  auto visit = co_await visits_.take();
  if (!visit) co_return fail(ErrorKind::cancelled, "cancelled");
  co_return *std::move(visit);
}

awaitable<void> CallbackListener::close() {
  for (const auto& server : servers_) co_await server->stop(kGoodbye);
}

}  // namespace mcpio::auth
