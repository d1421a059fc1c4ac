// SPDX-License-Identifier: MIT
// Answers a client while somebody still has to sign in, instead of letting it wait until it gives
// up.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "io/task_scope.h"
#include "spine/upstream.h"

namespace mcpio::bridge {

// The problem is that clients wait for the answer to `initialize` for a minute at most, and a
// person may take longer. So when the handshake fails with sign_in_pending, this layer shakes hands
// in the server's place: with the revision the client has asked for, and lists that may change.
// Until the login is over, lists are empty, a ping is answered, notifications end here, and
// everything else fails with sign_in_pending, whose text says where to sign in. Then the client's
// own `initialize` goes to the server, and the client hears that the lists have changed.
//
// If the login fails, that is what requests are told; the next one that is no list and no ping
// begins another, if TokenKeeper thinks it may.
class ColdStart final : public Layer {
 public:
  // Returns when the login under way has ended, one way or another.
  using LoginEnd = std::function<awaitable<Result<void>>()>;

  // `version` is that of this program.
  ColdStart(asio::any_io_executor executor, std::unique_ptr<Upstream> inner, std::string version,
            LoginEnd until_login_ends);

  awaitable<Result<Message>> call(Call call) override;
  awaitable<Result<void>> tell(Message message, std::shared_ptr<const Origin> origin) override;
  awaitable<Result<void>> run(std::shared_ptr<Hearer> own) override;
  awaitable<void> close() override;

 private:
  // Between the handshake that we have made up and the server's.
  struct Gate {
    Message opening;                           // the client's initialize
    std::optional<Message> confirmation = {};  // its notifications/initialized
    Error reason;
  };

  awaitable<Result<Message>> open(Call call);
  awaitable<Result<Message>> answer_here(Call call);
  awaitable<Result<void>> shake_hands();
  awaitable<Result<void>> lift();
  void begin();

  const std::string version_;
  const LoginEnd until_login_ends_;
  std::shared_ptr<Hearer> own_;
  std::optional<Gate> gate_;  // closed, if there is one
  bool shaking_hands_ = false;
  io::TaskScope tasks_;
};

}  // namespace mcpio::bridge
