// SPDX-License-Identifier: MIT
// Several processes of one person that want the same token at the same time: applications start all their servers at
// once, and every window starts its own.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";

import { startAuthorizationServer, startProtectedPeer, visitor } from "./support/authorization_server.mjs";
import { start } from "./support/gateway.mjs";
import { temporaryDirectory } from "./support/temporary.mjs";

const kProcesses = 10;
const kWaits = /another process is signing in or refreshing/;

async function world(t) {
  const authority = await startAuthorizationServer(t);
  const peer = await startProtectedPeer(t, authority);
  const home = temporaryDirectory(t);
  const folder = join(home, ".config/mcp-stdio");
  const file = join(folder, "tokens.json");
  return {
    authority, peer,
    entry: () => JSON.parse(readFileSync(file, "utf8"))[peer.url],
    // What is there on a Monday morning.
    expired: () => {
      const { access_token, refresh_token } = authority.issue();
      authority.expire(access_token);
      const entry = {
        access_token, refresh_token, token_type: "Bearer", expires_at: 1, client_id: "the-client", issuer: authority.issuer,
        token_endpoint: `${authority.issuer}/token`, token_endpoint_auth_method: "none",
      };
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      writeFileSync(file, JSON.stringify({ [peer.url]: entry }), { mode: 0o600 });
    },
    startAll: (...args) => Array.from({ length: kProcesses }, () => start(t, [peer.url, ...args], { home })),
  };
}

// Holds the first answer at that path back until all processes but the one that asked have said that they wait.
function holdUntilAllWait(authority, path, relays) {
  const allWait = () =>
    new Promise((done) => {
      const look = () => relays.filter(({ stderr }) => kWaits.test(stderr)).length === kProcesses - 1 && done();
      for (const { child } of relays) child.stderr.on("data", look);
      look();
    });
  authority.on(path, async () => void (await allWait()), () => undefined);
}

async function allServed(relays) {
  for (const answer of await Promise.all(relays.map((relay) => relay.handshake()))) assert.ok(answer.result, JSON.stringify(answer));
}

describe("ten processes at once", { concurrency: 2 }, () => {
  test("on one expired credential make one refresh", async (t) => {
    const w = await world(t);
    w.expired();
    const relays = w.startAll("--no-browser");
    holdUntilAllWait(w.authority, "/token", relays);
    await allServed(relays);
    // Each refresh token is good once, so a second refresh would have been refused.
    assert.equal(w.authority.count("/token"), 1);
    assert.ok(w.authority.accepts(w.entry().access_token));
  });

  test("without a credential make one login", async (t) => {
    const w = await world(t);
    const relays = w.startAll("--browser", visitor);
    holdUntilAllWait(w.authority, "/authorize", relays);
    await allServed(relays);
    assert.equal(w.authority.count("/register"), 1);
    assert.equal(w.authority.count("/token"), 1);
  });
});
