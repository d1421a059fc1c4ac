// SPDX-License-Identifier: MIT
#include "http/request_parser.h"

#include <fmt/core.h>

#include <boost/beast/http/error.hpp>

namespace mcpio::http {
namespace {

namespace beast = boost::beast;
using HttpError = beast::http::error;

std::string_view plain(beast::string_view text) {
  return std::string_view(text.data(), text.size());
}

std::unexpected<Error> refuse(ErrorKind kind, int status, std::string message) {
  return std::unexpected(Error{.kind = kind, .message = std::move(message), .http_status = status});
}

std::unexpected<Error> refusal_for(const boost::system::error_code& error) {
  if (error == HttpError::header_limit)
    return refuse(ErrorKind::too_large, 431, "the request's header is too large");
  if (error == HttpError::body_limit)
    return refuse(ErrorKind::too_large, 413, "the request's body is too large");
  if (error == HttpError::buffer_overflow)
    return refuse(ErrorKind::too_large, 503, "too much is buffered already");
  if (error == HttpError::bad_version)
    return refuse(ErrorKind::protocol, 505, "the request is not HTTP/1.1");
  return refuse(ErrorKind::protocol, 400, fmt::format("not an HTTP request: {}", error.message()));
}

}  // namespace

void BufferBody::reader::init(const boost::optional<std::uint64_t>& length,
                              boost::system::error_code& error) {
  error = {};
  // Believed only so far: memory is given for bytes that came, not for bytes that are announced.
  constexpr std::uint64_t kTrusted = 64 * 1024;
  if (length && !body_.reserve(std::min(*length, kTrusted))) error = HttpError::buffer_overflow;
}

void BufferBody::reader::append(const char* bytes, std::size_t size,
                                boost::system::error_code& error) {
  error = {};
  if (!body_.append(std::string_view(bytes, size))) error = HttpError::buffer_overflow;
}

RequestParser::RequestParser(const ServerLimits& limits) {
  parser_.header_limit(static_cast<std::uint32_t>(limits.header_bytes));
  parser_.body_limit(limits.body_bytes);
  parser_.get().body() = Buffer(limits.budget);
}

Result<std::size_t> RequestParser::take(std::string_view bytes) {
  std::size_t taken = 0;
  while (!is_done() && taken < bytes.size()) {
    boost::system::error_code error;
    taken += parser_.put(asio::buffer(bytes.substr(taken)), error);
    if (error == HttpError::need_more) break;
    if (error) return refusal_for(error);
    if (has_head() && !head_checked_) {
      if (auto fine = check_head(); !fine) return propagate(fine);
    }
  }
  return taken;
}

Result<void> RequestParser::check_head() {
  head_checked_ = true;
  const auto& head = parser_.get();
  for (const auto& field : head) fields_.add(plain(field.name_string()), plain(field.value()));

  const std::size_t hosts = head.count(beast::http::field::host);
  if (hosts > 1 || (hosts == 0 && !is_http_1_0()))
    return refuse(ErrorKind::protocol, 400, "the request needs exactly one Host");
  for (auto coding : fields_.all("Transfer-Encoding"))
    if (!equals_ignoring_case(coding, "chunked"))
      return refuse(ErrorKind::protocol, 501, "only the transfer coding chunked is understood");
  return ok();
}

bool RequestParser::expects_continue() const {
  auto expected = fields_.find("Expect");
  return expected && equals_ignoring_case(*expected, "100-continue") && !is_http_1_0();
}

IncomingRequest RequestParser::request() {
  auto message = parser_.release();
  return IncomingRequest{.method = std::string(plain(message.method_string())),
                         .target = std::string(plain(message.target())),
                         .fields = std::move(fields_),
                         .body = std::move(message.body()),
                         .remote = {}};
}

}  // namespace mcpio::http
