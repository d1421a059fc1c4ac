// SPDX-License-Identifier: MIT
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterwards } from "./cleanup.mjs";

// A directory that lives as long as the test.
export function temporaryDirectory(t) {
  const path = mkdtempSync(join(tmpdir(), "mcp-stdio-test-"));
  afterwards(t, () => rmSync(path, { recursive: true, force: true }));
  return path;
}
