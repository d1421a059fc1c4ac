// SPDX-License-Identifier: MIT
// The few Asio names this program uses, so that every file spells them alike.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace mcpio {

namespace asio = boost::asio;
using asio::awaitable;

// The only completion token we use: failures of I/O come back as values.
inline constexpr asio::as_tuple_t<asio::use_awaitable_t<>> as_result{asio::use_awaitable};

namespace io {

// Has the awaiting coroutine been asked to stop? Cancellation ends the wait it is in, and no later
// one: a loop that goes on waiting must ask.
//
//   const bool cancelled = io::is_cancelled(co_await asio::this_coro::cancellation_state);
inline bool is_cancelled(asio::cancellation_state state) {
  return state.cancelled() != asio::cancellation_type::none;
}

}  // namespace io
}  // namespace mcpio
