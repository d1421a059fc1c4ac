// SPDX-License-Identifier: MIT
// Several processes of one person that want the same token at the same time: applications start all their servers at
// once, and every window starts its own.
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { visitor } from "./support/authorization_server.mjs";
import { openHome } from "./support/home.mjs";

const kProcesses = 10;
const kWaits = /another process is signing in or refreshing/;

async function world(t) {
  const home = await openHome(t);
  return { ...home, startAll: (...args) => Array.from({ length: kProcesses }, () => home.start(args)) };
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
