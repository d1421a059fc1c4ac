// SPDX-License-Identifier: MIT
// The files by which the user proves who the client is: read once, when the program starts.
#pragma once

#include <string>
#include <vector>

#include "auth/oauth_settings.h"

namespace mcpio::cli {

// Paths, and what is said about the key in the file. Empty: not given.
struct KeyMaterial {
  std::string key_file;
  std::string passphrase_file;
  std::string certificate_file;
  std::string key_algorithm;
  std::string key_id;
  std::string tls_certificate_file;
  std::string tls_key_file;     // empty: the key is in the file of the certificate
  std::string idp_secret_file;  // for the identity provider
  std::string idp_key_file;
};

struct KeyFindings {
  std::vector<std::string> mistakes;
  std::vector<std::string> warnings;
};

// Puts what is in the files into the settings, and hides the secrets from the log. Each file is
// held to the rules of read_private_file(). The one of the passphrase is opened only with a key.
KeyFindings read_key_material(const KeyMaterial& files, auth::OAuthSettings& settings);

}  // namespace mcpio::cli
