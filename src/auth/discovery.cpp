// SPDX-License-Identifier: MIT
#include "auth/discovery.h"

#include <fmt/core.h>

#include <utility>

#include "base/log.h"
#include "oauth/discovery_urls.h"
#include "oauth/endpoint_guard.h"
#include "oauth/issuer.h"
#include "oauth/resource_indicator.h"

namespace mcpio::auth {
namespace {

// Nobody is at home there: another host may still be good. A timeout or a broken connection says
// nothing about the document, so that going on might pick the wrong one.
bool is_nobody_there(const Error& error) { return error.kind == ErrorKind::unreachable; }

// It is about one document, and the next candidate is another one: what it is, whose it is, or that
// its address failed.
bool is_about_document(const Error& error) {
  return error.kind == ErrorKind::protocol || error.kind == ErrorKind::untrusted ||
         error.kind == ErrorKind::rejected;
}

bool is_worse(const Error& error, const std::optional<Error>& than) {
  return !than || (error.kind == ErrorKind::untrusted && than->kind != ErrorKind::untrusted);
}

}  // namespace

Discovery::Discovery(Fetcher& fetcher, const OAuthSettings& settings)
    : fetcher_(fetcher), settings_(settings), providers_(settings.provider_quirks) {}

awaitable<Result<Discovered>> Discovery::run(oauth::ServerChallenge challenge,
                                             std::vector<std::string> held) {
  Discovered found;
  auto resource = co_await find_resource(challenge.resource_metadata);
  if (!resource && !settings_.metadata)
    co_return propagate(resource, "looking for the server's resource metadata");
  if (resource)
    found.resource = *std::move(resource);
  else
    log::warning("the server's resource metadata are not used: {}", resource.error().message);

  // What is not about this server "MUST NOT be used" (RFC 9728, section 3.3): nobody it names is
  // asked.
  const oauth::ResourceRule rule{.value = settings_.resource, .omit = settings_.omit_resource};
  const auto published = found.resource ? found.resource->resource : std::nullopt;
  auto indicator = oauth::choose_resource(rule, settings_.server, published);
  if (!indicator) co_return propagate(indicator);
  found.indicator = *std::move(indicator);

  auto server = co_await server_of(found.resource, std::move(held));
  if (!server && is_nobody_there(server.error()))
    server.error().message += "; try again later, or see --proxy";
  if (!server) co_return propagate(server, "looking for the authorization server");
  found.server = *std::move(server);
  log::warnings(found.server.warnings);

  const std::vector<std::string> issuer_url(1, found.server.issuer);
  for (const std::string& origin : oauth::foreign_origins(issuer_url, settings_.server))
    log::info("{} says that its logins are at {}", codec::origin_of(settings_.server), origin);
  const std::string elsewhere = oauth::foreign_endpoints(found.server);
  if (!elsewhere.empty())
    say_once(endpoints_said_, fmt::format("{} has endpoints elsewhere: {}",
                                          codec::for_log(found.server.issuer), elsewhere));
  co_return found;
}

void Discovery::say_once(std::string& last, std::string line) {
  if (line == last) return;
  log::info("{}", line);
  last = std::move(line);
}

awaitable<Result<oauth::ServerMetadata>> Discovery::server_of(
    std::optional<oauth::ResourceMetadata> resource, std::vector<std::string> held) {
  if (settings_.metadata) co_return co_await read_given();
  if (!resource) co_return co_await find_legacy();
  auto issuers = oauth::usable_servers(resource->authorization_servers, held, providers_);
  if (!issuers) co_return propagate(issuers, "the server's resource metadata");
  co_return co_await find_first_of(*std::move(issuers));
}

awaitable<Result<oauth::ServerMetadata>> Discovery::metadata_of(std::string issuer) {
  if (!settings_.metadata) co_return co_await find_server(std::move(issuer));
  auto given = co_await read_given();
  if (given && given->issuer != issuer)
    co_return fail(ErrorKind::untrusted,
                   fmt::format("--oauth-metadata are those of {}, and the token is from {}",
                               codec::for_log(given->issuer), codec::for_log(issuer)));
  co_return given;
}

awaitable<Result<oauth::ServerMetadata>> Discovery::read_given() {
  constexpr std::string_view kOption = "--oauth-metadata";
  std::string text = settings_.metadata->text;
  if (settings_.metadata->url) {
    const codec::Url url = *settings_.metadata->url;
    http::Fields fields = fields_for(url);
    auto answer = co_await fetcher_.get(url, std::move(fields));
    if (!answer) co_return propagate(answer, kOption);
    if (answer->status() != 200)
      co_return fail(ErrorKind::rejected, fmt::format("{}: {} answered {}", kOption,
                                                      codec::for_log(url), answer->status()));
    text = std::move(answer->body);
  }
  auto metadata = oauth::parse_server_metadata(text);
  if (!metadata) co_return propagate(metadata, kOption);
  std::string issuer = metadata->issuer;
  auto checked = check_issuer(*metadata, std::move(issuer));
  if (!checked) co_return propagate(checked, kOption);
  const oauth::Endpoints& given = metadata->endpoints;
  for (const auto& endpoint :
       {given.authorization, given.token, given.registration, given.revocation,
        given.pushed_authorization_request, given.device_authorization})
    if (endpoint) fetcher_.trust(*endpoint);  // the user's word
  co_return metadata;
}

awaitable<Result<std::optional<oauth::ResourceMetadata>>> Discovery::find_resource(
    std::string named) {
  std::optional<codec::Url> hint;
  if (!named.empty()) {
    auto checked = oauth::check_endpoint(named, "resource_metadata");
    if (!checked) log::warning("{}; it is not asked", checked.error().message);
    if (checked && !codec::same_origin(*checked, settings_.server))
      say_once(resource_said_,
               fmt::format("{} says that its resource metadata are at {}",
                           codec::origin_of(settings_.server), codec::origin_of(*checked)));
    if (checked) hint = *std::move(checked);
  }
  std::string obstacle;
  for (const std::string& candidate : oauth::resource_metadata_urls(settings_.server, hint)) {
    auto url = codec::parse_url(candidate);
    if (!url) continue;
    http::Fields fields = fields_for(*url);
    auto answer = co_await fetcher_.get(*std::move(url), std::move(fields));
    if (!answer && !is_nobody_there(answer.error())) co_return propagate(answer);
    if (!answer) {
      obstacle = answer.error().message;
      continue;
    }
    auto read = oauth::read_resource_metadata(answer->status(), answer->body);
    if (!read) co_return propagate(read, codec::for_log(candidate));
    if (auto* const found = std::get_if<oauth::ResourceMetadata>(&*read))
      co_return std::move(*found);
    if (const auto* const useless = std::get_if<oauth::UselessDocument>(&*read))
      obstacle = fmt::format("{} {}", codec::for_log(candidate), useless->why);
  }
  if (obstacle.empty()) co_return std::nullopt;
  co_return fail(ErrorKind::protocol,
                 fmt::format("no resource metadata (RFC 9728) can be read: {}; if you know the "
                             "authorization server, give its metadata with --oauth-metadata",
                             obstacle));
}

awaitable<Result<oauth::ServerMetadata>> Discovery::find_first_of(
    std::vector<std::string> issuers) {
  std::optional<Error> first;
  for (std::string& issuer : issuers) {
    auto server = co_await find_server(std::move(issuer));
    if (server) co_return server;
    if (!first) first = server.error();
  }
  co_return std::unexpected(*first);
}

awaitable<Result<oauth::ServerMetadata>> Discovery::find_server(std::string issuer) {
  auto url = oauth::check_endpoint(issuer, "authorization server");
  if (!url) co_return propagate(url);
  std::optional<Error> obstacle;
  for (std::string& candidate : oauth::server_metadata_urls(*url)) {
    auto found = co_await ask(candidate, issuer);
    if (found && *found) co_return co_await confirmed(**std::move(found), std::move(issuer));
    if (found) continue;
    if (!is_about_document(found.error())) co_return propagate(found);
    if (is_worse(found.error(), obstacle)) obstacle = found.error();
  }
  if (obstacle) co_return std::unexpected(*obstacle);
  co_return fail(ErrorKind::protocol,
                 fmt::format("{} publishes no metadata (RFC 8414); if you know its endpoints, "
                             "write them into a document and give it with --oauth-metadata",
                             codec::for_log(issuer)));
}

awaitable<Result<oauth::ServerMetadata>> Discovery::find_legacy() {
  for (const auto& [candidate, issuer] : oauth::legacy_metadata_candidates(settings_.server)) {
    auto found = co_await ask(candidate, issuer);
    if (!found && found.error().kind != ErrorKind::protocol &&
        found.error().kind != ErrorKind::rejected)
      co_return propagate(found);
    if (found && *found) {
      auto filled = oauth::fill_in_endpoints(**found, issuer);
      if (!filled) co_return propagate(filled);
      co_return co_await confirmed(**std::move(found), issuer);
    }
  }
  co_return oauth::default_server_metadata(settings_.server);
}

// Between a document that only claims to be the trusted issuer's and that issuer's own word, the
// latter holds: else its codes, and what we are registered with there, would go to whoever claims
// it (RFC 9207, section 1).
awaitable<Result<oauth::ServerMetadata>> Discovery::confirmed(oauth::ServerMetadata hearsay,
                                                              std::string source) {
  if (!hearsay.is_hearsay) co_return hearsay;
  auto own = co_await find_server(*settings_.issuer);
  if (own) co_return own;
  const Error& silence = own.error();
  const bool is_silent =
      silence.kind == ErrorKind::protocol || silence.kind == ErrorKind::unreachable;
  if (!is_silent || settings_.has_client_material() || !oauth::are_on_one_origin(hearsay.endpoints))
    co_return fail(
        ErrorKind::untrusted,
        fmt::format("{} says that it is {}, which does not say so itself ({}); give "
                    "--oauth-metadata with the address of the metadata that you trust",
                    codec::for_log(source), codec::for_log(*settings_.issuer), silence.message));
  log::warning("{} says that it is {}, as --oauth-issuer has it, and that one says nothing itself",
               codec::for_log(source), codec::for_log(*settings_.issuer));
  co_return hearsay;
}

// What is at one address, if it is the document of that issuer.
awaitable<Result<std::optional<oauth::ServerMetadata>>> Discovery::ask(std::string address,
                                                                       std::string issuer) {
  auto url = codec::parse_url(address);
  if (!url) co_return std::nullopt;
  http::Fields fields = fields_for(*url);
  auto answer = co_await fetcher_.get(*std::move(url), std::move(fields));
  if (!answer) co_return propagate(answer);
  auto read = oauth::read_server_metadata(answer->status(), answer->body);
  if (!read) co_return propagate(read, codec::for_log(address));
  if (!*read) co_return std::nullopt;
  auto checked = check_issuer(**read, std::move(issuer));
  if (!checked) co_return propagate(checked, codec::for_log(address));
  co_return read;
}

// The document's issuer must be the expected one, and becomes the validated one. Whoever has a
// certificate is served at other addresses, if there are any (RFC 8705, section 5).
Result<void> Discovery::check_issuer(oauth::ServerMetadata& metadata, std::string expected) const {
  const oauth::IssuerRule rule{
      .expected = std::move(expected), .trusted = settings_.issuer, .providers = providers_};
  auto finding = oauth::check_issuer(rule, metadata.issuer);
  if (!finding) return propagate(finding);
  if (!finding->warning.empty()) log::warning("{}", finding->warning);
  metadata.issuer = finding->issuer;
  metadata.is_hearsay = finding->is_hearsay;
  if (settings_.certificate) metadata.endpoints = oauth::endpoints_for_mtls(metadata);
  return ok();
}

// The user's own fields go to the MCP server's origin, and to no other.
http::Fields Discovery::fields_for(const codec::Url& url) const {
  http::Fields fields;
  if (!codec::same_origin(url, settings_.server)) return fields;
  for (const auto& [name, value] : settings_.metadata_fields) fields.add(name, value.reveal());
  return fields;
}

}  // namespace mcpio::auth
