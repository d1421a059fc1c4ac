// SPDX-License-Identifier: MIT
// The spine: an MCP server as its client sees it. Ends implement it, layers wrap it.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "io/awaitable.h"
#include "mcp/message.h"

namespace mcpio {

using mcp::Message;

// Who asks. Read by ends, guard and audit only.
struct Origin {
  std::string principal;
};

// Hears messages one at a time, in order. Awaiting hear() is the back-pressure: it returns when
// there is room again.
class Hearer {
 public:
  virtual ~Hearer() = default;
  virtual awaitable<void> hear(Message message) = 0;
};

struct Call {
  Message request;
  std::shared_ptr<Hearer>
      related;  // progress, log lines, the server's questions: this request's own
  std::shared_ptr<const Origin> origin;
  // Where the client's own notifications/cancelled is put before the call is cancelled; may be
  // null.
  std::shared_ptr<const std::optional<Message>> withdrawal;
};

// One thread; any number of calls at once. Never a batch: ends take arrays apart.
class Upstream {
 public:
  virtual ~Upstream() = default;

  // Carries one request to its one answer: the server's response, or the Error that stands for it;
  // `related` hears the rest before that. Cancelling the awaiting coroutine abandons the request,
  // and the end tells the server in its own way (notifications/cancelled, or a closed stream). The
  // answer carries the caller's id.
  virtual awaitable<Result<Message>> call(Call call) = 0;

  // A notification, or the client's answer to a question it heard. Returns when the server has
  // taken it. Calls do not hold it up.
  virtual awaitable<Result<void>> tell(Message message, std::shared_ptr<const Origin> origin) = 0;

  // The life of the conversation: `own` hears what the server says unasked. Started before the
  // first call by the owner of the stack; returns when the server is gone or close() is done.
  virtual awaitable<Result<void>> run(std::shared_ptr<Hearer> own) = 0;

  // Outermost first: a layer ends its own work, then closes what it wraps; an end says goodbye
  // (DELETE, stop ladder). Bounded. After it, calls fail.
  virtual awaitable<void> close() = 0;
};

// A layer that changes nothing; real ones override what they change.
class Layer : public Upstream {
 public:
  explicit Layer(std::unique_ptr<Upstream> inner) : inner_(std::move(inner)) {}

  awaitable<Result<Message>> call(Call call) override { return inner_->call(std::move(call)); }
  awaitable<Result<void>> tell(Message message, std::shared_ptr<const Origin> origin) override {
    return inner_->tell(std::move(message), std::move(origin));
  }
  awaitable<Result<void>> run(std::shared_ptr<Hearer> own) override {
    return inner_->run(std::move(own));
  }
  awaitable<void> close() override { return inner_->close(); }

 protected:
  Upstream& inner() { return *inner_; }

 private:
  std::unique_ptr<Upstream> inner_;
};

}  // namespace mcpio
