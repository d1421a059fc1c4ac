// SPDX-License-Identifier: MIT
// Reads one HTTP/1.1 request out of bytes that arrive in pieces. Pure.
#pragma once

#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/core/string_type.hpp>
#include <boost/beast/http/parser.hpp>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/buffer.h"
#include "base/result.h"
#include "http/server.h"

namespace mcpio::http {

// Beast's idea of a body, on a Buffer.
struct BufferBody {
  using value_type = Buffer;

  class reader {
   public:
    template <bool is_request, class F>
    reader(boost::beast::http::header<is_request, F>&, Buffer& body) : body_(body) {}

    void init(const boost::optional<std::uint64_t>& length, boost::system::error_code& error);
    template <class Pieces>
    std::size_t put(const Pieces& pieces, boost::system::error_code& error) {
      std::size_t taken = 0;
      for (const auto& piece : boost::beast::buffers_range_ref(pieces)) {
        append(static_cast<const char*>(piece.data()), piece.size(), error);
        if (error) return taken;
        taken += piece.size();
      }
      return taken;
    }
    void finish(boost::system::error_code& error) { error = {}; }

   private:
    void append(const char* bytes, std::size_t size, boost::system::error_code& error);

    Buffer& body_;
  };
};

// One parser reads one request. Beyond what Beast checks, it refuses what a proxy in front of us
// might read differently: a missing or second Host (RFC 9112, 3.2), and any Transfer-Encoding but
// "chunked" alone (RFC 9112, 6.1). Trailer fields are dropped.
class RequestParser {
 public:
  explicit RequestParser(const ServerLimits& limits);

  // Takes bytes off the front and returns how many. What it leaves must be given again with more
  // behind it. Fails with the status to refuse the request with in `http_status`.
  Result<std::size_t> take(std::string_view bytes);

  bool has_started() const { return parser_.got_some(); }
  bool has_head() const { return parser_.is_header_done(); }
  bool is_done() const { return has_head() && parser_.is_done(); }

  // The rest is for a request whose head is there.
  bool expects_continue() const;
  bool keeps_alive() const { return parser_.keep_alive(); }
  bool is_http_1_0() const { return parser_.get().version() < 11; }

  // Once it is done: the request, but for where it came from.
  IncomingRequest request();

 private:
  Result<void> check_head();

  boost::beast::http::request_parser<BufferBody> parser_;
  Fields fields_;
  bool head_checked_ = false;
};

}  // namespace mcpio::http
