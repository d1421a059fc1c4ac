// SPDX-License-Identifier: MIT
// Does this compiler still destroy a temporary of a co_await expression twice?
//
// g++ 12 does, for aggregates and capturing lambdas built with braces inside the expression, and
// for either arm of a ?: there. docs/decisions/0003-coroutine-shapes.md bans these shapes and
// tools/check_coroutines.py enforces the ban. This program tells when it can be lifted.
//
// Exits 0 while a shape is miscompiled, so the ban stands; 77 ("skipped") when all are right.
// Deliberately full of what the check refuses, so the check leaves this folder out.
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdio>
#include <exception>
#include <functional>
#include <utility>

namespace {

namespace asio = boost::asio;
using asio::awaitable;

int alive = 0;

// Counts its constructions and destructions. Owns nothing, so a second destruction does no harm.
struct Counted {
  Counted() { ++alive; }
  Counted(const Counted&) { ++alive; }
  Counted& operator=(const Counted&) = default;
  ~Counted() { --alive; }
};

struct Aggregate {
  Counted counted;
  int number = 0;
};

awaitable<void> yield() {
  co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
}
awaitable<void> take(Aggregate) { co_await yield(); }
awaitable<void> take_defaulted(Aggregate = {}) { co_await yield(); }
awaitable<void> take_function(std::function<void()>) { co_await yield(); }
awaitable<Counted> give() {
  co_await yield();
  co_return Counted();
}
int count(const Aggregate&, int number) { return number; }
awaitable<int> one() {
  co_await yield();
  co_return 1;
}

awaitable<void> named_first() {
  auto operation = take(Aggregate{Counted(), 2});
  co_await std::move(operation);
}
awaitable<void> aggregate_argument() { co_await take(Aggregate{Counted(), 2}); }
awaitable<void> parenthesised_aggregate() { co_await take(Aggregate(Counted(), 2)); }
awaitable<void> braced_argument() { co_await take({Counted(), 2}); }
awaitable<void> default_argument() { co_await take_defaulted(); }
awaitable<void> capturing_lambda() {
  Counted counted;
  co_await take_function([counted] { (void)counted; });
}
awaitable<void> arms_of_a_choice() {
  Counted counted = alive == 0 ? co_await give() : co_await give();
}
awaitable<void> brace_beside() { (void)count(Aggregate{Counted(), 2}, co_await one()); }
awaitable<void> brace_around() { (void)Aggregate{Counted(), co_await one()}; }
awaitable<void> brace_around_named() { Aggregate aggregate{Counted(), co_await one()}; }
awaitable<void> brace_in_condition() {
  if (Aggregate{Counted(), 1}.number == co_await one()) co_await yield();
}

int leftover_after(awaitable<void> coroutine) {
  asio::io_context loop(1);
  asio::co_spawn(loop, std::move(coroutine), [](std::exception_ptr) {});
  loop.run();
  return alive;
}

// In a child, since miscompiled code may also crash.
bool is_right(const char* shape, awaitable<void> (*coroutine)()) {
  std::fflush(stdout);
  const pid_t child = fork();
  if (child == 0) _exit(leftover_after(coroutine()) == 0 ? 0 : 1);
  int status = -1;
  const bool right = child > 0 && waitpid(child, &status, 0) == child && status == 0;
  std::printf("%-44s %s\n", shape, right ? "right" : "MISCOMPILED");
  return right;
}

}  // namespace

int main() {
  if (!is_right("control: auto op = f(Options{x}); co_await", named_first)) return 1;
  bool right = true;
  right &= is_right("f(Options{x})", aggregate_argument);
  right &= is_right("f({x})", braced_argument);
  right &= is_right("f(Options(x)), Options an aggregate", parenthesised_aggregate);
  right &= is_right("f(), where f(Options = {})", default_argument);
  right &= is_right("f([x] {})", capturing_lambda);
  right &= is_right("c ? co_await f() : co_await f()", arms_of_a_choice);
  right &= is_right("g(Options{x}, co_await f())", brace_beside);
  right &= is_right("Options{x, co_await f()}", brace_around);
  right &= is_right("Options o{x, co_await f()};", brace_around_named);
  right &= is_right("if (Options{x}.n == co_await f())", brace_in_condition);
  if (!right) return 0;
  std::puts("This compiler has none of the faults: see docs/decisions/0003-coroutine-shapes.md.");
  return 77;
}
