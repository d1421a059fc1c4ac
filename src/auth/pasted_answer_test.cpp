// SPDX-License-Identifier: MIT
#include "auth/pasted_answer.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include "io/task_scope.h"
#include "support/result_matchers.h"
#include "support/run.h"

namespace mcpio::auth {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class PastedAnswer : public testing::Test {
 protected:
  PastedAnswer() { EXPECT_EQ(::pipe(ends_), 0); }
  ~PastedAnswer() override {
    ::close(ends_[0]);
    if (ends_[1] >= 0) ::close(ends_[1]);
  }

  // The queries that reach the login when this is pasted; the first `refused` of them are answered
  // with 400.
  std::vector<std::string> paste(std::string_view text, int refused = 0) {
    EXPECT_EQ(::write(ends_[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
    ::close(std::exchange(ends_[1], -1));
    std::vector<std::string> queries;
    const auto all = test::run(paste_into(queries, refused));
    EXPECT_TRUE(all.has_value());
    return queries;
  }

  std::vector<std::string> told_;

 private:
  awaitable<Result<void>> paste_into(std::vector<std::string>& queries, int refused) {
    auto executor = co_await asio::this_coro::executor;
    CallbackListener::Settings settings{.redirect_uri = "x:/", .listens = false};
    auto opened = co_await CallbackListener::open(executor, std::move(settings));
    if (!opened) co_return propagate(opened);
    io::TaskScope login(executor);
    login.spawn("login", answer_all(**opened, queries, refused));
    std::function<void(std::string)> tell = [this](std::string text) {
      told_.push_back(std::move(text));
    };
    auto taken = co_await take_pasted(ends_[0], **opened, std::move(tell));
    login.cancel();
    co_await login.join();
    co_return taken;
  }

  static awaitable<Result<void>> answer_all(CallbackListener& listener,
                                            std::vector<std::string>& queries, int refused) {
    for (;;) {
      auto visit = co_await listener.next();
      if (!visit) co_return ok();
      queries.emplace_back((*visit)->query());
      (*visit)->show(refused-- > 0 ? 400 : 200, still_waiting());
    }
  }

  int ends_[2];
};

TEST_F(PastedAnswer, IsTheQueryOfAnAddress) {
  EXPECT_THAT(paste("http://127.0.0.1:1/callback?code=c&state=s\r\n"),
              ElementsAre("code=c&state=s"));
  EXPECT_THAT(told_, IsEmpty());
}

TEST_F(PastedAnswer, IsTheQueryAlone) {
  EXPECT_THAT(paste("\n  \ncode=c&state=s\n"), ElementsAre("code=c&state=s"));
}

// A bare code has no state, so nobody knows whose it is.
TEST_F(PastedAnswer, IsNoBareCode) {
  EXPECT_THAT(paste("abcdef\n"), IsEmpty());
  EXPECT_THAT(told_, ElementsAre(HasSubstr("whole address")));
}

TEST_F(PastedAnswer, OfAnotherLoginIsToldAndTheNextOneTaken) {
  EXPECT_THAT(paste("code=c&state=other\ncode=c&state=s\n", 1),
              ElementsAre("code=c&state=other", "code=c&state=s"));
  EXPECT_THAT(told_, ElementsAre(HasSubstr("another login")));
}

TEST_F(PastedAnswer, WithoutALineEndIsNotWhole) { EXPECT_THAT(paste("code=c&state=s"), IsEmpty()); }

}  // namespace
}  // namespace mcpio::auth
