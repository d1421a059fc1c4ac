#!/usr/bin/env node
// SPDX-License-Identifier: MIT
// A browser without a person: visits the address it is started with, and what that redirects to.
// It is nobody's child, so it gives up by itself where nobody answers.
const page = await fetch(process.argv.at(-1), { signal: AbortSignal.timeout(60_000) });
await page.text();
