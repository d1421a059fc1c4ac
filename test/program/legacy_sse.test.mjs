// SPDX-License-Identifier: MIT
// The older HTTP+SSE transport (MCP 2024-11-05, transports): one GET stream, an endpoint for POSTs.
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { connect, start } from "./support/gateway.mjs";
import { startLegacyPeer, startPeer } from "./support/peer.mjs";

const kSse = ["--transport", "sse"];

async function started(t, args = [], options = {}) {
  const peer = await startLegacyPeer(t, options.peer);
  return { peer, gateway: await connect(t, peer, [...kSse, ...args], { version: "2024-11-05", ...options }) };
}

function initialize(gateway) {
  const params = { protocolVersion: "2024-11-05", capabilities: {}, clientInfo: { name: "t", version: "1" } };
  return gateway.request("initialize", params);
}

describe("the endpoint", { concurrency: 4 }, () => {
  for (const [what, endpoint, path] of [
    ["absolute path with a query", "/messages?session=1&x=%20", "/messages?session=1&x=%20"],
    ["relative path", "messages/5", "/messages/5"],
    ["path above", "../other?y=1", "/other?y=1"],
    ["mere query", "?session=1", "/sse?session=1"],
  ]) {
    test(`may be a ${what} (item 213)`, async (t) => {
      const { peer } = await started(t, [], { peer: { endpoint } });
      assert.equal(peer.all("initialize")[0].path, path);
    });
  }

  test("may be an absolute URL of the same origin (item 214)", async (t) => {
    const peer = await startLegacyPeer(t);
    peer.endpoint = `${peer.origin}/elsewhere`;
    await connect(t, peer, [...kSse, "--bearer-token", "secret-token"], { version: "2024-11-05" });
    assert.equal(peer.all("initialize")[0].path, "/elsewhere");
    assert.equal(peer.all("initialize")[0].headers.authorization, "Bearer secret-token");
  });

  // Stricter than item 215: without credentials it could still reach what only this machine can.
  for (const [what, args] of [["without", []], ["with", ["--bearer-token", "secret-token"]]]) {
    test(`of another origin is refused ${what} credentials (item 215)`, async (t) => {
      const other = await startPeer(t, { sessions: false });
      const peer = await startLegacyPeer(t, { endpoint: `${other.origin}/steal` });
      const gateway = start(t, [peer.url, ...kSse, ...args]);
      assert.ok((await initialize(gateway)).error.message.includes(other.origin));
      assert.equal((await gateway.exit()).code, 1);
      assert.equal(other.requests.length, 0);
    });
  }

  test("is waited for: what the client sends before is not lost", async (t) => {
    const peer = await startLegacyPeer(t);
    let stream;
    peer.on("GET", (x) => (peer.stream = stream = x.stream()));
    const gateway = start(t, [peer.url, ...kSse]);
    const answer = initialize(gateway);
    await peer.received("GET");
    stream.event({ event: "endpoint", data: "/messages" });
    assert.ok((await answer).result);
  });

  test("that never comes ends the program with exit code 1 (item 219)", async (t) => {
    const peer = await startLegacyPeer(t);
    peer.on("GET", (x) => x.stream());
    const gateway = start(t, [peer.url, ...kSse, "--timeout-connect", "1"]);
    gateway.send({ jsonrpc: "2.0", id: 7, method: "initialize", params: { protocolVersion: "2024-11-05", capabilities: {}, clientInfo: { name: "t", version: "1" } } });
    assert.ok((await gateway.answer(7)).error);
    assert.equal((await gateway.exit()).code, 1);
    assert.match(gateway.stderr, /endpoint/i);
  });

  test("that cannot come, since the stream ends, ends the program with exit code 1 (C.13)", async (t) => {
    const peer = await startLegacyPeer(t);
    peer.on("GET", (x) => x.stream().end());
    const gateway = start(t, [peer.url, ...kSse, "--timeout-connect", "2"]);
    assert.equal((await gateway.exit()).code, 1);
  });

  for (const status of [401, 404, 500]) {
    test(`refused with ${status} at first ends the program with exit code 1 (item 218)`, async (t) => {
      const peer = await startLegacyPeer(t);
      peer.on("GET", (x) => x.send(status, "SECRETBODY"));
      const gateway = start(t, [peer.url, ...kSse, "--timeout-connect", "2"]);
      assert.equal((await gateway.exit()).code, 1);
      assert.match(gateway.stderr, new RegExp(`${status}`));
      assert.doesNotMatch(gateway.stderr, /SECRETBODY/);
    });
  }
});

describe("messages", { concurrency: 4 }, () => {
  for (const id of [0, 5, "a", "", 1.5]) {
    test(`with the id ${JSON.stringify(id)} pass unchanged (item 217)`, async (t) => {
      const { peer, gateway } = await started(t);
      peer.answers("tools/call", { ok: true });
      assert.deepEqual((await gateway.request("tools/call", {}, { id })).result, { ok: true });
    });
  }

  test("arrive as message events, named or not; others are ignored (item 216)", async (t) => {
    const { peer, gateway } = await started(t);
    const data = '{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}';
    peer.stream.event({ event: "message", data }).event({ data }).event({ event: "other", data });
    await gateway.notification("notifications/tools/list_changed");
    await gateway.notification("notifications/tools/list_changed");
    await gateway.barrier();
    assert.equal(gateway.messages.filter((m) => m.method).length, 2);
  });

  test("may be accepted with 200 as well as with 202 (C.13)", async (t) => {
    const { peer, gateway } = await started(t);
    peer.on("tools/call", (x) => {
      x.send(200, "Accepted");
      peer.stream.result(x.id, { ok: true });
    });
    assert.deepEqual((await gateway.request("tools/call", {})).result, { ok: true });
  });

  test("whose answer arrives before the POST returns get no second one (item 229)", async (t) => {
    const { peer, gateway } = await started(t);
    peer.on("tools/call", async (x) => {
      peer.stream.result(x.id, { ok: true });
      await gateway.next((m) => m.id === 7, "the answer");
      x.send(500);
    });
    gateway.send({ jsonrpc: "2.0", id: 7, method: "tools/call", params: {} });
    await (await peer.received("tools/call")).gone;
    await gateway.barrier();
    assert.deepEqual(gateway.answers(7).map((m) => m.result), [{ ok: true }]);
  });

  test("do not wait for each other", async (t) => {
    const { peer, gateway } = await started(t);
    peer.on("tools/call", (x) => x.accept());
    gateway.send({ jsonrpc: "2.0", id: "slow", method: "tools/call", params: {} });
    const slow = await peer.received("tools/call");
    await gateway.barrier();
    peer.stream.result(slow.id, { ok: true });
    assert.ok((await gateway.answer("slow")).result);
  });

  test("of the server that ask something are answered by POST", async (t) => {
    const { peer, gateway } = await started(t);
    peer.stream.ask("q", "roots/list");
    gateway.reply(await gateway.question("roots/list"), { roots: [] });
    assert.equal((await peer.received("response")).message.id, "q");
  });

  test("carry neither session nor revision headers (C.13)", async (t) => {
    const { peer } = await started(t);
    for (const x of peer.requests) {
      assert.equal(x.session, undefined);
      assert.equal(x.version, undefined);
    }
  });

  test("with a late answer to a cancelled call end here", async (t) => {
    const { peer, gateway } = await started(t);
    peer.on("tools/call", (x) => x.accept());
    gateway.send({ jsonrpc: "2.0", id: 7, method: "tools/call", params: {} });
    const call = await peer.received("tools/call");
    gateway.cancel(7);
    await peer.received("notifications/cancelled");
    peer.stream.result(call.id, { late: true });
    await gateway.barrier();
    assert.ok(!gateway.answers(7).some((m) => m.result));
  });

  test("of a list in pages are merged (C.12, both transports)", async (t) => {
    const { peer, gateway } = await started(t);
    peer.on("tools/list", (x) => x.result({ tools: [{ name: "a" }], nextCursor: "2" }), (x) => x.result({ tools: [{ name: "b" }] }));
    const { result } = await gateway.request("tools/list");
    assert.deepEqual(result.tools.map((tool) => tool.name), ["a", "b"]);
  });
});

describe("a POST that fails", { concurrency: 8 }, () => {
  for (const status of [400, 401, 403, 404, 413, 500]) {
    test(`with ${status} is one error that says so (item 227)`, async (t) => {
      const { peer, gateway } = await started(t);
      peer.on("tools/call", (x) => x.send(status, "SECRETBODY"));
      const answer = await gateway.request("tools/call", {});
      assert.match(answer.error.message, new RegExp(`${status}`));
      assert.doesNotMatch(answer.error.message, /SECRETBODY/);
    });
  }

  test("in the network is one error, and it was sent once", async (t) => {
    const { peer, gateway } = await started(t);
    peer.on("tools/call", (x) => x.drop());
    assert.ok((await gateway.request("tools/call", {})).error);
    assert.equal(peer.count("tools/call"), 1);
  });

  for (const status of [429, 503]) {
    test(`with ${status} is sent again after Retry-After (item 226)`, async (t) => {
      const { peer, gateway } = await started(t);
      peer.on("tools/call", (x) => x.send(status, "", { "retry-after": "0" }), (x) => x.result({ ok: true }));
      assert.deepEqual((await gateway.request("tools/call", {})).result, { ok: true });
    });

    test(`with ${status} and a long Retry-After is handed on at once (item 226)`, async (t) => {
      const { peer, gateway } = await started(t);
      peer.on("tools/call", (x) => x.send(status, "", { "retry-after": "61" }));
      const answer = await gateway.request("tools/call", {});
      assert.match(answer.error.message, new RegExp(`${status}`));
      assert.equal(answer.error.data.retryAfter, 61);
    });
  }

  test("is silence when it was a notification (item 237)", async (t) => {
    const { peer, gateway } = await started(t);
    const kind = "notifications/roots/list_changed";
    peer.on(kind, (x) => x.send(500));
    gateway.notify(kind);
    await (await peer.received(kind)).gone;
    await gateway.barrier();
    assert.equal(gateway.messages.filter((m) => m.error).length, 0);
  });
});

describe("a stream that is lost", { concurrency: 8 }, () => {
  for (const how of ["end", "break", "reset"]) {
    test(`(${how}) is opened again, and its new endpoint is used (item 221)`, async (t) => {
      const { peer, gateway } = await started(t);
      await peer.opened();
      peer.endpoint = "/messages?session=2";
      peer.stream[how]();
      await peer.opened();
      assert.deepEqual((await gateway.request("ping")).result, {});
      assert.equal(peer.all("ping").at(-1).path, "/messages?session=2");
    });
  }

  test("leads to a new session: the handshake is repeated before anything else is sent", async (t) => {
    const { peer, gateway } = await started(t);
    await peer.opened();
    peer.answers("logging/setLevel", {});
    await gateway.request("logging/setLevel", { level: "debug" });
    peer.stream.ask("q", "roots/list");
    await gateway.question("roots/list");
    peer.endpoint = "/messages?session=2";
    peer.stream.end();
    assert.deepEqual((await gateway.notification("notifications/cancelled")).params.requestId, "q");
    await peer.opened();
    await gateway.barrier();
    const sent = peer.requests.filter((x) => x.path === peer.endpoint).map((x) => x.kind);
    assert.deepEqual(sent, ["initialize", "notifications/initialized", "logging/setLevel", "ping"]);
    const [first, second] = peer.all("initialize");
    assert.deepEqual(second.params, first.params);
    await gateway.notification("notifications/tools/list_changed");
  });

  test("is tried again while the server refuses it (item 222)", async (t) => {
    const { peer, gateway } = await started(t);
    await peer.opened();
    peer.on("GET", (x) => x.send(500), (x) => x.drop(), (x) => peer.open(x));
    peer.stream.end();
    await peer.opened();
    assert.deepEqual((await gateway.request("ping")).result, {});
  });

  test("answers each pending request with one error (item 230)", async (t) => {
    const { peer, gateway } = await started(t);
    peer.on("tools/call", (x) => x.accept());
    for (const id of [1001, "b", 0]) gateway.send({ jsonrpc: "2.0", id, method: "tools/call", params: {} });
    for (let n = 0; n < 3; ++n) await (await peer.received("tools/call")).gone;
    peer.stream.end();
    for (const id of [1001, "b", 0]) assert.ok((await gateway.answer(id)).error);
    assert.equal(peer.count("tools/call"), 3);
  });

  test("answers no cancelled request with an error (item 231)", async (t) => {
    const { peer, gateway } = await started(t);
    await peer.opened();
    peer.on("tools/call", (x) => x.accept());
    gateway.send({ jsonrpc: "2.0", id: 7, method: "tools/call", params: {} });
    await peer.received("tools/call");
    gateway.cancel(7);
    await peer.received("notifications/cancelled");
    await gateway.barrier();
    const before = gateway.answers(7).length;
    peer.stream.end();
    await peer.opened();
    await gateway.barrier();
    assert.equal(gateway.answers(7).length, before);
  });

  test("under a request that is being posted gives it exactly one answer (item 232)", async (t) => {
    const { peer, gateway } = await started(t);
    await peer.opened();
    peer.on("tools/call", async (x) => {
      peer.stream.end();
      await peer.opened();
      x.accept();
    });
    assert.ok((await gateway.request("tools/call", {}, { id: 7 })).error);
    await gateway.barrier();
    assert.equal(gateway.answers(7).length, 1);
  });

  test("by silence is opened again (--sse-read-timeout, item 220)", async (t) => {
    const { peer } = await started(t, ["--sse-read-timeout", "0.5"]);
    await peer.opened();
    await peer.opened();
  });

  test("and does not come back within --timeout-read is an error for what is asked (item 235)", async (t) => {
    const { peer, gateway } = await started(t, ["--timeout-read", "1"]);
    peer.on("GET", (x) => x.send(500));
    peer.stream.end();
    await peer.received("GET");
    await peer.received("GET");
    assert.ok((await gateway.request("ping")).error);
  });

  test("does not delay the end of the program (item 238)", async (t) => {
    const { peer, gateway } = await started(t);
    peer.on("GET", (x) => x.send(500));
    peer.stream.end();
    await peer.received("GET");
    await peer.received("GET");
    gateway.end();
    assert.deepEqual(await gateway.exit(), { code: 0, signal: null });
  });
});

test("the server is pinged with --ping-interval", async (t) => {
  const { peer, gateway } = await started(t, ["--ping-interval", "0.05"]);
  for (let n = 0; n < 3; ++n) await peer.received("ping");
  await gateway.barrier();
  assert.equal(peer.count("GET"), 1);
});

test("an answer that is too large is the error of its own call only", async (t) => {
  const { peer, gateway } = await started(t, ["--max-message-size", "10000"]);
  peer.on("tools/call", (x) => x.accept());
  gateway.send({ jsonrpc: "2.0", id: "slow", method: "tools/call", params: {} });
  const slow = await peer.received("tools/call");
  peer.on("tools/call", (x) => x.result({ text: "x".repeat(20_000) }));
  assert.match((await gateway.request("tools/call", {})).error.message, /larger than allowed/);
  peer.stream.result(slow.id, { ok: true });
  assert.deepEqual((await gateway.answer("slow")).result, { ok: true });
  assert.equal(peer.count("GET"), 1);
});

test("the end of stdin ends the program with exit code 0", async (t) => {
  const { peer, gateway } = await started(t);
  gateway.end();
  assert.deepEqual(await gateway.exit(), { code: 0, signal: null });
  assert.equal(peer.count("DELETE"), 0);
});

test("a server that is not there ends the program with exit code 1", async (t) => {
  const peer = await startLegacyPeer(t);
  await peer.leave();
  const gateway = start(t, [peer.url, ...kSse, "--timeout-connect", "2"]);
  assert.equal((await gateway.exit()).code, 1);
});
