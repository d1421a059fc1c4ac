// SPDX-License-Identifier: MIT
#include "http/curl_failure.h"

#include <fmt/core.h>

#include <cstring>
#include <string>

#include "http/curl_url.h"

namespace mcpio::http {
namespace {

constexpr std::string_view kTrustHint =
    "; give the authority that issued it with --cacert FILE or SSL_CERT_FILE";

std::string place_of(const Request& request) {
  const auto url = CurlUrl::parse(request.url);
  return url ? url->place() : std::string("the server");
}

// The reason of the operating system, which says more than libcurl's "could not connect".
std::string reason_of(CURL* easy, CURLcode code, std::string_view detail) {
  long number = 0;
  curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &number);
  if (number != 0) return std::strerror(static_cast<int>(number));
  return detail.empty() ? curl_easy_strerror(code) : std::string(detail);
}

bool has_proxy_refused(CURL* easy, long& status) {
  curl_easy_getinfo(easy, CURLINFO_HTTP_CONNECTCODE, &status);
  return status != 0 && status / 100 != 2;
}

std::string proxy_refusal(const std::string& place, long status) {
  std::string text =
      fmt::format("the proxy answered {} when asked to connect to {}", status, place);
  if (status == 407) text += "; give it credentials: --proxy http://USER:PASSWORD@HOST:PORT";
  return text;
}

// The mistakes are in the user's files and URLs: trying again is of no use.
bool is_setting(CURLcode code) {
  switch (code) {
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
      return true;
    default:
      return false;
  }
}

std::string setting_text(CURLcode code, const std::string& place, std::string_view detail) {
  switch (code) {
    case CURLE_SSL_CACERT_BADFILE:
      return fmt::format(
          "cannot read the trusted certificates: {}; check --cacert, SSL_CERT_FILE "
          "and SSL_CERT_DIR",
          detail);
    case CURLE_SSL_CERTPROBLEM:
      return fmt::format(
          "cannot use the client certificate: {}; check --client-cert and --client-cert-key, or "
          "--oauth-client-cert and --oauth-client-cert-key",
          detail);
    default:
      return fmt::format("cannot send a request to {}: {}", place, detail);
  }
}

std::string unreachable_text(CURL* easy, CURLcode code, const Request& request,
                             std::string_view detail) {
  const std::string place = place_of(request);
  long status = 0;
  if (has_proxy_refused(easy, status)) return proxy_refusal(place, status);
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return fmt::format("cannot find {}: no address for that name", place);
    // Here libcurl's detail may quote the proxy's URL, with the password in it.
    case CURLE_COULDNT_RESOLVE_PROXY:
      return fmt::format(
          "cannot find the proxy for {}: no address for its name, or its URL is not right; a "
          "password's special characters must be percent-encoded in it",
          place);
    case CURLE_COULDNT_CONNECT:
      return fmt::format("cannot connect to {}: {}", place,
                         reason_of(easy, code, curl_easy_strerror(code)));
    case CURLE_OPERATION_TIMEDOUT:
      return fmt::format("no connection to {} within {} ms", place,
                         request.timeouts.connect.count());
    case CURLE_PEER_FAILED_VERIFICATION:
      return fmt::format("the certificate of {} is not trusted: {}{}", place, detail, kTrustHint);
    case CURLE_SSL_CONNECT_ERROR:
      return fmt::format("TLS with {} failed: {}", place, detail);
    case CURLE_PROXY:
      return fmt::format("the proxy refused to connect to {}: {}", place, detail);
    default:
      return fmt::format("cannot connect to {}: {}", place, reason_of(easy, code, detail));
  }
}

bool breaks_protocol(CURLcode code) {
  switch (code) {
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:  // HTTP/0.9
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_HTTP2:
      return true;
    default:
      return false;
  }
}

}  // namespace

Error failure_of(CURL* easy, CURLcode code, const Request& request, Progress progress,
                 std::string_view detail) {
  if (detail.empty()) detail = curl_easy_strerror(code);
  const std::string place = place_of(request);

  if (!progress.sent && is_setting(code))
    return {.kind = ErrorKind::config, .message = setting_text(code, place, detail)};
  if (!progress.sent)
    return {.kind = code == CURLE_PEER_FAILED_VERIFICATION ? ErrorKind::untrusted
                                                           : ErrorKind::unreachable,
            .message = unreachable_text(easy, code, request, detail)};
  if (progress.repeat_refused || code == CURLE_SEND_FAIL_REWIND)
    return {.kind = ErrorKind::network,
            .message = fmt::format("the connection to {} was lost before any answer", place)};
  if (progress.too_much_head)
    return {.kind = ErrorKind::too_large,
            .message = fmt::format("the answer of {} has too long a header", place)};
  if (code == CURLE_OUT_OF_MEMORY)  // libcurl's own bounds: 100 kB a line, 64 MB decoded and unread
    return {.kind = ErrorKind::too_large,
            .message = fmt::format("the answer of {} is larger than libcurl takes", place)};
  if (breaks_protocol(code))
    return {.kind = ErrorKind::protocol,
            .message = fmt::format("the answer of {} is not valid HTTP: {}", place, detail)};
  return {.kind = ErrorKind::network,
          .message =
              fmt::format("the connection to {} broke: {}", place, reason_of(easy, code, detail))};
}

}  // namespace mcpio::http
