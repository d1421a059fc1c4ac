// SPDX-License-Identifier: MIT
// What the program shall do: checked and typed, with nothing left to parse.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "auth/oauth_settings.h"
#include "auth/static_credentials.h"
#include "base/limits.h"
#include "base/log.h"
#include "cli/command.h"
#include "codec/url.h"
#include "http/client_settings.h"

namespace mcpio::cli {

// When to sign in: when the server asks, before the first request, or never.
enum class SignInMode { when_asked, first, never };
enum class TokenStore { file, memory, helper };

enum class Transport { automatic, streamable_http, sse };

// The defaults are those of the option table's help texts. A limit of zero means: none.
struct ConnectConfig {
  Command command = Command::connect;
  codec::Url server;  // http or https, without userinfo and fragment
  Transport transport = Transport::automatic;

  // What the Authorizer adds to requests to the server, Authorization included. Each name once.
  std::vector<auth::CredentialField> credentials;
  bool allow_http = false;

  SignInMode sign_in = SignInMode::when_asked;
  bool oauth_eager = false;       // no request waits for a person
  bool proactive_refresh = true;  // also while nothing is asked
  TokenStore token_store = TokenStore::file;
  std::string token_helper = {};            // docker-credential-NAME, for TokenStore::helper
  std::string profile = {};                 // empty: none
  std::string config_home = {}, home = {};  // XDG_CONFIG_HOME, HOME
  auth::OAuthSettings oauth = {};

  // Names of tools, as glob patterns. Allowed: all, if empty, but for the ignored ones.
  std::vector<std::string> allow_tools;
  std::vector<std::string> ignore_tools;
  bool normalize_arguments = true;
  bool cancel_filter = true;

  std::chrono::milliseconds timeout_connect = std::chrono::seconds(10);
  std::chrono::milliseconds timeout_read = std::chrono::seconds(120);
  std::chrono::milliseconds timeout_request{0};
  std::chrono::milliseconds sse_read_timeout = std::chrono::seconds(300);
  std::chrono::milliseconds ping_interval{0};
  std::size_t max_message_bytes = limits::kMessageBytes;  // 1 to limits::kBufferedBytes

  http::ClientSettings http;

  bool check = false;  // probe the server and leave, instead of relaying
  bool json = false;   // the report (of the probe, or of status) is for a program

  bool forget = false;  // logout: the registration too

  log::Settings log;
};

}  // namespace mcpio::cli
