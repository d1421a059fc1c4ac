// SPDX-License-Identifier: MIT
#include "auth/oauth_settings.h"

namespace mcpio::auth {

std::string_view name_of(Grant grant) {
  switch (grant) {
    case Grant::authorization_code:
      return "authorization-code";
    case Grant::device_code:
      return "device-code";
    case Grant::client_credentials:
      return "client-credentials";
    case Grant::jwt_bearer:
      return "jwt-bearer";
    case Grant::id_jag:
      return "id-jag";
  }
  std::unreachable();
}

std::string_view extension_of(Grant grant) {
  switch (grant) {
    case Grant::client_credentials:
      return "io.modelcontextprotocol/oauth-client-credentials";
    case Grant::id_jag:
      return "io.modelcontextprotocol/enterprise-managed-authorization";
    case Grant::authorization_code:
    case Grant::device_code:
    case Grant::jwt_bearer:
      return "";
  }
  std::unreachable();
}

bool needs_a_person(std::optional<Grant> grant) {
  return !grant || *grant == Grant::authorization_code || *grant == Grant::device_code;
}

}  // namespace mcpio::auth
