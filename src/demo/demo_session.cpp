// SPDX-License-Identifier: MIT
#include "demo/demo_session.h"

#include <fmt/core.h>

namespace mcpio::demo {

SlowCall::SlowCall(std::shared_ptr<Session> session, const Json& id)
    : session_(std::move(session)), id_(id.dump()), cancelled_(session_->executor_) {
  session_->calls_[id_] = this;
}

SlowCall::~SlowCall() { session_->calls_.erase(id_); }

Question::Question(std::shared_ptr<Session> session)
    : session_(std::move(session)),
      id_(fmt::format("question-{}", ++session_->last_question_)),
      answered_(session_->executor_) {
  session_->questions_[id_] = this;
}

Question::~Question() { session_->questions_.erase(id_); }

void Question::take(Json answer) {
  answer_ = std::move(answer);
  answered_.set();
}

Session::Session(asio::any_io_executor executor, bool can_be_asked)
    : executor_(executor), can_be_asked_(can_be_asked), outbox_(executor, kOutboxMessages) {}

bool Session::cancel(const Json& request_id) {
  const auto found = calls_.find(request_id.dump());
  if (found == calls_.end()) return false;
  found->second->cancelled().set();
  return true;
}

bool Session::take_answer(const Json& message) {
  const Json& id = message["id"];
  const auto found = questions_.find(id.is_string() ? id.get<std::string>() : "");
  if (found == questions_.end()) return false;
  found->second->take(message);
  return true;
}

void Session::end() {
  outbox_.close();
  for (auto& [id, call] : calls_) call->cancelled().set();
}

}  // namespace mcpio::demo
