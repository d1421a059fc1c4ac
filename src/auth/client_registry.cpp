// SPDX-License-Identifier: MIT
#include "auth/client_registry.h"

#include <fmt/core.h>

#include <array>
#include <utility>

#include "auth/no_sign_in.h"
#include "base/log.h"
#include "codec/base64.h"
#include "crypto/sha256.h"
#include "oauth/credential_binding.h"
#include "oauth/peer_text.h"

namespace mcpio::auth {
namespace {

// A client is registered for the grants of one flow; the other's needs another.
constexpr std::string_view kRegistrations = "registrations";
constexpr std::string_view kDeviceRegistrations = "device_registrations";
constexpr std::array kAllRegistrations = {kRegistrations, kDeviceRegistrations};
constexpr std::string_view kDpopBound = "dpop_bound_access_tokens";
constexpr std::string_view kBindings = "bindings";
constexpr std::string_view kLearnt = "learnt";

double unix_time(WallTime time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

// Servers and other programs write 0 for "never" (RFC 7591, section 3.2.1).
bool is_over(std::optional<double> expiry, WallTime now) {
  return expiry && *expiry > 0 && *expiry <= unix_time(now);
}

std::string_view section_of(const ClientRegistry::Purpose& purpose) {
  return purpose.redirect_uri.empty() ? kDeviceRegistrations : kRegistrations;
}

// One for each thing that the user configured, which does not show it.
std::string binding_name(std::string_view kind, std::string_view what) {
  return codec::base64url(crypto::sha256(fmt::format("{}\n{}", kind, what)));
}

std::string token_binding_name(const Secret& initial_access_token) {
  return binding_name("initial access token", initial_access_token.reveal());
}

std::string to_json(const oauth::Registration& registration, const ClientRegistry::Purpose& purpose,
                    oauth::AuthMethod asked) {
  codec::JsonWriter json;
  json.add("client_id", registration.client_id).add("redirect_uri", purpose.redirect_uri);
  if (purpose.uses_dpop) json.add(kDpopBound, true);
  if (!registration.secret.empty()) json.add("client_secret", registration.secret.reveal());
  if (registration.secret_expires_at)
    json.add("client_secret_expires_at",
             static_cast<long long>(unix_time(*registration.secret_expires_at)));
  json.add("token_endpoint_auth_method", registration.auth_method)
      .add("asked_auth_method", oauth::name_of(asked));
  if (!registration.management_uri.empty())
    json.add("registration_client_uri", registration.management_uri)
        .add("registration_access_token", registration.management_token.reveal());
  return json.text();
}

}  // namespace

ClientRegistry::ClientRegistry(Fetcher& fetcher, store::State& state, const Clock& clock,
                               const OAuthSettings& settings)
    : fetcher_(fetcher), state_(state), clock_(clock), settings_(settings) {}

std::uint16_t ClientRegistry::last_port(const std::string& issuer) {
  auto kept = state_.find(kRegistrations, issuer);
  if (!kept || !*kept) return 0;
  const auto url = codec::parse_url((*kept)->string("redirect_uri").value_or(""));
  return url ? codec::port_of(*url) : 0;
}

awaitable<Result<Client>> ClientRegistry::client_for(oauth::ServerMetadata server,
                                                     Purpose purpose) {
  auto known = known_client(server);
  if (!known) co_return propagate(known);
  if (*known) co_return **std::move(known);
  if (auto kept = remembered(server, purpose)) co_return *std::move(kept);
  if (!server.endpoints.registration)
    co_return fail(ErrorKind::config,
                   fmt::format("{} does not let clients register themselves; register one there "
                               "and give its id with --client-id, or use --client-metadata-url",
                               codec::for_log(server.issuer)));
  co_return co_await register_anew(std::move(server), std::move(purpose));
}

Result<std::optional<Client>> ClientRegistry::known_client(const oauth::ServerMetadata& server) {
  auto may_be_told = check_binding(server.issuer);
  if (!may_be_told) return propagate(may_be_told);
  Client client;
  if (!settings_.client_id.empty()) {
    client.credentials.id = settings_.client_id;
    client.origin = oauth::ClientOrigin::configured;
  } else if (!settings_.client_metadata_url.empty()) {
    if (!server.takes_metadata_documents)
      log::warning("{} does not say that it reads client metadata documents; trying all the same",
                   codec::for_log(server.issuer));
    client.credentials.id = settings_.client_metadata_url;
    client.origin = oauth::ClientOrigin::metadata_document;
  } else {
    return std::nullopt;
  }
  client.algorithms = server.token_auth_signing_algs;
  oauth::Situation situation;
  situation.origin = client.origin;
  situation.advertised = server.token_auth_methods;
  situation.learnt = learnt(server.issuer, client.credentials.id).how;
  return with_method(std::move(client), std::move(situation));
}

std::optional<Client> ClientRegistry::remembered(const oauth::ServerMetadata& server,
                                                 const Purpose& purpose) {
  if (server.is_hearsay) return std::nullopt;
  auto kept = state_.find(section_of(purpose), server.issuer);
  if (!kept || !*kept || (*kept)->string("redirect_uri") != purpose.redirect_uri)
    return std::nullopt;
  // It gets no bearer tokens (RFC 9449, section 5.2). One without the word gets both.
  if ((*kept)->is_true(kDpopBound) && !purpose.uses_dpop) return std::nullopt;
  const auto expiry = (*kept)->number("client_secret_expires_at");
  if (is_over(expiry, clock_.wall())) return std::nullopt;
  Client client;
  if (expiry && *expiry > 0)
    client.secret_expires_at = WallTime(std::chrono::seconds(static_cast<long long>(*expiry)));
  client.credentials.id = (*kept)->string("client_id").value_or("");
  client.credentials.secret = Secret((*kept)->string("client_secret").value_or(""));
  client.origin = oauth::ClientOrigin::registered;
  client.is_kept = true;
  client.algorithms = server.token_auth_signing_algs;
  oauth::Situation situation;
  situation.origin = client.origin;
  situation.recorded_method = (*kept)->string("token_endpoint_auth_method");
  situation.advertised = server.token_auth_methods;
  situation.learnt = learnt(server.issuer, client.credentials.id).how;
  const auto asked = oauth::parse_auth_method((*kept)->string("asked_auth_method").value_or(""));
  situation.asked = asked ? *asked : asked_now(server).method;
  const auto known_by =
      oauth::parse_auth_method(situation.recorded_method.value_or("")).value_or(situation.asked);
  if (!oauth::check_material(known_by, material())) return std::nullopt;
  auto usable = with_method(std::move(client), std::move(situation));
  if (usable && !usable->credentials.id.empty()) return *std::move(usable);
  return std::nullopt;
}

oauth::AskedMethod ClientRegistry::asked_now(const oauth::ServerMetadata& server) const {
  return oauth::asked_at_registration(material(), server.token_auth_methods);
}

// What we say about ourselves, with what the method is to know us by.
Result<oauth::ClientDescription> ClientRegistry::description(oauth::AuthMethod method,
                                                             const oauth::ServerMetadata& server,
                                                             const Purpose& purpose) const {
  oauth::ClientDescription about;
  about.flow =
      purpose.redirect_uri.empty() ? oauth::RegisteredFlow::device : oauth::RegisteredFlow::browser;
  about.method = method;
  about.redirect_uri = purpose.redirect_uri;
  about.uses_dpop = purpose.uses_dpop;
  about.binds_to_certificate = settings_.certificate && server.binds_to_certificates;
  auto possible = oauth::check_material(method, material());
  if (!possible) return propagate(possible);
  if (method == oauth::AuthMethod::tls_client_auth)
    about.certificate_subject = settings_.certificate->facts.subject;
  if (method == oauth::AuthMethod::self_signed_tls_client_auth) {
    auto jwks = oauth::jwk_set(settings_.certificate->facts);
    if (!jwks) return propagate(jwks);
    about.jwks = *std::move(jwks);
  }
  if (settings_.key && method == oauth::AuthMethod::private_key_jwt) {
    auto algorithm = oauth::algorithm_for(*settings_.key, server.token_auth_signing_algs);
    if (!algorithm) return propagate(algorithm);
    about.algorithm = *algorithm;
    about.jwks = oauth::jwk_set(*settings_.key, *algorithm);
  }
  return about;
}

awaitable<Result<Client>> ClientRegistry::register_anew(oauth::ServerMetadata server,
                                                        Purpose purpose) {
  const oauth::AskedMethod asked = asked_now(server);
  log::warnings(asked.warnings);
  auto about = description(asked.method, server, purpose);
  if (!about) co_return propagate(about);
  auto url = codec::parse_url(*server.endpoints.registration);
  if (!url) co_return propagate(url, "registration endpoint");
  Fetcher::Posting posting;
  const bool shows_token = !settings_.initial_access_token.empty();
  if (shows_token)
    posting.fields.add("Authorization",
                       "Bearer " + std::string(settings_.initial_access_token.reveal()));
  posting.type = "application/json";
  posting.body = Secret(oauth::registration_request(*about));
  auto answer = co_await fetcher_.post(*std::move(url), std::move(posting));
  if (!answer) co_return propagate(answer, "registering");
  if (server.is_guessed && oauth::is_no_registration_endpoint(answer->status(), answer->body))
    co_return std::unexpected(no_sign_in(settings_.server));
  auto registration = oauth::read_registration(
      answer->status(), answer->body,
      shows_token ? oauth::InitialAccessToken::shown : oauth::InitialAccessToken::none);
  if (!registration)
    co_return propagate(registration, fmt::format("registering at {}",
                                                  codec::for_log(*server.endpoints.registration)));
  log::hide(registration->secret);
  log::info("registered as a client of {}", codec::for_log(server.issuer));
  // The token has done its work, whatever becomes of the login.
  if (shows_token)
    bind(server.issuer, std::vector(1, token_binding_name(settings_.initial_access_token)));
  Result<void> kept = ok();
  if (!server.is_hearsay)
    kept = state_.put(section_of(purpose), server.issuer,
                      to_json(*registration, purpose, asked.method));
  if (!kept) log::warning("the registration could not be kept: {}", kept.error().message);

  Client client;
  client.credentials.id = registration->client_id;
  client.algorithms = server.token_auth_signing_algs;
  client.credentials.secret = registration->secret;
  client.secret_expires_at = registration->secret_expires_at;
  client.origin = oauth::ClientOrigin::registered;
  oauth::Situation situation;
  situation.origin = client.origin;
  situation.recorded_method = registration->auth_method;
  situation.asked = asked.method;
  situation.advertised = server.token_auth_methods;
  co_return with_method(std::move(client), std::move(situation));
}

const std::string& ClientRegistry::named_client() const {
  return settings_.client_id.empty() ? settings_.client_metadata_url : settings_.client_id;
}

bool ClientRegistry::may_use(const store::Credential& credential) const {
  if (!named_client().empty() && credential.client_id != named_client()) return false;
  return !credential.issuer || check_binding(*credential.issuer);
}

Result<Client> ClientRegistry::client_of(const store::Credential& credential) const {
  Client client;
  client.credentials.id = credential.client_id.value_or("");
  if (!named_client().empty() && named_client() != client.credentials.id)
    return fail(ErrorKind::config, "the stored token belongs to another client id");
  if (credential.client_secret && is_over(credential.client_secret_expires_at, clock_.wall()))
    return fail(ErrorKind::config, "the secret of the registered client has expired");
  client.credentials.secret = credential.client_secret.value_or(Secret());
  client.origin = oauth::ClientOrigin::stored;
  // What the user configured goes along only as the client it was configured for, and only to the
  // issuer it belongs to: the entry may be of a server that the user never meant.
  const std::string issuer = credential.issuer.value_or("");
  const bool is_configured = !settings_.client_id.empty();
  const auto method = oauth::parse_auth_method(credential.token_endpoint_auth_method);
  const bool signs = method && oauth::material_of(*method) == oauth::Material::key;
  const bool shows = settings_.certificate.has_value();
  if (issuer.empty() && settings_.has_client_material())
    return fail(ErrorKind::config,
                "the stored login does not say which authorization server it is of, and what is "
                "given for one is sent to no other");
  if (!issuer.empty() && (is_configured || signs || shows)) {
    auto may_be_told = check_binding(issuer);
    if (!may_be_told) return propagate(may_be_told);
  }
  oauth::Situation situation;
  situation.origin = client.origin;
  situation.recorded_method = credential.token_endpoint_auth_method;
  Learnt before = learnt(issuer, client.credentials.id);
  situation.learnt = before.how;
  client.algorithms = std::move(before.algorithms);
  auto ready = with_method(std::move(client), std::move(situation));
  if (ready && is_missing_its_secret(*ready, issuer))
    return fail(ErrorKind::config,
                fmt::format("the stored login is that of the client {}, whose secret is not given: "
                            "give --client-id and {}",
                            oauth::shown(ready->credentials.id),
                            oauth::how_to_supply(oauth::Material::secret)));
  return ready;
}

// A registered client may have been given none, and was answered all the same; one that was
// configured had one when it signed in.
bool ClientRegistry::is_missing_its_secret(const Client& client, const std::string& issuer) const {
  const auto method = client.authentication.how.method;
  if (oauth::material_of(method) != oauth::Material::secret || !client.credentials.secret.empty() ||
      named_client() == client.credentials.id)
    return false;
  return !registered(issuer, client.credentials.id);
}

std::vector<std::string> ClientRegistry::held_issuers(const store::Credential* credential) const {
  if (settings_.issuer) return {*settings_.issuer};
  std::vector<std::string> issuers;
  for (const std::string& name : binding_names())
    if (auto kept = state_.find(kBindings, name); kept && *kept)
      issuers.push_back((*kept)->string("issuer").value_or(""));
  if (!issuers.empty()) return issuers;
  if (credential != nullptr && credential->issuer) issuers.push_back(*credential->issuer);
  if (!named_client().empty()) return issuers;
  for (const std::string_view section : kAllRegistrations) {
    auto registered = state_.names(section);
    if (registered) issuers.insert(issuers.end(), registered->begin(), registered->end());
  }
  return issuers;
}

Result<Client> ClientRegistry::with_method(Client client, oauth::Situation situation) const {
  situation.issued_secret =
      client.origin != oauth::ClientOrigin::configured && !client.credentials.secret.empty();
  const bool is_the_configured_one =
      !settings_.client_id.empty() && settings_.client_id == client.credentials.id;
  if (client.credentials.secret.empty() && is_the_configured_one)
    client.credentials.secret = settings_.client_secret;
  client.credentials.key = settings_.key;
  if (settings_.certificate) client.certificate = settings_.certificate->files;
  situation.configured = material();
  auto decision = oauth::authentication_used(situation);
  if (!decision) return propagate(decision);
  log::warnings(decision->warnings);
  client.authentication = *std::move(decision);
  return client;
}

oauth::ConfiguredMaterial ClientRegistry::material() const {
  oauth::ConfiguredMaterial material;
  material.method = settings_.method;
  material.secret = !settings_.client_secret.empty();
  material.key = settings_.key.has_value();
  material.assertion = settings_.client_assertion != nullptr;
  material.certificate = settings_.certificate.has_value();
  material.certificate_is_self_signed =
      settings_.certificate && settings_.certificate->facts.is_self_signed;
  return material;
}

// One for each thing that is configured: whatever is given besides, or is no longer, each of them
// stays where it belongs.
std::vector<std::string> ClientRegistry::binding_names() const {
  std::vector<std::string> names;
  const auto add = [&](std::string_view kind, std::string_view what) {
    if (!what.empty()) names.push_back(binding_name(kind, what));
  };
  add("secret", settings_.client_secret.reveal());
  if (settings_.key) add("key", settings_.key->key.thumbprint());
  if (settings_.certificate) add("certificate", settings_.certificate->facts.thumbprint);
  if (settings_.client_assertion) add("client assertion", settings_.client_assertion->name());
  if (settings_.assertion) add("assertion", settings_.assertion->name());
  if (!settings_.initial_access_token.empty())
    names.push_back(token_binding_name(settings_.initial_access_token));
  return names;
}

Result<void> ClientRegistry::check_binding(const std::string& issuer) const {
  for (const std::string& name : binding_names()) {
    auto kept = state_.find(kBindings, name);
    if (!kept) return propagate(kept);
    const auto remembered = *kept ? (*kept)->string("issuer") : std::nullopt;
    auto bound = oauth::bind_credentials(issuer, settings_.issuer, remembered);
    if (!bound) return propagate(bound);
  }
  return ok();
}

void ClientRegistry::has_worked(const std::string& issuer, const Client& client) {
  if (issuer.empty()) return;  // an entry of an older program does not say
  bind(issuer, binding_names());
  learn(issuer, client);
}

void ClientRegistry::bind(const std::string& issuer, const std::vector<std::string>& names) {
  bool is_told = false;
  for (const std::string& name : names) {
    auto kept = state_.find(kBindings, name);
    if (kept && *kept) continue;
    if (!std::exchange(is_told, true))
      log::info("the configured client credentials belong to {} from now on",
                codec::for_log(issuer));
    auto put = state_.put(kBindings, name, codec::JsonWriter().add("issuer", issuer).text());
    if (!put) log::warning("that could not be kept: {}", put.error().message);
  }
}

void ClientRegistry::learn(const std::string& issuer, const Client& client) {
  const oauth::Authentication& how = client.authentication.how;
  const Learnt before = learnt(issuer, client.credentials.id);
  const bool has_algorithms = settings_.key && client.algorithms;
  if (how == before.how && (!has_algorithms || client.algorithms == before.algorithms)) return;
  if (!client.authentication.was_found_out && !has_algorithms) return;
  codec::JsonWriter json;
  json.add("client_id", client.credentials.id)
      .add("token_endpoint_auth_method", oauth::name_of(how.method))
      .add("client_id_with_basic", how.id_with_basic)
      .add("client_secret_with_none", how.secret_with_none)
      .add("assertion_audience_is_endpoint", how.endpoint_is_audience);
  if (has_algorithms) json.add("assertion_algorithms", *client.algorithms);
  auto put = state_.put(kLearnt, issuer, json.text());
  if (!put)
    log::warning("what works at {} could not be kept: {}", codec::for_log(issuer),
                 put.error().message);
}

ClientRegistry::Learnt ClientRegistry::learnt(const std::string& issuer,
                                              const std::string& client_id) const {
  Learnt learnt;
  auto kept = state_.find(kLearnt, issuer);
  if (!kept || !*kept || (*kept)->string("client_id") != client_id) return learnt;
  const auto name = (*kept)->string("token_endpoint_auth_method");
  if (const auto method = oauth::parse_auth_method(name.value_or("")))
    learnt.how = {.method = *method,
                  .secret_with_none = (*kept)->is_true("client_secret_with_none"),
                  .id_with_basic = (*kept)->is_true("client_id_with_basic"),
                  .endpoint_is_audience = (*kept)->is_true("assertion_audience_is_endpoint")};
  learnt.algorithms = (*kept)->strings("assertion_algorithms");
  return learnt;
}

std::optional<ClientRegistry::Registered> ClientRegistry::registered(
    const std::string& issuer, const std::string& client_id) const {
  for (const std::string_view section : kAllRegistrations) {
    auto kept = state_.find(section, issuer);
    if (!kept || !*kept) continue;
    const auto text = [&](std::string_view key) { return (*kept)->string(key).value_or(""); };
    if (!client_id.empty() && text("client_id") != client_id) continue;
    return Registered{.client_id = text("client_id"),
                      .management = {.uri = text("registration_client_uri"),
                                     .token = Secret(text("registration_access_token"))}};
  }
  return std::nullopt;
}

// Only this one: another process may have registered anew meanwhile.
void ClientRegistry::forget(const std::string& issuer, const std::string& client_id) {
  for (const std::string_view section : kAllRegistrations) {
    auto kept = state_.find(section, issuer);
    if (!kept || !*kept || (*kept)->string("client_id").value_or("") != client_id) continue;
    auto removed = state_.remove(section, issuer);
    if (!removed)
      log::warning("the registration could not be forgotten: {}", removed.error().message);
  }
}

}  // namespace mcpio::auth
