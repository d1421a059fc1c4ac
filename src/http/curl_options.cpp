// SPDX-License-Identifier: MIT
#include "http/curl_options.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "http/curl_url.h"

namespace mcpio::http {
namespace {

// A dead peer is found out after idle + interval * count = 120 seconds of silence.
constexpr long kKeepaliveIdle = 60;
constexpr long kKeepaliveInterval = 15;
constexpr int kKeepaliveCount = 4;

// Large bodies take fewer system calls with it than with the default of 16 KiB; more gains nothing,
// and freeing 64 KiB at the end of each transfer makes glibc tidy its whole heap.
constexpr long kReceiveBytes = 60 * 1024;

// libcurl 7.88 has no option for the count.
int set_keepalive_count(void*, curl_socket_t socket, curlsocktype) noexcept {
  ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPCNT, &kKeepaliveCount, sizeof kKeepaliveCount);
  return CURL_SOCKOPT_OK;
}

long curl_name(IpVersion version) {
  switch (version) {
    case IpVersion::v4:
      return CURL_IPRESOLVE_V4;
    case IpVersion::v6:
      return CURL_IPRESOLVE_V6;
    case IpVersion::any:
      break;
  }
  return CURL_IPRESOLVE_WHATEVER;
}

const char* or_null(const std::string& text) { return text.empty() ? nullptr : text.c_str(); }

const char* text_or_empty(const char* text) { return text == nullptr ? "" : text; }

bool is_https(std::string_view url) { return equals_ignoring_case(url.substr(0, 8), "https://"); }

// Cookies of the user go by CURLOPT_COOKIE, which makes one field of them and those of the server.
bool is_cookie(const Field& field) { return equals_ignoring_case(field.name, "Cookie"); }

// libcurl sends what it is given: a line break would begin another field, or another request.
// Whoever makes fields of what a peer has said refuses it with a reason; this is the last resort.
bool is_one_line(std::string_view value) {
  return std::ranges::none_of(value, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

// The content codings that this libcurl can decode.
std::string known_codings() {
  const int features = curl_version_info(CURLVERSION_NOW)->features;
  std::string codings;
  for (const auto& [feature, names] :
       {std::pair(CURL_VERSION_LIBZ, "gzip, deflate"), std::pair(CURL_VERSION_BROTLI, "br"),
        std::pair(CURL_VERSION_ZSTD, "zstd")}) {
    if ((features & feature) == 0) continue;
    if (!codings.empty()) codings += ", ";
    codings += names;
  }
  return codings;
}

SystemTrust system_trust(CURL* easy) {
  const char *bundle = nullptr, *directory = nullptr;
  curl_easy_getinfo(easy, CURLINFO_CAINFO, &bundle);
  curl_easy_getinfo(easy, CURLINFO_CAPATH, &directory);
  return SystemTrust{.bundle = text_or_empty(bundle), .directory = text_or_empty(directory)};
}

void set_trust(CURL* easy, const Trust& trust) {
  curl_easy_setopt(easy, CURLOPT_CAINFO, or_null(trust.bundle));
  curl_easy_setopt(easy, CURLOPT_CAPATH, or_null(trust.directory));
  curl_easy_setopt(easy, CURLOPT_PROXY_CAINFO, or_null(trust.bundle));
  curl_easy_setopt(easy, CURLOPT_PROXY_CAPATH, or_null(trust.directory));
}

void set_method(CURL* easy, const Request& request) {
  const bool has_body = request.body != nullptr;
  const bool is_post = request.method == "POST";
  if (has_body || is_post) {
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS,
                     is_sent_at_once(request) ? request.body->view().data() : nullptr);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(has_body ? request.body->size() : 0));
  } else if (request.method == "HEAD") {
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
  } else {
    curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
  }
  const bool is_implied =
      is_post || (!has_body && (request.method == "GET" || request.method == "HEAD"));
  curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, is_implied ? nullptr : request.method.c_str());
}

void set_cookies(CURL* easy, const Request& request) {
  std::string cookies;
  for (const Field& field : request.fields) {
    if (!is_cookie(field)) continue;
    if (!cookies.empty()) cookies += "; ";
    cookies += field.value;
  }
  curl_easy_setopt(easy, CURLOPT_COOKIE, or_null(cookies));
}

}  // namespace

bool is_sent_at_once(const Request& request) {
  constexpr std::size_t kWithTheHead = 64 * 1024;  // libcurl's own bound
  return request.body != nullptr && request.body->size() <= kWithTheHead;
}

HeaderLines::HeaderLines(const Request& request, std::span<const Field> standing) {
  std::vector<std::size_t> starts;
  starts.reserve(16);
  text_.reserve(512);
  const auto add = [&](std::string_view name, std::string_view separator, std::string_view value) {
    starts.push_back(text_.size());
    text_.append(name).append(separator).append(value).push_back('\0');
  };

  // libcurl takes "Name:" for "leave it out" and "Name;" for an empty value.
  for (const Field& field : request.fields) {
    if (is_cookie(field) || !is_one_line(field.value)) continue;
    if (field.value.empty())
      add(field.name, ";", "");
    else
      add(field.name, ": ", field.value);
  }
  for (const Field& field : standing)
    if (!request.fields.find(field.name)) add(field.name, ": ", field.value);
  add("Expect", ":", "");  // else a body above 1 MiB waits a second for a "100 Continue"
  if (!request.fields.find("Content-Type")) add("Content-Type", ":", "");

  lines_.resize(starts.size());
  for (std::size_t i = 0; i < starts.size(); ++i) {
    lines_[i].data = text_.data() + starts[i];
    lines_[i].next = i + 1 < starts.size() ? &lines_[i + 1] : nullptr;
  }
}

CurlOptions::CurlOptions(ClientSettings settings) : settings_(std::move(settings)) {
  if (!settings_.user_agent.empty()) standing_.emplace_back("User-Agent", settings_.user_agent);
  if (const std::string codings = known_codings(); !codings.empty())
    standing_.emplace_back("Accept-Encoding", codings);
}

void CurlOptions::set_up(CURL* easy) const {
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);  // a slow name server does not hold us up
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");  // decode; see also standing_fields()
  curl_easy_setopt(easy, CURLOPT_COOKIEFILE, "");       // no file: in memory
  curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, kReceiveBytes);
  curl_easy_setopt(easy, CURLOPT_IPRESOLVE, curl_name(settings_.ip_version));
  if (!settings_.tcp_keepalive) return;
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPIDLE, kKeepaliveIdle);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPINTVL, kKeepaliveInterval);
  curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, &set_keepalive_count);
}

Description CurlOptions::describe(CURL* easy, const Request& request, const HeaderLines& lines) {
  const bool https = is_https(request.url);
  const bool multiplex = https && !settings_.http1_only;
  auto url = parsed(request.url);
  curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(easy, CURLOPT_CURLU, url.get());
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, lines.list());
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
                   multiplex ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1);
  // Many requests at once wait for one connection to say whether it speaks HTTP/2. Without TLS it
  // cannot, and would be found out only by its first answer.
  curl_easy_setopt(easy, CURLOPT_PIPEWAIT, multiplex ? 1L : 0L);
  const auto connect = request.timeouts.connect.count();
  constexpr long kForever = 24L * 3600 * 1000;  // libcurl takes 0 for its own default
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                   connect > 0 ? static_cast<long>(connect) : kForever);
  set_method(easy, request);
  set_cookies(easy, request);
  const bool through_proxy = choose_route(easy, request.url);
  if (https) set_up_tls(easy);
  if (https) set_certificate(easy, request);
  return {.url = std::move(url), .through_proxy = through_proxy};
}

std::shared_ptr<CURLU> CurlOptions::parsed(const std::string& url) {
  if (parsed_url_ && url == last_url_) return parsed_url_;
  parsed_url_ = std::shared_ptr<CURLU>(curl_url(), &curl_url_cleanup);
  last_url_ = url;
  const CURLUcode code =
      curl_url_set(parsed_url_.get(), CURLUPART_URL, url.c_str(), CURLU_PATH_AS_IS);
  if (code != CURLUE_OK) parsed_url_.reset();  // libcurl will say what is wrong with it
  return parsed_url_;
}

// Also says no to the environment, which libcurl would read in its own way.
bool CurlOptions::choose_route(CURL* easy, const std::string& url) {
  std::string proxy;
  if (!settings_.proxies.none())
    if (const auto parsed = CurlUrl::parse(url))
      proxy = settings_.proxies.proxy_for(parsed->destination());
  curl_easy_setopt(easy, CURLOPT_PROXY, proxy.c_str());
  curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
  if (is_https(proxy)) set_up_tls(easy);
  return !proxy.empty();
}

void CurlOptions::set_up_tls(CURL* easy) {
  if (settings_.tls.insecure) {
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
    curl_easy_setopt(easy, CURLOPT_PROXY_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(easy, CURLOPT_PROXY_SSL_VERIFYHOST, 0L);
  }
  if (!trust_) trust_ = find_trust(settings_.tls, system_trust(easy));
  set_trust(easy, *trust_);
}

// libcurl compares the file of the certificate before it takes a connection, or a TLS session, for
// another request.
void CurlOptions::set_certificate(CURL* easy, const Request& request) const {
  const ClientCertificate standing{.file = settings_.tls.client_cert,
                                   .key_file = settings_.tls.client_key};
  const ClientCertificate& shown = request.certificate ? *request.certificate : standing;
  curl_easy_setopt(easy, CURLOPT_SSLCERT, or_null(shown.file));
  curl_easy_setopt(easy, CURLOPT_SSLKEY, or_null(shown.key_file));
}

}  // namespace mcpio::http
