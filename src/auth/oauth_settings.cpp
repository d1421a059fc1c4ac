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

bool needs_a_person(std::optional<Grant> grant) {
  return !grant || *grant == Grant::authorization_code || *grant == Grant::device_code;
}

}  // namespace mcpio::auth
