// SPDX-License-Identifier: MIT
// Shows a page to the person at the machine.
#pragma once

#include <string>

#include "base/environment.h"
#include "base/result.h"
#include "codec/url.h"

namespace mcpio::auth {

struct Desktop {
  bool has_display = false;
  bool is_remote = false;  // somebody sits elsewhere, behind SSH

  // What the variables say: DISPLAY, WAYLAND_DISPLAY, BROWSER; SSH_CONNECTION, SSH_TTY.
  static Desktop from(const Environment& environment);
  bool can_show_a_browser() const { return has_display && !is_remote; }
};

// Starts the browser and does not wait for it. `program`: the one to use; empty: the first command
// of $BROWSER that is here, else the desktop's own (xdg-open). The URL is its last argument; no
// shell sees it.
//
// Only https URLs, and http ones of this machine, are opened: a server that names another scheme
// would have the desktop start whatever is registered for it (CVE-2025-6514). Fails with rejected,
// or with config if there is no browser to start.
Result<void> open_browser(const codec::Url& url, const std::string& program);

}  // namespace mcpio::auth
