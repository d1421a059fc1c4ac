// SPDX-License-Identifier: MIT
// Runs scenarios of the conformance suite as tests. Every check must succeed: a warning, a skipped
// check or a timeout is a failure, and there is no list of known ones.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const suite = fileURLToPath(
  new URL("node_modules/@modelcontextprotocol/conformance/dist/index.js", import.meta.url),
);
const client = fileURLToPath(new URL("client.mjs", import.meta.url));
const kGood = new Set(["SUCCESS", "INFO"]);
const kPatience = "60000"; // for a machine that is busy

function run(args, directory) {
  return new Promise((done) => {
    const child = spawn(process.execPath, [suite, ...args], { cwd: directory });
    let output = "";
    child.stdout.on("data", (text) => (output += text));
    child.stderr.on("data", (text) => (output += text));
    child.on("close", (code) => done({ code, output }));
  });
}

function checksIn(directory) {
  const file = readdirSync(directory, { recursive: true }).find((name) => name.endsWith("checks.json"));
  return JSON.parse(readFileSync(join(directory, file), "utf8"));
}

export function scenarios(version, names, { force = false } = {}) {
  for (const name of names) {
    test(`${name} (${version})`, async (t) => {
      const directory = mkdtempSync(join(tmpdir(), "conformance-results-"));
      t.after(() => rmSync(directory, { recursive: true, force: true }));
      const command = `${process.execPath} ${client}`;
      const args = ["client", "--command", command, "--scenario", name, "--timeout", kPatience];
      args.push("--output-dir", directory, "--spec-version", version);
      if (force) args.push("--force");
      const { code, output } = await run(args, directory);
      assert.equal(code, 0, output);
      const checks = checksIn(directory);
      assert.ok(checks.some(({ status }) => status === "SUCCESS"), output);
      const bad = checks.filter(({ status }) => !kGood.has(status));
      assert.deepEqual(bad, [], output);
    });
  }
}
