#!/usr/bin/env node
// SPDX-License-Identifier: MIT
// Plays the browser of a login: follows the authorization server's redirects to wherever they lead.
await fetch(process.argv.at(-1));
