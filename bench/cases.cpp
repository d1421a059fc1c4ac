// SPDX-License-Identifier: MIT
#include "cases.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <map>
#include <stdexcept>
#include <thread>
#include <utility>

#include "http_endpoint.h"
#include "pipe_endpoint.h"
#include "session.h"
#include "signed_in.h"

namespace bench {
namespace {

using namespace std::chrono_literals;

constexpr double kMega = 1e6;

std::unique_ptr<Endpoint> start(const Bench& bench, const Subject& subject) {
  if (subject.command.empty()) return std::make_unique<HttpEndpoint>(bench.url);
  return std::make_unique<PipeEndpoint>(subject.command, bench.log);
}

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Runs `measure` once for each subject; whoever failed is told of once and left out from then on.
template <class Measure>
void for_each_subject(Bench& bench, const std::string& variant, Measure measure) {
  for (const auto& subject : bench.subjects) {
    if (bench.results.has_failed(variant, subject.name)) continue;
    try {
      measure(subject);
    } catch (const std::exception& failure) {
      fmt::print(stderr, "  {}, {}: {}\n", variant, subject.name, failure.what());
      bench.results.add_failure(variant, subject.name, failure.what());
    }
  }
  // The next round begins with another subject.
  std::rotate(bench.subjects.begin(), bench.subjects.begin() + 1, bench.subjects.end());
}

double milliseconds_to_start(const Bench& bench, const Command& command) {
  const auto begin = Clock::now();
  PipeEndpoint endpoint(command, bench.log);
  Session(endpoint).initialize();
  return seconds_since(begin) * 1e3;
}

// Spawn to the first answered `initialize`, without a login and with the token of an earlier one.
void measure_start(Bench& bench) {
  const std::string variant = "start", signed_in = "start, signed in";
  for (int round = 0; round < (bench.is_quick ? 3 : 15); ++round) {
    for_each_subject(bench, variant, [&](const Subject& subject) {
      const auto& command = subject.command.empty() ? bench.answer_from_memory : subject.command;
      bench.results.add(variant, "ms", subject.name, milliseconds_to_start(bench, command));
    });
    for_each_subject(bench, signed_in, [&](const Subject& subject) {
      if (subject.signed_in.empty()) return;
      const SignedIn login(bench);
      bench.results.add(signed_in, "ms", subject.name,
                        milliseconds_to_start(bench, subject.signed_in));
    });
  }
}

std::unique_ptr<PipeEndpoint> start_ready(const Bench& bench, const Subject& subject) {
  auto endpoint = std::make_unique<PipeEndpoint>(subject.command, bench.log);
  Session session(*endpoint);
  session.initialize();
  session.get_ready();
  return endpoint;
}

void measure_memory_of(Bench& bench, const Subject& subject) {
  if (subject.command.empty()) return;
  const auto settle = bench.is_quick ? 300ms : 1500ms;
  std::vector<std::unique_ptr<PipeEndpoint>> running;
  running.push_back(start_ready(bench, subject));
  std::this_thread::sleep_for(settle);
  const auto one = running.front()->memory();
  bench.results.add("one idle", "RSS MB", subject.name, one.resident / kMega);
  bench.results.add("one idle", "PSS MB", subject.name, one.proportional / kMega);
  bench.results.add("one idle", "private dirty MB", subject.name, one.private_dirty / kMega);

  while (running.size() < 10) running.push_back(start_ready(bench, subject));
  std::this_thread::sleep_for(settle);
  Memory ten;
  for (const auto& endpoint : running) {
    const auto memory = endpoint->memory();
    ten.proportional += memory.proportional;
    ten.private_dirty += memory.private_dirty;
  }
  bench.results.add("ten idle", "PSS MB", subject.name, ten.proportional / kMega);
  bench.results.add("ten idle", "private dirty MB", subject.name, ten.private_dirty / kMega);
}

void measure_memory(Bench& bench) {
  for (int round = 0; round < (bench.is_quick ? 1 : 2); ++round)
    for_each_subject(bench, "one idle",
                     [&](const Subject& subject) { measure_memory_of(bench, subject); });
}

// Conversations that live as long as their case.
class Conversations {
 public:
  explicit Conversations(Bench& bench) : bench_(bench) {}

  Session& with(const Subject& subject) {
    if (auto found = open_.find(subject.name); found != open_.end()) return found->second.second;
    auto endpoint = start(bench_, subject);
    Session session(*endpoint);
    session.initialize();
    session.get_ready();
    // What is compiled at run time shall be compiled by now.
    session.run({.tool = echo(false), .in_flight = 32, .time = bench_.is_quick ? 200ms : 1000ms});
    session.run({.tool = echo(true), .in_flight = 32, .time = bench_.is_quick ? 200ms : 1000ms});
    return open_.emplace(subject.name, std::pair(std::move(endpoint), session))
        .first->second.second;
  }

 private:
  Bench& bench_;
  std::map<std::string, std::pair<std::unique_ptr<Endpoint>, Session>> open_;
};

void measure_calls_of(Bench& bench, Conversations& conversations, bool sse, std::size_t in_flight) {
  const auto variant = fmt::format("{} in flight, {}", in_flight, sse ? "SSE" : "JSON");
  for_each_subject(bench, variant, [&](const Subject& subject) {
    const auto outcome = conversations.with(subject).run(
        {.tool = echo(sse), .in_flight = in_flight, .time = bench.is_quick ? 200ms : 1000ms});
    const auto calls = static_cast<double>(outcome.latencies.size());
    auto& results = bench.results;
    results.add(variant, "calls/s", subject.name, calls / outcome.seconds);
    results.add(variant, "CPU us/call", subject.name, outcome.cpu_seconds * 1e6 / calls);
    results.add(variant, "p50 us", subject.name, quantile(outcome.latencies, 0.5) * 1e6);
    results.add(variant, "p99 us", subject.name, quantile(outcome.latencies, 0.99) * 1e6);
  });
}

// Small calls: rate, latency and processor time.
void measure_calls(Bench& bench) {
  Conversations conversations(bench);
  for (int round = 0; round < (bench.is_quick ? 2 : 5); ++round)
    for (const std::size_t in_flight : {1, 32})
      for (const bool sse : {false, true}) measure_calls_of(bench, conversations, sse, in_flight);
}

// Who took this long (ms) in one round is not asked again: the run as a whole is bounded.
constexpr double kTooLongToRepeat = 3000;

void measure_large_of(Bench& bench, const std::string& variant, const Load& load) {
  for_each_subject(bench, variant, [&](const Subject& subject) {
    if (bench.results.last(variant, "ms", subject.name) > kTooLongToRepeat) return;
    const auto endpoint = start(bench, subject);
    Session session(*endpoint);
    session.initialize();
    session.get_ready();
    const auto outcome = session.run(load);
    auto& results = bench.results;
    results.add(variant, "ms", subject.name, outcome.seconds * 1e3);
    results.add(variant, "CPU ms", subject.name, outcome.cpu_seconds * 1e3);
    if (const auto* pipe = dynamic_cast<PipeEndpoint*>(endpoint.get()))
      results.add(variant, "peak MB", subject.name, pipe->memory().peak / kMega);
  });
}

// One large result, each time by a fresh process: its peak memory is that of this one call.
void measure_large(Bench& bench) {
  const int rounds = bench.is_quick ? 1 : 3;
  for (const bool rich : {false, true}) {
    for (const std::size_t megabytes : {20, 40}) {
      HttpEndpoint direct(bench.url);
      Session session(direct);
      session.initialize();
      const auto size = session.run({.tool = large_result(megabytes, rich, false, 0), .calls = 1})
                            .size_of_last_answer;
      for (int round = 0; round < rounds; ++round) {
        for (const bool sse : {false, true}) {
          const auto variant =
              fmt::format("{} MB {}, {}", megabytes, rich ? "rich" : "text", sse ? "SSE" : "JSON");
          measure_large_of(bench, variant,
                           {.tool = large_result(megabytes, rich, sse, size), .calls = 1});
        }
      }
    }
  }
}

// 128 calls of a tool that takes 100 ms, 32 at a time: 400 ms is ideal.
void measure_slow_tool(Bench& bench) {
  const std::string variant = "128 slow calls";
  Conversations conversations(bench);
  for (int round = 0; round < (bench.is_quick ? 2 : 5); ++round) {
    for_each_subject(bench, variant, [&](const Subject& subject) {
      const auto outcome =
          conversations.with(subject).run({.tool = sleep_100_ms(), .in_flight = 32, .calls = 128});
      bench.results.add(variant, "ms", subject.name, outcome.seconds * 1e3);
    });
  }
}

void measure_notifications(Bench& bench) {
  constexpr std::size_t kCount = 10'000;
  const std::string variant = "10,000 notifications";
  Conversations conversations(bench);
  for (int round = 0; round < (bench.is_quick ? 2 : 5); ++round) {
    for_each_subject(bench, variant, [&](const Subject& subject) {
      const auto outcome =
          conversations.with(subject).run({.tool = log_messages(kCount), .calls = 1});
      if (outcome.notifications != kCount)
        throw std::runtime_error(fmt::format("it relayed {}", outcome.notifications));
      bench.results.add(variant, "ms", subject.name, outcome.seconds * 1e3);
      bench.results.add(variant, "CPU ms", subject.name, outcome.cpu_seconds * 1e3);
    });
  }
}

constexpr Case kCases[] = {
    {"start", measure_start},         {"memory", measure_memory},
    {"calls", measure_calls},         {"large", measure_large},
    {"slow-tool", measure_slow_tool}, {"notifications", measure_notifications},
};

}  // namespace

std::span<const Case> all_cases() { return kCases; }

}  // namespace bench
