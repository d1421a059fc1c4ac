// SPDX-License-Identifier: MIT
// A login whose browser is on another machine: its last address is pasted into the terminal. And redirect URIs
// that the user chooses.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";

import { startAuthorizationServer, startProtectedPeer, visitor } from "./support/authorization_server.mjs";
import { run, start } from "./support/gateway.mjs";
import { freePort } from "./support/programs.mjs";
import { temporaryDirectory } from "./support/temporary.mjs";
import { inTerminal } from "./support/terminal.mjs";

async function world(t) {
  const authority = await startAuthorizationServer(t);
  const peer = await startProtectedPeer(t, authority);
  const home = temporaryDirectory(t);
  const file = join(home, ".config/mcp-stdio/tokens.json");
  return {
    authority, peer, home,
    entry: () => (existsSync(file) ? JSON.parse(readFileSync(file, "utf8"))[peer.url] : undefined),
    terminal: (...args) => inTerminal(t, ["login", peer.url, "--no-browser", ...args], { home }),
  };
}

// Opens the address that the terminal shows in a browser elsewhere, which cannot show where it ends.
async function lastAddress(terminal) {
  const [, address] = await terminal.shows(/^ {4}(http\S+)\r$/m);
  const answer = await fetch(address, { redirect: "manual" });
  return answer.headers.get("location");
}

describe("the last address", { concurrency: 4 }, () => {
  for (const [what, cut] of [["whole", (address) => address], ["or its query", (address) => new URL(address).search]]) {
    test(`can be pasted, ${what}`, async (t) => {
      const w = await world(t);
      const terminal = w.terminal();
      await terminal.shows(/paste it here/);
      terminal.type(`${cut(await lastAddress(terminal))}\n`);
      await terminal.shows(/Signed in to /);
      assert.equal(await terminal.end(), 0);
      assert.ok(w.authority.accepts(w.entry().access_token));
    });
  }

  test("is needed: a bare code is refused, and the login goes on", async (t) => {
    const w = await world(t);
    const terminal = w.terminal();
    const address = await lastAddress(terminal);
    terminal.type(`${new URL(address).searchParams.get("code")}\n`);
    await terminal.shows(/paste the whole address/);
    assert.equal(w.authority.count("/token"), 0);
    terminal.type(`${address}\n`);
    assert.equal(await terminal.end(), 0);
  });

  test("of another login is refused, and the login goes on", async (t) => {
    const w = await world(t);
    const terminal = w.terminal();
    const address = new URL(await lastAddress(terminal));
    const other = new URL(address);
    other.searchParams.set("state", "somebody-else");
    terminal.type(`${other}\n`);
    await terminal.shows(/another login/);
    assert.equal(w.authority.count("/token"), 0);
    terminal.type(`${address}\n`);
    assert.equal(await terminal.end(), 0);
  });

  test("that names another issuer ends the login (RFC 9207)", async (t) => {
    const w = await world(t);
    const terminal = w.terminal();
    const address = new URL(await lastAddress(terminal));
    address.searchParams.set("iss", "https://evil.example");
    terminal.type(`${address}\n`);
    await terminal.shows(/error: .*does not come from/);
    assert.equal(await terminal.end(), 1);
    assert.equal(w.authority.count("/token"), 0);
    assert.equal(w.entry(), undefined);
  });

  test("need not be pasted where the browser reaches the terminal's machine", async (t) => {
    const w = await world(t);
    const terminal = w.terminal();
    await fetch(await lastAddress(terminal));
    assert.equal(await terminal.end(), 0);
  });

  test("is not asked for where there is no terminal", async (t) => {
    const w = await world(t);
    const { code, stderr } = await run(t, ["login", w.peer.url, "--browser", visitor], { home: w.home });
    assert.equal(code, 0);
    assert.doesNotMatch(stderr, /paste/);
  });
});

describe("--redirect-uri", { concurrency: 4 }, () => {
  test("is sent as it is and listened on, if it is on this machine", async (t) => {
    const w = await world(t);
    const uri = `http://localhost:${await freePort()}/a%2fb?keep=me`;
    const { code, stderr } = await run(t, ["login", w.peer.url, "--browser", visitor, "--redirect-uri", uri], { home: w.home });
    assert.equal(code, 0, stderr);
    assert.deepEqual(JSON.parse(w.authority.all("/register")[0].body).redirect_uris, [uri]);
    assert.equal(w.authority.all("/authorize")[0].query.redirect_uri, uri);
    assert.equal(w.authority.all("/token")[0].form.redirect_uri, uri);
  });

  test("is pasted if it is not", async (t) => {
    const w = await world(t);
    const terminal = w.terminal("--redirect-uri", "https://tools.example/back");
    const address = await lastAddress(terminal);
    assert.ok(address.startsWith("https://tools.example/back?"));
    terminal.type(`${address}\n`);
    await terminal.shows(/Signed in to /);
    assert.equal(await terminal.end(), 0);
  });

  test("of another machine names the command to run where nobody can paste", async (t) => {
    const w = await world(t);
    const gateway = start(t, [w.peer.url, "--redirect-uri", "https://tools.example/back"], { home: w.home });
    const { error } = await gateway.handshake();
    assert.ok(error.message.includes(`mcp-stdio login ${w.peer.url}`), error.message);
    assert.equal(w.authority.count("/register"), 0);
  });

  test("says it all: no other part of the address beside it", async (t) => {
    const { code, stderr } = await run(t, ["login", "https://a.example/mcp", "--redirect-uri", "x:/y", "--callback-port", "1"]);
    assert.equal(code, 1);
    assert.match(stderr, /--redirect-uri and --callback-port exclude each other/);
  });
});
