// SPDX-License-Identifier: MIT
// Where the browser brings the answer of the authorization server: a page on this machine.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "auth/login_page.h"
#include "base/result.h"
#include "base/secret.h"
#include "http/server.h"
#include "io/event.h"
#include "io/mailbox.h"

namespace mcpio::auth {

// The browser came to the redirect URI with this query, and waits for a page.
class Visit {
 public:
  Visit(asio::any_io_executor executor, Secret query)
      : query_(std::move(query)), shown_(std::move(executor)) {}

  std::string_view query() const { return query_.reveal(); }  // it holds a code

  // Once.
  void show(int status, LoginPage page);

  // For whoever brought the query otherwise than by a browser: the status it was answered with.
  // Fails with cancelled alone.
  awaitable<Result<int>> answered();

 private:
  friend class CallbackListener;

  const Secret query_;
  int status_ = 0;
  LoginPage page_;
  io::Event shown_;
};

//   auto listener = co_await CallbackListener::open(executor, settings);
//   ... (*listener)->redirect_uri() ...
//   auto visit = co_await (*listener)->next();
//   (*visit)->show(200, signed_in(server));
//   co_await (*listener)->close();
//
// Only a GET of the path, with a Host header that names this machine, is a visit (a page of
// somebody else whose name was turned to 127.0.0.1 is none): anything else gets 404, and is not
// heard of. A visit that comes again, as browsers do it, is the same visit while the first one
// waits for its page, and is shown the final page (status 200) again after that; others wait for
// next(). Bounded: 8 KB of header, 16 visits at a time.
class CallbackListener final : private http::Handler {
 public:
  struct Settings {
    std::string host = "127.0.0.1";  // in the redirect URI; `localhost` means both loopbacks
    std::uint16_t port = 0;          // 0: any free one
    std::string path = "/callback";
    std::string bind = {};          // an address to listen on instead of the loopback; empty: none
    std::string redirect_uri = {};  // exactly this one; empty: made from the host, port and path
    bool listens = true;            // false: answers are brought by deliver() alone
  };
  // Those for a redirect URI of the user's: listened on if it is http on this machine, as its host,
  // port and path say.
  static Settings settings_for(const std::string& redirect_uri);

  // Listens at once: on both loopbacks or, where somebody else has the port on one, on none. Fails
  // with config or io, and says which option helps.
  static awaitable<Result<std::unique_ptr<CallbackListener>>> open(asio::any_io_executor executor,
                                                                   Settings settings);
  ~CallbackListener() override = default;

  const std::string& redirect_uri() const { return redirect_uri_; }
  std::uint16_t port() const { return port_; }

  // Has a browser been shown the final page?
  bool has_answered() const;

  // An answer that came another way, as if a browser had brought it; null: too many are waiting.
  std::shared_ptr<Visit> deliver(Secret query);

  // Waits for a visit; fails with `cancelled` alone. The caller bounds it.
  awaitable<Result<std::shared_ptr<Visit>>> next();

  // Pages that were shown still reach the browser; nothing more is heard. Bounded. Any number of
  // times.
  awaitable<void> close();

 private:
  CallbackListener(asio::any_io_executor executor, Settings settings);

  Result<void> listen();
  Result<void> listen_on(const std::string& address, std::uint16_t port);
  std::shared_ptr<Visit> visit_with(Secret query);
  bool is_ours(const http::IncomingRequest& request) const;
  awaitable<void> answer(http::IncomingRequest request,
                         std::shared_ptr<http::Responder> responder) override;

  asio::any_io_executor executor_;
  const Settings settings_;
  std::uint16_t port_ = 0;
  std::string redirect_uri_;
  io::Mailbox<std::shared_ptr<Visit>> visits_;
  std::vector<std::shared_ptr<Visit>> known_;  // of browsers: without a page yet, or with the final
  std::vector<std::unique_ptr<http::Server>> servers_;
};

}  // namespace mcpio::auth
