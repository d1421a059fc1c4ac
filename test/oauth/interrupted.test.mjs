// SPDX-License-Identifier: MIT
// A login that is cut off at any of its requests, and one in which any of them goes wrong. Whatever happens, the
// program says what, never hangs, and the next start can sign in.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { describe, test } from "node:test";

import { visitor } from "../program/support/authorization_server.mjs";
import { openHome } from "../program/support/home.mjs";

const kArguments = ["--browser", visitor, "--log-level", "debug"];
const kFiles = ["locks", "state.json", "state.json.lock", "tokens.json", "tokens.json.lock"];

// Every request of a login, at either server, passes by `look(request, response, n)`; if that returns true, it has been
// dealt with.
async function begin(t, look = () => false) {
  const w = await openHome(t);
  const requests = [];
  for (const { server } of [w.peer, w.authority]) {
    const [handler] = server.listeners("request");
    server.removeAllListeners("request");
    server.on("request", (request, response) => {
      requests.push(`${request.method} ${request.url.split("?")[0]}`);
      if (!look(request, response, requests.length)) handler(request, response);
    });
  }
  return { ...w, requests };
}

// Without the notification that follows, so that nothing is asked beside the login.
const initialized = (gateway) => gateway.request("initialize", { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "t", version: "1" } }, { id: "initialize" });

// What the requests of a login are, up to the answer of the first request with a token.
async function requestsOfALogin(t) {
  const w = await begin(t);
  const gateway = w.start(kArguments);
  assert.ok((await initialized(gateway)).result, gateway.picture());
  return [...w.requests];
}

function isWhole({ folder, entry, entries, peer, authority }) {
  assert.deepEqual(Object.keys(entries()), [peer.url]);
  assert.ok(authority.accepts(entry().access_token));
  assert.deepEqual(readdirSync(folder).filter((name) => !kFiles.includes(name)), []);
}

async function succeeds(gateway) {
  assert.ok((await gateway.handshake()).result, gateway.picture());
  assert.doesNotMatch(gateway.stderr, /another process is signing in/); // a lock that was left behind
  gateway.end();
  assert.equal((await gateway.exit()).code, 0);
}

test("a login that is killed at any of its requests leaves a store that works", async (t) => {
  const steps = (await requestsOfALogin(t)).length;
  assert.ok(steps >= 7, `only ${steps} requests`);
  const cases = Array.from({ length: steps }, (_, n) => [[n + 1, "asked"], [n + 1, "answered"]]).flat();
  await Promise.all(cases.map(([nth, when]) => t.test(`request ${nth}, ${when}`, async (t) => {
    let victim;
    const kill = () => victim.signal("SIGKILL");
    const w = await begin(t, (request, response, n) => {
      if (n === nth && when === "asked") kill();
      if (n === nth && when === "answered") response.on("finish", kill);
    });
    victim = w.start(kArguments);
    victim.send({ jsonrpc: "2.0", id: "initialize", method: "initialize", params: {} });
    await victim.exit();
    await succeeds(w.start(kArguments));
    isWhole(w);
    const authorized = w.authority.count("/authorize");
    await succeeds(w.start(kArguments));
    assert.equal(w.authority.count("/authorize"), authorized);
  })));
});

describe("a login in which a request", { concurrency: 4 }, async () => {
  const faults = {
    "is cut off": (request) => request.socket.resetAndDestroy(),
    "fails at the server": (request, response) => response.writeHead(500, { "content-type": "text/plain" }).end("broken"),
    "gets an answer that means nothing": (request, response) =>
      response.writeHead(200, { "content-type": "application/json" }).end('{"]nonsense'),
    "gets no answer": () => {},
  };
  for (const [what, fault] of Object.entries(faults)) {
    test(`${what}: says so, or goes on, and the next try works`, async (t) => {
      const steps = await requestsOfALogin(t);
      await Promise.all(steps.map((step, at) => t.test(`request ${at + 1}, ${step}`, async (t) => {
        let isGood = false;
        const w = await begin(t, (request, response, n) => {
          if (isGood || n !== at + 1) return false;
          fault(request, response);
          return true;
        });
        const gateway = w.start([...kArguments, "--oauth-timeout", "4", "--timeout-read", "4"]);
        const { result, error } = await initialized(gateway);
        const isNamed = (text) => text.includes(w.peer.origin) || text.includes(w.authority.issuer) || /nobody signed in within/.test(text);
        if (!result && !step.startsWith("POST /mcp")) assert.ok(isNamed(error.message), error.message);
        gateway.end();
        assert.equal((await gateway.exit()).code, 0);
        isGood = true;
        await succeeds(w.start([...kArguments, "--oauth"]));
        isWhole(w);
      })));
    });
  }
});
