// SPDX-License-Identifier: MIT
// What the demo server knows about one client.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "demo/catalogue.h"
#include "io/event.h"
#include "io/mailbox.h"

namespace mcpio::demo {

// A call that takes its time. In the session's list as long as it lives.
class Session;
class SlowCall {
 public:
  SlowCall(std::shared_ptr<Session> session, const Json& id);
  SlowCall(const SlowCall&) = delete;
  SlowCall& operator=(const SlowCall&) = delete;
  ~SlowCall();

  io::Event& cancelled() { return cancelled_; }

 private:
  std::shared_ptr<Session> session_;
  std::string id_;
  io::Event cancelled_;
};

// A question to the client. In the session's list as long as it lives.
class Question {
 public:
  explicit Question(std::shared_ptr<Session> session);
  Question(const Question&) = delete;
  Question& operator=(const Question&) = delete;
  ~Question();

  const std::string& id() const { return id_; }
  io::Event& answered() { return answered_; }
  const Json& answer() const { return answer_; }
  void take(Json answer);

 private:
  std::shared_ptr<Session> session_;
  std::string id_;
  io::Event answered_;
  Json answer_;
};

class Session {
 public:
  Session(asio::any_io_executor executor, bool can_be_asked);

  bool can_be_asked() const { return can_be_asked_; }

  // The client's notifications/cancelled, and its answer to a question. False: for nothing we know.
  bool cancel(const Json& request_id);
  bool take_answer(const Json& message);

  // Messages for the GET stream. One listener at a time.
  io::Mailbox<std::string>& outbox() { return outbox_; }
  bool has_listener = false;

  void end();

 private:
  friend class SlowCall;
  friend class Question;

  static constexpr std::size_t kOutboxMessages = 64;

  asio::any_io_executor executor_;
  bool can_be_asked_;
  std::map<std::string, SlowCall*> calls_;      // by the JSON text of the request's id
  std::map<std::string, Question*> questions_;  // by our id
  int last_question_ = 0;
  io::Mailbox<std::string> outbox_;
};

}  // namespace mcpio::demo
