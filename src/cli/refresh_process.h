// SPDX-License-Identifier: MIT
// A refresh in a process of its own, so that it is finished and saved whatever becomes of this one.
//
// Refresh tokens are often good once. A program that is killed between the answer of the token
// endpoint and the store has spent one and kept none, and clients kill their servers at any moment.
// So the request is made by a process that nobody knows and that lives for no longer than it takes:
// this program once more, started with the same arguments and environment and one variable beside
// them (cli/refresh_command.h). It is given the lock of the credential, which so stays taken until
// both have ended, and answers by lines on a pipe (cli/refresh_report.h). What it logs comes
// through here, since a client may wait until nobody has its stderr open any more.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "auth/oauth_settings.h"
#include "auth/places.h"
#include "auth/refresher.h"
#include "cli/refresh_report.h"
#include "process/child.h"

namespace mcpio::cli {

class RefreshProcess final : public auth::Refresher {
 public:
  struct Limits {
    std::chrono::milliseconds start = std::chrono::seconds(10);
    std::chrono::milliseconds whole = std::chrono::seconds(100);  // more than it allows itself
  };
  // Makes the command that refreshes the access token of that digest.
  using CommandFor = std::function<Result<process::Command>(const std::string& digest)>;

  // All must outlive it. `here` makes the refresh where no process can be started, or where one
  // cannot read again what we were started with: a configuration on a pipe, say.
  RefreshProcess(auth::Refresher& here, auth::Places& places, const auth::OAuthSettings& settings,
                 CommandFor command_for, Limits limits);

  awaitable<Result<std::optional<store::Credential>>> refresh(
      auth::RefreshRequest request, const store::ProcessLock& lock) override;

 private:
  using Process = std::unique_ptr<process::Child>;

  Result<Process> start(asio::any_io_executor executor, const auth::RefreshRequest& request,
                        const store::ProcessLock& lock);
  awaitable<Result<RefreshReport>> attend(process::Child& child);
  awaitable<Result<RefreshReport>> heard(process::Child& child);
  Result<RefreshReport> look(const store::Credential& before, Error why);

  auth::Refresher& here_;
  auth::Places& places_;
  const auth::OAuthSettings& settings_;
  const CommandFor command_for_;
  const Limits limits_;
  bool is_of_use_ = true;  // so far it has begun each time
};

}  // namespace mcpio::cli
