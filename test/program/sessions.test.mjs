// SPDX-License-Identifier: MIT
// Sessions (MCP 2025-11-25, transports, Session Management): kept, lost, and recovered so that the
// client notices nothing but a change of lists.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { describe, test } from "node:test";

import { connect } from "./support/gateway.mjs";
import { startPeer } from "./support/peer.mjs";

const kHello = {
  capabilities: { roots: { listChanged: true }, sampling: {}, experimental: { "acme/x": { n: 1 } } },
  clientInfo: { name: "desktop", version: "9.1", title: "A Desktop" },
};

async function started(t, args = [], options = {}) {
  const peer = await startPeer(t, options.peer);
  peer.answers("tools/call", { ok: true });
  const gateway = await connect(t, peer, args, { ...kHello, ...options });
  await (await peer.received("GET")).gone; // so that it is not the one that notices the loss
  return { peer, gateway };
}

// The JSON-RPC methods the server saw, from a request on.
function kindsSince(peer, at) {
  return peer.requests.slice(at).map((x) => x.kind).filter((kind) => kind !== "GET");
}

describe("a session", { concurrency: 4 }, () => {
  test("is not named in initialize, and named in everything behind it (item 101)", async (t) => {
    const { peer, gateway } = await started(t);
    await gateway.request("tools/call", {});
    assert.equal(peer.all("initialize")[0].session, undefined);
    for (const x of peer.requests.slice(1)) assert.equal(x.session, "session-1", x.kind);
  });

  test("is not needed", async (t) => {
    const { peer, gateway } = await started(t, ["--transport", "streamable-http"], { peer: { sessions: false } });
    assert.ok((await gateway.request("tools/call", {})).result);
    assert.equal(peer.all("tools/call")[0].session, undefined);
  });

  test("that a later answer renames is named so from then on (item 130)", async (t) => {
    const { peer, gateway } = await started(t);
    peer.on("tools/call", (x) => x.result({}, { headers: peer.newSession() }));
    await gateway.request("tools/call", {});
    await gateway.request("tools/call", {});
    assert.equal(peer.all("tools/call")[1].session, "session-2");
  });

  test("named in a final error is not adopted (item 131)", async (t) => {
    const { peer, gateway } = await started(t);
    peer.on("tools/call", (x) => x.send(500, "", { "mcp-session-id": "evil" }), (x) => x.result({}));
    await gateway.request("tools/call", {});
    await gateway.request("tools/call", {});
    assert.equal(peer.all("tools/call")[1].session, "session-1");
  });

  test("pinned with -H makes no second header line (items 109, 139)", async (t) => {
    const { peer, gateway } = await started(t, ["-H", "MCP-SESSION-ID: pinned"]);
    await gateway.request("tools/call", {});
    const [call] = peer.all("tools/call");
    assert.equal(call.lines("mcp-session-id"), 1);
    assert.equal(call.session, "session-1");
  });
});

describe("a lost session (404)", { concurrency: 4 }, () => {
  test("is recovered: initialize, initialized, and the call again (items 102, 106)", async (t) => {
    const { peer, gateway } = await started(t);
    peer.forgetSessions();
    const at = peer.requests.length;
    assert.deepEqual((await gateway.request("tools/call", { n: 1 })).result, { ok: true });
    const kinds = kindsSince(peer, at);
    assert.equal(kinds[0], "tools/call");
    assert.ok(kinds.indexOf("initialize") < kinds.indexOf("notifications/initialized"));
    assert.ok(kinds.indexOf("notifications/initialized") < kinds.lastIndexOf("tools/call"));
    assert.equal(peer.all("tools/call")[1].session, "session-2");
    assert.deepEqual(peer.all("tools/call")[1].params, { n: 1 });
  });

  test("is opened anew with the client's own words (H.2 9)", async (t) => {
    const { peer, gateway } = await started(t);
    peer.forgetSessions();
    await gateway.request("tools/call", {});
    const [first, second] = peer.all("initialize");
    assert.deepEqual(second.params, first.params);
    assert.deepEqual(second.params.capabilities, kHello.capabilities);
    assert.deepEqual(second.params.clientInfo, kHello.clientInfo);
    assert.equal(second.session, undefined);
  });

  test("is opened anew without what -H pins (item 109)", async (t) => {
    const { peer, gateway } = await started(t, ["-H", "Mcp-Session-Id: pinned", "-H", "MCP-Protocol-Version: 2025-03-26"]);
    peer.forgetSessions();
    await gateway.request("tools/call", {});
    const [first, second] = peer.all("initialize");
    assert.equal(first.session, "pinned");
    assert.equal(second.session, undefined);
    assert.equal(second.version, undefined);
  });

  test("gets the log level and the resource subscriptions back", async (t) => {
    const { peer, gateway } = await started(t);
    for (const method of ["logging/setLevel", "resources/subscribe", "resources/unsubscribe"]) peer.answers(method, {});
    await gateway.request("logging/setLevel", { level: "debug" });
    await gateway.request("logging/setLevel", { level: "error" });
    for (const uri of ["a:1", "a:2", "a:3"]) await gateway.request("resources/subscribe", { uri });
    await gateway.request("resources/unsubscribe", { uri: "a:2" });
    const before = gateway.messages.length;
    peer.forgetSessions();
    const at = peer.requests.length;
    const answer = await gateway.request("tools/call", {});
    assert.ok(answer.result);
    const since = (kind) => peer.requests.slice(at).filter((x) => x.kind === kind).map((x) => x.params);
    assert.deepEqual(since("logging/setLevel"), [{ level: "error" }]);
    assert.deepEqual(since("resources/subscribe").map((p) => p.uri).sort(), ["a:1", "a:3"]);
    await gateway.barrier();
    const fresh = gateway.messages.slice(before).filter((m) => !m.method);
    assert.equal(fresh.length, 2, "the client sees no answer to what was replayed");
  });

  test("does not replay what the server refused", async (t) => {
    const { peer, gateway } = await started(t);
    peer.on("resources/subscribe", (x) => x.error(-32002, "no such resource"));
    await gateway.request("resources/subscribe", { uri: "a:1" });
    peer.forgetSessions();
    await gateway.request("tools/call", {});
    assert.equal(peer.count("resources/subscribe"), 1);
  });

  test("is announced to the client as changed lists", async (t) => {
    const { peer, gateway } = await started(t);
    peer.forgetSessions();
    await gateway.request("tools/call", {});
    for (const what of ["tools", "prompts", "resources"]) await gateway.notification(`notifications/${what}/list_changed`);
  });

  test("is not announced for lists the server does not have", async (t) => {
    const { peer, gateway } = await started(t, [], { peer: { capabilities: { tools: {} } } });
    peer.forgetSessions();
    await gateway.request("tools/call", {});
    await gateway.barrier();
    assert.ok(!gateway.messages.some((m) => /prompts|resources/.test(m.method ?? "")));
  });

  test("withdraws the server's open questions", async (t) => {
    const { peer, gateway } = await started(t);
    peer.on("tools/call", (x) => x.stream().ask("q-1", "roots/list"), (x) => x.result({ ok: true }));
    gateway.send({ jsonrpc: "2.0", id: "slow", method: "tools/call", params: {} });
    const question = await gateway.question("roots/list");
    peer.forgetSessions();
    await gateway.request("tools/call", {});
    const notice = await gateway.notification("notifications/cancelled");
    assert.equal(notice.params.requestId, question.id);
  });

  test("noticed by twenty requests at once is recovered once", async (t) => {
    const { peer, gateway } = await started(t);
    peer.forgetSessions();
    const all = [...Array(20).keys()].map((n) => gateway.request("tools/call", { n }));
    for (const answer of await Promise.all(all)) assert.deepEqual(answer.result, { ok: true });
    assert.equal(peer.count("initialize"), 2);
    assert.equal(peer.count("notifications/initialized"), 2);
  });

  test("noticed late by a slow request does not cost the new session", async (t) => {
    const { peer, gateway } = await started(t);
    peer.on("tools/call", (x) => { if (!x.params.slow) x.result({ ok: true }); });
    gateway.send({ jsonrpc: "2.0", id: "slow", method: "tools/call", params: { slow: true } });
    const slow = await peer.received("tools/call");
    peer.forgetSessions();
    await gateway.request("tools/call", {});
    peer.answers("tools/call", { ok: true });
    slow.send(404);
    assert.ok((await gateway.answer("slow")).result);
    assert.equal(peer.count("initialize"), 2);
  });

  test("noticed by a notification is recovered, and the notification sent again", async (t) => {
    const kind = "notifications/roots/list_changed";
    const { peer, gateway } = await started(t);
    peer.forgetSessions();
    gateway.notify(kind);
    await peer.received(kind, (x) => x.session === "session-2");
    assert.equal(peer.count("initialize"), 2);
  });

  test("noticed by a list request is recovered, and the list merged (item 171)", async (t) => {
    const { peer, gateway } = await started(t);
    peer.on("tools/list", (x) => x.result({ tools: [{ name: "a" }], nextCursor: "2" }), (x) => x.result({ tools: [{ name: "b" }] }));
    peer.forgetSessions();
    assert.equal((await gateway.request("tools/list")).result.tools.length, 2);
  });

  test("noticed by the GET stream is recovered", async (t) => {
    const peer = await startPeer(t);
    let own;
    peer.on("GET", (x) => (own = x.stream()));
    await connect(t, peer);
    await peer.received("GET");
    peer.forgetSessions();
    own.end();
    await peer.received("GET", (x) => x.session === "session-2");
    assert.equal(peer.count("initialize"), 2);
  });

  test("can be lost again and again", async (t) => {
    const { peer, gateway } = await started(t);
    for (let n = 0; n < 3; ++n) {
      peer.forgetSessions();
      assert.ok((await gateway.request("tools/call", {})).result);
    }
    assert.equal(peer.count("initialize"), 4);
  });

  test("that cannot be had back is one error: initialize refused (item 103)", async (t) => {
    const { peer, gateway } = await started(t);
    peer.on("initialize", (x) => x.send(500));
    peer.forgetSessions();
    const answer = await gateway.request("tools/call", {});
    assert.match(answer.error.message, /session/i);
    assert.equal(gateway.answers(answer.id).length, 1);
  });

  test("that cannot be had back is one error: initialize answered with an error", async (t) => {
    const { peer, gateway } = await started(t);
    peer.on("initialize", (x) => x.error(-32000, "no"));
    peer.forgetSessions();
    assert.match((await gateway.request("tools/call", {})).error.message, /session/i);
  });

  test("that cannot be had back is one error: initialized refused (item 104)", async (t) => {
    const { peer, gateway } = await started(t);
    peer.on("notifications/initialized", (x) => x.send(400));
    peer.forgetSessions();
    assert.match((await gateway.request("tools/call", {})).error.message, /session/i);
  });

  test("that cannot be had back now may be had back later", async (t) => {
    const { peer, gateway } = await started(t);
    peer.on("initialize", (x) => x.send(500), (x) => peer.initialize(x));
    peer.forgetSessions();
    assert.ok((await gateway.request("tools/call", {})).error);
    assert.ok((await gateway.request("tools/call", {})).result);
  });

  test("that is lost again at once ends in an error, not in a loop", async (t) => {
    const { peer, gateway } = await started(t);
    peer.on("tools/call", (x) => x.send(404));
    const answer = await gateway.request("tools/call", {});
    assert.ok(answer.error);
    assert.ok(peer.count("initialize") <= 4, `${peer.count("initialize")} times initialize`);
  });
});

describe("400 and 410 mean a lost session only if a ping fails too", { concurrency: 4 }, () => {
  for (const status of [400, 410]) {
    test(`${status} with a ping that succeeds is an error of that request`, async (t) => {
      const { peer, gateway } = await started(t);
      peer.on("tools/call", (x) => x.send(status));
      assert.match((await gateway.request("tools/call", {})).error.message, new RegExp(`${status}`));
      assert.equal(peer.count("initialize"), 1);
      assert.equal(peer.count("tools/call"), 1);
      assert.equal(peer.all("ping")[0].session, "session-1");
    });

    test(`${status} with a JSON-RPC error for the call is its answer`, async (t) => {
      const { peer, gateway } = await started(t);
      peer.on("tools/call", (x) => x.error(-32602, "no", { status }));
      peer.on("ping", (x) => x.send(status));
      assert.equal((await gateway.request("tools/call", {})).error.code, -32602);
      assert.equal(peer.count("tools/call"), 1);
      assert.equal(peer.count("initialize"), 1);
    });

    test(`${status} to a notification with a ping that fails too is recovered`, async (t) => {
      const { peer, gateway } = await started(t);
      const kind = "notifications/roots/list_changed";
      const lost = (x) => x.session === "session-1" ? x.send(status) : x.accept();
      peer.on(kind, lost);
      peer.on("ping", lost);
      gateway.notify(kind);
      await peer.received(kind, (x) => x.session === "session-2");
    });

    test(`${status} with a ping that fails too is recovered (H.2 9)`, async (t) => {
      const { peer, gateway } = await started(t);
      const lost = (x) => x.session === "session-1" ? x.send(status, "Bad Request: No valid session ID provided") : x.result({ ok: true });
      peer.on("tools/call", lost);
      peer.on("ping", lost);
      assert.deepEqual((await gateway.request("tools/call", {})).result, { ok: true });
      assert.equal(peer.count("initialize"), 2);
      assert.deepEqual(peer.all("initialize")[1].params, peer.all("initialize")[0].params);
    });
  }
});

test("a client that shakes hands a thousand times leaves no session and no descriptor behind", async (t) => {
  const { peer, gateway } = await started(t);
  const hello = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "c", version: "1" } };
  const descriptors = () => readdirSync(`/proc/${gateway.child.pid}/fd`).length;
  const before = descriptors();
  for (let n = 0; n < 1000; ++n) {
    assert.ok((await gateway.request("initialize", hello)).result);
    gateway.notify("notifications/initialized");
  }
  while (peer.count("DELETE") < 1000) await gateway.barrier();
  assert.ok(descriptors() <= before + 8, `${before} descriptors became ${descriptors()}`);
  gateway.end();
  await gateway.exit();
  assert.equal(peer.count("initialize"), 1001);
  assert.equal(peer.count("DELETE"), 1001);
});
