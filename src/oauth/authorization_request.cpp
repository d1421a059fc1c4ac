// SPDX-License-Identifier: MIT
#include "oauth/authorization_request.h"

#include <algorithm>

#include "codec/json_document.h"
#include "codec/url.h"
#include "oauth/extra_parameters.h"

namespace mcpio::oauth {
namespace {

using codec::FormField;

// A space as `%20`: a form has `+` for it, which not every server and no mail program undoes.
std::string query_of(const std::vector<FormField>& fields) {
  std::string query;
  for (const FormField& field : fields) {
    if (!query.empty()) query += '&';
    query.append(codec::percent_encode(field.name)).append("=");
    query.append(codec::percent_encode(field.value));
  }
  return query;
}

}  // namespace

std::vector<FormField> authorization_fields(const AuthorizationRequest& request) {
  std::vector<FormField> fields = {{"response_type", "code"},
                                   {"client_id", request.client_id},
                                   {"redirect_uri", request.redirect_uri},
                                   {"state", request.state},
                                   {"code_challenge", request.code_challenge},
                                   {"code_challenge_method", "S256"},
                                   {"scope", request.scope},
                                   {"resource", request.resource},
                                   {"dpop_jkt", request.dpop_jkt},
                                   {"acr_values", request.acr_values},
                                   {"max_age", request.max_age}};
  std::erase_if(fields, [](const FormField& field) { return field.value.empty(); });
  add_missing(fields, request.more);
  return fields;
}

Result<std::string> authorization_url(std::string_view endpoint,
                                      const std::vector<FormField>& fields) {
  auto url = codec::parse_url(endpoint);
  if (!url) return propagate(url, "the authorization endpoint");
  if (url->fragment) return fail(ErrorKind::protocol, "the authorization endpoint has a fragment");
  const std::string query = query_of(fields);
  url->query = url->query && !url->query->empty() ? *url->query + "&" + query : query;
  return codec::to_string(*url);
}

Result<std::string> pushed_authorization_url(std::string_view endpoint, std::string_view client_id,
                                             std::string_view request_uri) {
  return authorization_url(
      endpoint, {{"client_id", std::string(client_id)}, {"request_uri", std::string(request_uri)}});
}

Result<std::variant<PushedRequest, TokenError>> read_pushed_answer(int status,
                                                                   std::string_view body) {
  if (status < 200 || status > 299) return read_token_error(status, body);
  auto members = codec::JsonObject::parse(body, "answer to the pushed authorization request");
  if (!members) return propagate(members);
  auto uri = members->required_string("request_uri");
  if (!uri) return propagate(uri, "the answer to the pushed authorization request");
  return PushedRequest{*std::move(uri)};
}

}  // namespace mcpio::oauth
