#!/usr/bin/env node
// SPDX-License-Identifier: MIT
// A browser without a person: visits the address it is started with, and what that redirects to.
const page = await fetch(process.argv.at(-1));
await page.text();
