// SPDX-License-Identifier: MIT
// What SIGINT, SIGTERM and SIGHUP do while the relay itself does not look after them.
#pragma once

namespace mcpio::cli {

// Before it begins: a line on stderr, and exit code 130. There is nothing to put in order yet.
void leave_on_signals();

// Once it is ending: the process ends as the signal by default does, but first the flags of stdin
// and stdout, which the user's terminal may share, are put back as remember_flags() found them.
void remember_flags();
void restore_flags_on_signals();

}  // namespace mcpio::cli
