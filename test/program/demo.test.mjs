// SPDX-License-Identifier: MIT
// The demo: a whole conversation, a login included, that needs neither a server nor a person nor a
// display, and leaves nothing behind.
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";

import { within } from "./support/deadline.mjs";
import { binary, run, start } from "./support/gateway.mjs";
import { temporaryDirectory } from "./support/temporary.mjs";

const kSignIn = [
  "→ initialize",
  "·· 401: sign in first",
  "·· metadata: who signs people in",
  "·· metadata: wants client_secret_basic",
  "·· a new client registers itself",
  "·· the browser goes back with a code",
  "·· a token, for code and PKCE verifier",
  "← signed in, client_secret_basic",
  "← demo-server, revision 2025-11-25",
];
const kRenewal = ["→ ping, with a token that expired", "·· 401: the token has expired", "·· a new one, for the refresh token", "← {}"];

// The lines of the conversation, without their times.
const said = (stdout) => stdout.split("\n").map((line) => line.replace(/^ *[\d.]+ m?s +/, "").replace(/ +[\d.]+ m?s ✓$/, ""));

function place(t) {
  const home = temporaryDirectory(t);
  const temporary = join(home, "tmp");
  mkdirSync(temporary);
  return { home, temporary, env: { TMPDIR: temporary, LANG: "C.UTF-8" } };
}

describe("demo", { concurrency: 4 }, () => {
  test("plays a conversation in which every answer is as expected, and says what to type next", async (t) => {
    const { env } = place(t);
    const { code, stdout } = await run(t, ["demo"], { env });
    assert.equal(code, 0, stdout);
    assert.match(stdout, /\d+ steps, all as expected/);
    assert.ok(stdout.includes(`${binary} --check https://YOUR-SERVER/mcp`), stdout.slice(-400));
  });

  const settings = {
    "without a display": {},
    "behind SSH": { SSH_CONNECTION: "192.0.2.1 1 192.0.2.2 22" },
    "on a desktop whose browser is broken": { DISPLAY: ":0", BROWSER: "/bin/false" },
    "with another configuration in the environment": {
      MCP_STDIO_NO_OAUTH: "1", MCP_STDIO_GRANT: "device-code", MCP_OAUTH_CLIENT_ID: "somebody", MCP_BEARER_TOKEN: "a-token",
      HTTP_PROXY: "http://127.0.0.1:1", http_proxy: "http://127.0.0.1:1",
    },
  };
  for (const [where, variables] of Object.entries(settings)) {
    test(`signs in and renews its token by itself, ${where}`, async (t) => {
      const { env } = place(t);
      const { code, stdout } = await run(t, ["demo"], { env: { ...env, ...variables } });
      assert.equal(code, 0, stdout);
      const lines = said(stdout);
      const begin = lines.indexOf(kSignIn[0]);
      assert.deepEqual(lines.slice(begin, begin + kSignIn.length), kSignIn);
      const again = lines.indexOf(kRenewal[0]);
      assert.deepEqual(lines.slice(again, again + kRenewal.length), kRenewal);
    });
  }

  test("reads and writes nothing of the user's, and leaves nothing behind", async (t) => {
    const { env, home, temporary } = place(t);
    const folder = join(home, ".config/mcp-stdio");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "tokens.json"), "this is no store");
    const { code, stdout } = await run(t, ["demo"], { env: { ...env, XDG_CONFIG_HOME: join(home, ".config") }, home });
    assert.equal(code, 0, stdout);
    assert.deepEqual(readdirSync(home).sort(), [".config", "tmp"]);
    assert.deepEqual(readdirSync(folder).sort(), ["tokens.json"]);
    assert.deepEqual(readdirSync(temporary), []);
  });

  for (const signal of ["SIGINT", "SIGTERM"]) {
    test(`that is ended by ${signal} leaves nothing behind either`, async (t) => {
      const { env, temporary } = place(t);
      const demo = start(t, ["demo"], { env });
      demo.child.stdout.removeAllListeners("data");
      let shown = "";
      const isUnderWay = new Promise((done) => {
        demo.child.stdout.on("data", (text) => {
          shown += text;
          if (shown.includes("tools/list")) done();
        });
      });
      await within(isUnderWay, "the middle of the conversation", { picture: () => shown });
      assert.equal(readdirSync(temporary).length, 1);
      demo.child.kill(signal);
      assert.deepEqual(await demo.exit(), { code: 130, signal: null });
      assert.match(shown, /interrupted/);
      assert.deepEqual(readdirSync(temporary), []);
    });
  }

  test("fails, and says where, if it can make no folder", async (t) => {
    const { env } = place(t);
    const { code, stdout } = await run(t, ["demo"], { env: { ...env, TMPDIR: "/no/such/folder" } });
    assert.equal(code, 1);
    assert.match(stdout, /temporary folder.*TMPDIR/);
  });
});
