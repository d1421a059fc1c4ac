// SPDX-License-Identifier: MIT
#include "demo/authorization_server.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "codec/base64.h"
#include "codec/percent.h"
#include "codec/url.h"

namespace mcpio::demo {
namespace {

constexpr int kLifetime = 3600;  // of an access token, in seconds

// The parameters of a query or a form. One that is there twice is worth none (RFC 6749,
// section 3.1).
class Parameters {
 public:
  explicit Parameters(std::string_view text) : fields_(codec::decode_form(text)) {}

  std::string operator[](std::string_view name) const {
    const auto is_it = [name](const codec::FormField& field) { return field.name == name; };
    const auto found = std::ranges::find_if(fields_, is_it);
    return std::ranges::count_if(fields_, is_it) == 1 ? found->value : std::string();
  }

 private:
  std::vector<codec::FormField> fields_;
};

// RFC 8252, section 7.3.
bool is_on_this_machine(const std::string& redirect_uri) {
  const auto url = codec::parse_url(redirect_uri);
  return url && codec::is_loopback(url->host) && !url->fragment;
}

// RFC 6749, section 2.3.1. Ids and secrets of ours need no percent codes.
bool proves(const http::IncomingRequest& request, const RegisteredClient& client) {
  const std::string expected = "Basic " + codec::base64(client.id + ":" + client.secret);
  return request.fields.find("Authorization") == expected;
}

std::string client_id_of(const http::IncomingRequest& request) {
  constexpr std::string_view kScheme = "Basic ";
  const std::string_view value = request.fields.find("Authorization").value_or("");
  if (!value.starts_with(kScheme)) return {};
  const auto pair = codec::decode_base64(value.substr(kScheme.size()));
  return pair ? pair->substr(0, pair->find(':')) : std::string();
}

}  // namespace

AuthorizationServer::AuthorizationServer(asio::any_io_executor executor,
                                         std::function<void(SignInEvent)> note)
    : note_(std::move(note)), server_(executor, *this, http::ServerLimits()) {}

Result<void> AuthorizationServer::start() {
  auto port = server_.listen("127.0.0.1", 0);
  if (!port) return propagate(port, "starting the demo's authorization server");
  issuer_ = fmt::format("http://127.0.0.1:{}", *port);
  return ok();
}

awaitable<void> AuthorizationServer::stop() { co_await server_.stop(std::chrono::seconds(1)); }

awaitable<void> AuthorizationServer::answer(http::IncomingRequest request, Reply reply) {
  HttpAnswer answer = answer_to(request);
  co_await send(std::move(reply), std::move(answer));
}

HttpAnswer AuthorizationServer::answer_to(const http::IncomingRequest& request) {
  if (is_foreign(request)) return {403};
  const std::string_view target = request.target;
  const std::string_view path = target.substr(0, target.find('?'));
  const bool gets = request.method == "GET";
  if (gets && path == "/.well-known/oauth-authorization-server") return metadata();
  if (gets && path == "/authorize")
    return authorize(target.substr(std::min(path.size() + 1, target.size())));
  if (request.method == "POST" && path == "/register") return register_client(request);
  if (request.method == "POST" && path == "/token") return token(request);
  return {404};
}

// RFC 8414, section 2.
HttpAnswer AuthorizationServer::metadata() const {
  note(SignInEvent::found_server);
  return {200, Json{{"issuer", issuer_},
                    {"authorization_endpoint", issuer_ + "/authorize"},
                    {"token_endpoint", issuer_ + "/token"},
                    {"registration_endpoint", issuer_ + "/register"},
                    {"response_types_supported", Json::array({"code"})},
                    {"grant_types_supported", Json::array({"authorization_code", "refresh_token"})},
                    {"token_endpoint_auth_methods_supported", Json::array({"client_secret_basic"})},
                    {"code_challenge_methods_supported", Json::array({"S256"})},
                    {"authorization_response_iss_parameter_supported", true}}};
}

// RFC 7591, sections 3.2.1 and 3.2.2. What else was asked for is ignored, but for the method.
HttpAnswer AuthorizationServer::register_client(const http::IncomingRequest& request) {
  const Json wanted = parse(request.body.view());
  if (!wanted.is_object()) return {400, Json{{"error", "invalid_client_metadata"}}};
  const Json& uris = member(wanted, "redirect_uris");
  if (!uris.is_array() || uris.size() != 1 || !uris[0].is_string() || !is_on_this_machine(uris[0]))
    return {400, Json{{"error", "invalid_redirect_uri"}}};
  if (text_of(wanted, "token_endpoint_auth_method") != "client_secret_basic")
    return {400, Json{{"error", "invalid_client_metadata"}}};
  const auto client = grants_.add_client(uris[0]);
  if (!client) return {503, Json{{"error", "temporarily_unavailable"}}};

  note(SignInEvent::registered);
  return {201, Json{{"client_id", client->id},
                    {"client_secret", client->secret},
                    {"client_secret_expires_at", 0},
                    {"redirect_uris", Json::array({client->redirect_uri})},
                    {"grant_types", Json::array({"authorization_code", "refresh_token"})},
                    {"token_endpoint_auth_method", "client_secret_basic"}}};
}

// RFC 6749, sections 4.1.1 and 4.1.2; RFC 9207. Nobody is asked: it is a demo.
HttpAnswer AuthorizationServer::authorize(std::string_view query) {
  const Parameters asked(query);
  const RegisteredClient* client = grants_.client(asked["client_id"]);
  // Section 4.1.2.1: never sent to an address that the client did not register.
  if (client == nullptr || asked["redirect_uri"] != client->redirect_uri)
    return {400, Json{{"error", "invalid_request"}}};

  std::vector<codec::FormField> result{{"state", asked["state"]}, {"iss", issuer_}};
  if (asked["response_type"] != "code") {
    result.push_back({"error", "unsupported_response_type"});
  } else if (asked["code_challenge_method"] != "S256" || asked["code_challenge"].empty()) {
    result.push_back({"error", "invalid_request"});
  } else {
    note(SignInEvent::sent_back);
    result.push_back({"code", grants_.code_for({.client_id = client->id,
                                                .redirect_uri = client->redirect_uri,
                                                .code_challenge = asked["code_challenge"],
                                                .resource = asked["resource"]})});
  }
  HttpAnswer answer{302};
  const bool has_query = client->redirect_uri.find('?') != std::string::npos;
  answer.fields.add("Location",
                    client->redirect_uri + (has_query ? "&" : "?") + codec::encode_form(result));
  return answer;
}

// RFC 6749, sections 4.1.3, 5 and 6.
HttpAnswer AuthorizationServer::token(const http::IncomingRequest& request) {
  const RegisteredClient* client = grants_.client(client_id_of(request));
  if (client == nullptr || !proves(request, *client)) {
    HttpAnswer refused{401, Json{{"error", "invalid_client"}}};
    refused.fields.add("WWW-Authenticate", "Basic");
    return refused;
  }
  const Parameters form(request.body.view());
  const std::string grant = form["grant_type"];
  const bool is_refresh = grant == "refresh_token";
  if (!is_refresh && grant != "authorization_code")
    return {400, Json{{"error", "unsupported_grant_type"}}};
  const auto tokens = is_refresh ? grants_.rotate(form["refresh_token"], client->id)
                                 : grants_.redeem(form["code"], client->id, form["redirect_uri"],
                                                  form["code_verifier"]);
  if (!tokens) return {400, Json{{"error", "invalid_grant"}}};

  note(is_refresh ? SignInEvent::token_renewed : SignInEvent::token_issued);
  return {200, Json{{"access_token", tokens->access},
                    {"token_type", "Bearer"},
                    {"expires_in", kLifetime},
                    {"refresh_token", tokens->refresh}}};
}

}  // namespace mcpio::demo
