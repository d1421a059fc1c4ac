// SPDX-License-Identifier: MIT
// A refresh is made by a process of its own, so that it is finished whatever becomes of the program: a refresh token is
// good once, and clients kill their servers at any moment.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { copyFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";

import { visitor } from "./support/authorization_server.mjs";
import { within } from "./support/deadline.mjs";
import { binary, run } from "./support/gateway.mjs";
import { childrenOf, openHome, until } from "./support/home.mjs";

const kHere = /refreshing without a process of its own/;
const kDebug = ["--log-level", "debug", "--no-browser"];

// The token endpoint has spent the old refresh token, and its answer is on its way.
async function inTheMiddle(t, args = [], options = {}) {
  const w = await openHome(t);
  const before = w.expired();
  const hold = w.authority.hold("/token");
  const gateway = w.start([...kDebug, ...args], options);
  gateway.send({ jsonrpc: "2.0", id: "initialize", method: "initialize", params: {} });
  await hold.made;
  return { ...w, before, hold, gateway };
}

const isSaved = ({ entry, before }) => until(() => entry().refresh_token !== before.refresh_token, "the new refresh token in the store");

async function needsNoLogin({ authority, start }) {
  const next = start(kDebug);
  assert.ok((await next.handshake()).result, next.picture());
  assert.equal(authority.count("/token"), 1);
  assert.equal(authority.count("/authorize"), 0);
}

describe("a refresh", { concurrency: 4 }, () => {
  test("survives the end of the program and of all its process group by SIGKILL", async (t) => {
    const w = await inTheMiddle(t, [], { command: ["setsid", binary] });
    process.kill(-w.gateway.child.pid, "SIGKILL");
    assert.deepEqual(await w.gateway.exit(), { code: null, signal: "SIGKILL" });
    assert.deepEqual(w.entry(), w.before);
    w.hold.release();
    await isSaved(w);
    await needsNoLogin(w);
  });

  test("survives a client that leaves", async (t) => {
    const w = await inTheMiddle(t);
    w.gateway.signal("SIGTERM");
    assert.equal((await w.gateway.exit()).code, 0);
    w.hold.release();
    await isSaved(w);
    await needsNoLogin(w);
  });

  test("keeps others waiting after its program has been killed", async (t) => {
    const w = await inTheMiddle(t);
    w.gateway.signal("SIGKILL");
    await w.gateway.exit();
    const next = w.start(kDebug);
    const hello = next.handshake();
    await next.logged(/another process is signing in or refreshing/);
    w.hold.release();
    assert.ok((await hello).result, next.picture());
    assert.equal(w.authority.count("/token"), 1);
  });

  test("shows no secret in arguments and environment", async (t) => {
    const w = await inTheMiddle(t);
    const [child, ...others] = childrenOf(w.gateway.child.pid);
    assert.deepEqual(others, []);
    assert.deepEqual(child.args.slice(1), [w.peer.url, ...kDebug, ""]);
    const digest = createHash("sha256").update(w.before.access_token).digest("base64url");
    const [variable, ...more] = child.environment.filter((one) => one.startsWith("MCP_STDIO"));
    assert.equal(variable, `MCP_STDIO_REFRESH_ONLY=${digest}`);
    assert.deepEqual(more, []);
    w.hold.release();
    assert.ok((await w.gateway.answer("initialize")).result, w.gateway.picture());
    assert.doesNotMatch(w.gateway.stderr, kHere);
  });

  test("is made although the program has been removed", async (t) => {
    const w = await openHome(t);
    w.expired();
    const copy = join(w.home, "program");
    copyFileSync(binary, copy);
    const gateway = w.start(kDebug, { command: [copy] });
    await gateway.logged(/relaying to/);
    rmSync(copy);
    assert.ok((await gateway.handshake()).result, gateway.picture());
    assert.doesNotMatch(gateway.stderr, kHere);
    assert.equal(w.authority.count("/token"), 1);
  });

  test("tells in the answer why it did not work", async (t) => {
    const w = await openHome(t);
    w.expired();
    w.authority.on("/token", () => [503, { error: "temporarily_unavailable" }]);
    const gateway = w.start(kDebug);
    assert.match((await gateway.handshake()).error.message, /token endpoint .* answered 503 temporarily_unavailable/);
    assert.doesNotMatch(gateway.stderr, kHere);
  });
});

test("--oauth-refresh-leeway is how long before its end a token is refreshed", async (t) => {
  const w = await openHome(t);
  const entry = { ...w.expired(), expires_at: Date.now() / 1000 + 300 };
  writeFileSync(join(w.folder, "tokens.json"), JSON.stringify({ [w.peer.url]: entry }), { mode: 0o600 });
  const token = async (...args) => (await run(t, ["token", w.peer.url, ...args], { home: w.home })).stdout.trim();
  assert.equal(await token(), entry.access_token);
  assert.equal(w.authority.count("/token"), 0);
  assert.ok(w.authority.accepts(await token("--oauth-refresh-leeway", "600")));
  assert.equal(w.authority.refreshes().length, 1);
});

describe("the program refreshes itself", { concurrency: 4 }, () => {
  test("where its settings can be read once only", async (t) => {
    const w = await openHome(t);
    w.expired();
    const script = `exec "${binary}" "$@" --config <(echo '{"log-level": "debug"}')`;
    const gateway = w.start(["--no-browser"], { command: ["bash", "-c", script, "bash"] });
    assert.ok((await gateway.handshake()).result, gateway.picture());
    assert.match(gateway.stderr, kHere);
    assert.equal(w.authority.count("/token"), 1);
  });

  test("where nobody else has its tokens", async (t) => {
    const w = await openHome(t);
    const gateway = w.start(["--token-store", "memory", "--browser", visitor]);
    assert.ok((await gateway.handshake()).result);
    const [{ headers }] = w.peer.all("initialize").slice(-1);
    w.authority.expire(headers.authorization.split(" ")[1]);
    const hold = w.authority.hold("/token");
    const ping = gateway.request("ping");
    await hold.made;
    assert.deepEqual(childrenOf(gateway.child.pid), []);
    hold.release();
    assert.ok((await ping).result);
    assert.equal(w.authority.refreshes().length, 1);
  });
});

// Somebody has signed in, and asks for nothing. The token's end is near at once: its life is short. `then` answers the
// token endpoint after the login; `refreshed()` waits until it is asked.
async function idle(t, args = [], { lifetime = 6, then = [() => undefined] } = {}) {
  const w = await openHome(t);
  w.authority.lifetime = lifetime;
  const [first, ...others] = then;
  const refreshed = new Promise((done) => w.authority.on("/token", () => undefined, (request) => (done(), first(request)), ...others));
  const gateway = w.start(["--log-level", "debug", "--browser", visitor, ...args]);
  assert.ok((await gateway.handshake()).result, gateway.picture());
  const token = w.entry().access_token;
  return { ...w, gateway, token, refreshed: () => within(refreshed, "a refresh that no request wants") };
}

// The next request has it, so that the process that got it is done with the store.
async function hasAnother({ refreshed, entry, token, authority, gateway }) {
  await refreshed();
  await until(() => entry().access_token !== token, "the second token in the store");
  authority.expire(token);
  assert.ok((await gateway.request("ping")).result, gateway.picture());
}

describe("while nothing is asked, a token that is about to expire", { concurrency: 4 }, () => {
  test("is refreshed", async (t) => {
    const w = await idle(t);
    await hasAnother(w);
    assert.equal(w.authority.refreshes().length, 1);
    assert.equal(w.authority.count("/authorize"), 1);
  });

  test("is used on when it cannot be, and nobody is asked to sign in", async (t) => {
    const w = await idle(t, [], { then: [() => [400, { error: "invalid_grant" }], () => undefined] });
    await w.refreshed();
    await w.gateway.logged(/the token is about to expire: it cannot be refreshed/);
    assert.ok((await w.gateway.request("ping")).result, w.gateway.picture());
    assert.equal(w.peer.all("ping").at(-1).headers.authorization, `Bearer ${w.token}`);
    assert.equal(w.gateway.stderr.match(/To sign in/g).length, 1); // at the start
    assert.equal(w.authority.count("/authorize"), 1);
    // A request that is refused is another matter.
    w.authority.expire(w.token);
    assert.ok((await w.gateway.request("ping")).result, w.gateway.picture());
    assert.equal(w.gateway.stderr.match(/To sign in/g).length, 2);
  });

  test("is left alone with --no-proactive-refresh", async (t) => {
    const left = await idle(t, ["--no-proactive-refresh"], { lifetime: 3 });
    const kept = await idle(t); // which is due later than the other would be
    await hasAnother(kept);
    assert.equal(left.authority.count("/token"), 1);
    assert.ok(left.entry().expires_at * 1000 < Date.now() + 1000, "the token is not about to expire");
  });
});
