// SPDX-License-Identifier: MIT
// What `npm ci` in this folder installs.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../node_modules/", import.meta.url));
export const everything = `${root}@modelcontextprotocol/server-everything/dist/index.js`;

if (!existsSync(everything)) {
  throw new Error("the packages these tests need are missing: run 'npm ci' in test/program");
}
