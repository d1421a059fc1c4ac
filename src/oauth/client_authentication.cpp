// SPDX-License-Identifier: MIT
#include "oauth/client_authentication.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <utility>

#include "oauth/peer_text.h"

namespace mcpio::oauth {
namespace {

using Methods = std::span<const AuthMethod>;

constexpr std::array kWithoutKeys = {AuthMethod::none, AuthMethod::client_secret_post,
                                     AuthMethod::client_secret_basic};
constexpr std::array kWithSecret = {AuthMethod::client_secret_post, AuthMethod::client_secret_basic,
                                    AuthMethod::client_secret_jwt};
constexpr std::array kWithKey = {AuthMethod::private_key_jwt};
constexpr std::array kWithCertificate = {AuthMethod::tls_client_auth,
                                         AuthMethod::self_signed_tls_client_auth};
constexpr std::array kWithSelfSigned = {AuthMethod::self_signed_tls_client_auth,
                                        AuthMethod::tls_client_auth};

bool is_absent(const AdvertisedMethods& advertised) { return !advertised || advertised->empty(); }

// The first of our methods that the server lists.
std::optional<AuthMethod> first_advertised(Methods ours, const AdvertisedMethods& advertised) {
  if (!advertised) return std::nullopt;
  for (const AuthMethod method : ours)
    if (std::ranges::find(*advertised, name_of(method)) != advertised->end()) return method;
  return std::nullopt;
}

// The one that this kind of certificate is for comes first (RFC 8705, sections 2.1 and 2.2).
Methods with_certificate_of(const ConfiguredMaterial& configured) {
  return configured.certificate_is_self_signed ? kWithSelfSigned : kWithCertificate;
}

std::string names_of(Methods methods) {
  std::string names;
  for (const AuthMethod method : methods)
    names.append(names.empty() ? "" : ", ").append(name_of(method));
  return names;
}

std::string listed(const AdvertisedMethods& advertised) {
  return shown(fmt::format("{}", fmt::join(*advertised, ", ")));
}

bool is_at_hand(Material material, const Situation& s) {
  switch (material) {
    case Material::nothing:
      return true;
    case Material::secret:
      return s.configured.secret || s.issued_secret;
    case Material::key:
      return s.configured.key || s.configured.assertion;
    case Material::certificate:
      return s.configured.certificate;
  }
  return false;
}

// Keys and certificates have to be there. A missing secret does not stop Basic and post: they
// then show the client id alone.
bool can_do(AuthMethod method, const Situation& s) {
  return method == AuthMethod::client_secret_post || method == AuthMethod::client_secret_basic ||
         is_at_hand(material_of(method), s);
}

std::unexpected<Error> lacks_material(AuthMethod method) {
  return fail(ErrorKind::config,
              fmt::format("{} needs {}", name_of(method), how_to_supply(material_of(method))));
}

Decision ours(AuthMethod method) { return {.how = {.method = method}, .is_ours = true}; }

Decision ours(AuthMethod method, std::string warning) {
  Decision decision = ours(method);
  decision.warnings.push_back(std::move(warning));
  return decision;
}

// A method that came with an issued client; what `none` sends depends on what was issued.
Decision issued(AuthMethod method, const Situation& s) {
  Decision decision = ours(method);
  decision.how.secret_with_none = method == AuthMethod::none && s.issued_secret;
  return decision;
}

bool shows_a_secret(const Authentication& how) {
  return how.method == AuthMethod::client_secret_basic ||
         how.method == AuthMethod::client_secret_post || how.secret_with_none;
}

// In the way that the server was found to want it: never with less than what was decided.
Authentication as_learnt(const Decision& decision, const Situation& s) {
  Authentication how = decision.how;
  const bool may_choose = decision.is_ours && s.origin != ClientOrigin::stored;
  const bool has_secret = is_at_hand(Material::secret, s);
  if (may_choose && has_secret && shows_a_secret(how) && shows_a_secret(*s.learnt))
    return *s.learnt;
  if (s.learnt->method != how.method) return how;
  how.id_with_basic = s.learnt->id_with_basic;
  how.endpoint_is_audience = s.learnt->endpoint_is_audience;
  return how;
}

Result<Decision> as_named(const Situation& s) {
  const AuthMethod method = *s.configured.method;
  if (!is_at_hand(material_of(method), s)) return lacks_material(method);
  return Decision{.how = {.method = method}};
}

Result<Decision> as_stored(const Situation& s) {
  if (!s.recorded_method) return issued(AuthMethod::none, s);
  const auto method = parse_auth_method(*s.recorded_method);
  if (!method)
    return fail(
        ErrorKind::config,
        fmt::format("the stored credentials name the unknown token_endpoint_auth_method {}: "
                    "give --token-endpoint-auth-method (one of {}), or run mcp-stdio logout",
                    shown(*s.recorded_method), auth_method_names()));
  if (!can_do(*method, s)) return lacks_material(*method);
  return issued(*method, s);
}

Result<Decision> as_registered(const Situation& s) {
  if (!s.recorded_method) return issued(s.asked, s);
  const auto method = parse_auth_method(*s.recorded_method);
  if (method && can_do(*method, s)) return issued(*method, s);
  Decision decision = issued(s.asked, s);
  decision.warnings.push_back(fmt::format(
      "registration answered with token_endpoint_auth_method {}, which {}; using {}",
      shown(*s.recorded_method),
      method ? fmt::format("needs {}", how_to_supply(material_of(*method))) : "is none of ours",
      name_of(s.asked)));
  return decision;
}

// A document that everybody can read shares no secret
// (draft-ietf-oauth-client-id-metadata-document, section 4.1).
Result<Decision> with_document(const Situation& s) {
  return ours(s.configured.key ? AuthMethod::private_key_jwt : AuthMethod::none);
}

std::unexpected<Error> not_offered(std::string_view what, const Situation& s) {
  return fail(ErrorKind::config,
              fmt::format("the authorization server does not offer {}, only {}: leave it out, or "
                          "name a method with --token-endpoint-auth-method",
                          what, listed(s.advertised)));
}

Result<Decision> with_certificate(const Situation& s) {
  const Methods fitting = with_certificate_of(s.configured);
  if (is_absent(s.advertised)) return ours(fitting.front());
  if (const auto method = first_advertised(fitting, s.advertised)) return ours(*method);
  return not_offered("tls_client_auth or self_signed_tls_client_auth for --oauth-client-cert", s);
}

Result<Decision> with_key(const Situation& s) {
  if (is_absent(s.advertised) || first_advertised(kWithKey, s.advertised))
    return ours(AuthMethod::private_key_jwt);
  return not_offered(s.configured.key ? "private_key_jwt for --client-key"
                                      : "private_key_jwt for the client assertion",
                     s);
}

Result<Decision> with_secret(const Situation& s) {
  // RFC 8414, section 2: if omitted, the default is client_secret_basic.
  if (is_absent(s.advertised)) return ours(AuthMethod::client_secret_basic);
  if (const auto method = first_advertised(kWithSecret, s.advertised)) return ours(*method);
  return ours(AuthMethod::client_secret_post,
              fmt::format("the authorization server lists no method for a client secret, only {}; "
                          "using client_secret_post",
                          listed(s.advertised)));
}

// Public clients of Entra ID and Slack are registered by hand and listed nowhere.
Result<Decision> with_id_alone(const Situation&) { return ours(AuthMethod::none); }

struct Choice {
  bool (*applies)(const Situation&);
  Result<Decision> (*decide)(const Situation&);
};

constexpr std::array kTable = {
    Choice{[](const Situation& s) { return s.configured.method.has_value(); }, as_named},
    Choice{[](const Situation& s) { return s.origin == ClientOrigin::stored; }, as_stored},
    Choice{[](const Situation& s) { return s.origin == ClientOrigin::registered; }, as_registered},
    Choice{[](const Situation& s) { return s.origin == ClientOrigin::metadata_document; },
           with_document},
    Choice{[](const Situation& s) { return s.configured.certificate; }, with_certificate},
    Choice{[](const Situation& s) { return s.configured.key || s.configured.assertion; }, with_key},
    Choice{[](const Situation& s) { return s.configured.secret; }, with_secret},
    Choice{[](const Situation&) { return true; }, with_id_alone},
};

}  // namespace

AskedMethod asked_at_registration(const ConfiguredMaterial& configured,
                                  const AdvertisedMethods& advertised) {
  if (configured.method) return {*configured.method, {}};
  if (configured.key)
    if (const auto method = first_advertised(kWithKey, advertised)) return {*method, {}};
  if (configured.certificate)
    if (const auto method = first_advertised(with_certificate_of(configured), advertised))
      return {*method, {}};
  if (const auto method = first_advertised(kWithoutKeys, advertised)) return {*method, {}};
  if (is_absent(advertised)) return {AuthMethod::none, {}};
  return {AuthMethod::none,
          {fmt::format("the authorization server lists {} only; without --client-key "
                       "or --oauth-client-cert this program registers with {}; trying none",
                       listed(advertised), names_of(kWithoutKeys))}};
}

Result<void> check_material(AuthMethod asked, const ConfiguredMaterial& configured) {
  const Situation known = {.configured = configured};
  const bool is_issued = material_of(asked) == Material::secret;
  if (is_issued || is_at_hand(material_of(asked), known)) return ok();
  return lacks_material(asked);
}

Result<Decision> authentication_used(const Situation& situation) {
  const auto row = std::ranges::find_if(
      kTable, [&](const Choice& candidate) { return candidate.applies(situation); });
  auto decision = row->decide(situation);
  if (decision && situation.learnt) decision->how = as_learnt(*decision, situation);
  return decision;
}

}  // namespace mcpio::oauth
