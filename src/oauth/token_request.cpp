// SPDX-License-Identifier: MIT
#include "oauth/token_request.h"

#include <utility>

#include "oauth/extra_parameters.h"

namespace mcpio::oauth {
namespace {

// Adds fields in order, and leaves out those without a value.
class FieldList {
 public:
  FieldList& add(std::string_view name, std::string_view value) {
    if (!value.empty()) fields_.push_back({std::string(name), std::string(value)});
    return *this;
  }
  FieldList& add(std::string_view name, const Secret& value) { return add(name, value.reveal()); }

  Fields take() { return std::move(fields_); }

 private:
  Fields fields_;
};

std::string_view type_of(SubjectToken token) {
  return token == SubjectToken::id_token ? "urn:ietf:params:oauth:token-type:id_token"
                                         : "urn:ietf:params:oauth:token-type:refresh_token";
}

}  // namespace

Fields token_fields(const CodeGrant& grant) {
  return FieldList()
      .add("grant_type", "authorization_code")
      .add("code", grant.code)
      .add("redirect_uri", grant.redirect_uri)
      .add("code_verifier", grant.verifier)
      .add("resource", grant.resource)
      .take();
}

Fields token_fields(const RefreshGrant& grant) {
  return FieldList()
      .add("grant_type", "refresh_token")
      .add("refresh_token", grant.refresh_token)
      .add("resource", grant.resource)
      .take();
}

Fields token_fields(const DeviceGrant& grant) {
  return FieldList()
      .add("grant_type", "urn:ietf:params:oauth:grant-type:device_code")
      .add("device_code", grant.device_code)
      .add("resource", grant.resource)
      .take();
}

Fields token_fields(const ClientCredentialsGrant& grant) {
  return FieldList()
      .add("grant_type", "client_credentials")
      .add("scope", grant.scope)
      .add("resource", grant.resource)
      .take();
}

Fields token_fields(const JwtBearerGrant& grant) {
  return FieldList()
      .add("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer")
      .add("assertion", grant.assertion)
      .add("scope", grant.scope)
      .add("resource", grant.resource)
      .take();
}

Fields token_fields(const IdJagGrant& grant) {
  return FieldList()
      .add("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange")
      .add("requested_token_type", "urn:ietf:params:oauth:token-type:id-jag")
      .add("audience", grant.audience)
      .add("resource", grant.resource)
      .add("scope", grant.scope)
      .add("subject_token", grant.subject_token)
      .add("subject_token_type", type_of(grant.type))
      .take();
}

Fields revocation_fields(const Secret& token, std::string_view hint) {
  return FieldList().add("token", token).add("token_type_hint", hint).take();
}

Fields device_authorization_fields(const DeviceRequest& request) {
  Fields fields = FieldList()
                      .add("scope", request.scope)
                      .add("resource", request.resource)
                      .add("acr_values", request.acr_values)
                      .add("max_age", request.max_age)
                      .take();
  add_missing(fields, request.more);
  return fields;
}

}  // namespace mcpio::oauth
