// SPDX-License-Identifier: MIT
// --transport auto (MCP 2025-11-25, transports, Backwards Compatibility): POST first, then GET.
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { connect, start } from "./support/gateway.mjs";
import { startLegacyPeer, startPeer } from "./support/peer.mjs";

const kHello = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "t", version: "1" } };

// An HTTP+SSE server that refuses POSTs to its stream's URL.
async function olderServer(t, refuse = (x) => x.send(405)) {
  const peer = await startLegacyPeer(t);
  const serve = peer.handlerFor("initialize");
  peer.on("initialize", (x) => (x.path === "/sse" ? refuse(x) : serve(x)));
  return peer;
}

describe("an older server", { concurrency: 4 }, () => {
  for (const status of [400, 404, 405]) {
    test(`that answers the POST of initialize with ${status} is served by HTTP+SSE`, async (t) => {
      const peer = await olderServer(t, (x) => x.send(status, "no"));
      peer.answers("tools/call", { ok: true });
      const gateway = await connect(t, peer);
      assert.deepEqual((await gateway.request("tools/call", {})).result, { ok: true });
      assert.equal(peer.all("initialize").length, 2);
      assert.equal(gateway.answers("initialize").length, 1);
    });
  }

  test("gets the client's own initialize, unchanged", async (t) => {
    const peer = await olderServer(t);
    await connect(t, peer);
    const [first, second] = peer.all("initialize");
    assert.deepEqual(second.params, first.params);
  });

  test("whose POST fails with a JSON-RPC error of the older kind is served too", async (t) => {
    const peer = await olderServer(t, (x) =>
      x.send(400, '{"jsonrpc":"2.0","error":{"code":-32000,"message":"Bad Request"},"id":null}', { "content-type": "application/json" }));
    await connect(t, peer);
  });

  test("is not asked by POST again", async (t) => {
    const peer = await olderServer(t);
    const gateway = await connect(t, peer);
    await gateway.barrier();
    assert.equal(peer.requests.filter((x) => x.method === "POST" && x.path === "/sse").length, 1);
  });

  test("the chosen transport is logged", async (t) => {
    const gateway = await connect(t, await olderServer(t));
    await gateway.logged(/sse/i);
  });
});

describe("a newer server", { concurrency: 4 }, () => {
  test("is not asked for an older stream, and the choice is logged", async (t) => {
    const peer = await startPeer(t);
    const gateway = await connect(t, peer);
    await gateway.logged(/streamable/i);
    assert.equal(peer.requests[0].kind, "initialize");
  });

  for (const status of [401, 403, 500, 503]) {
    test(`that answers initialize with ${status} is not taken for an older one`, async (t) => {
      const peer = await startPeer(t);
      peer.on("initialize", (x) => x.send(status, "", { "retry-after": "100" }));
      const gateway = start(t, [peer.url, "--no-oauth"]);
      assert.match((await gateway.request("initialize", kHello)).error.message, new RegExp(`${status}`));
      assert.equal(peer.count("GET"), 0);
    });
  }

  for (const code of [-32020, -32021, -32022]) {
    test(`that answers with the modern error ${code} is not taken for an older one`, async (t) => {
      const peer = await startPeer(t);
      peer.on("initialize", (x) => x.error(code, "modern", { status: 400 }));
      const gateway = start(t, [peer.url]);
      assert.ok((await gateway.request("initialize", kHello)).error);
      assert.equal(peer.count("GET"), 0);
    });
  }

  test("is never given up for an older one with --transport streamable-http", async (t) => {
    const peer = await olderServer(t);
    const gateway = start(t, [peer.url, "--transport", "streamable-http"]);
    assert.match((await gateway.request("initialize", kHello)).error.message, /405/);
    assert.equal(peer.count("GET"), 0);
  });

  test("that loses its session later is not taken for an older one", async (t) => {
    const peer = await startPeer(t, { sessions: false });
    peer.on("tools/call", (x) => x.send(404));
    const gateway = await connect(t, peer);
    const gets = peer.count("GET");
    assert.match((await gateway.request("tools/call", {})).error.message, /404/);
    assert.ok(peer.count("GET") - gets <= 1);
  });
});

describe("a server that is neither", { concurrency: 4 }, () => {
  for (const [what, onGet] of Object.entries({
    "refuses both": (x) => x.send(404),
    "answers GET with a page": (x) => x.send(200, "<html><title>Hi</title>", { "content-type": "text/html" }),
    "ends the stream without an endpoint": (x) => x.stream().end(),
  })) {
    test(`(${what}) is one error, with the status of the POST`, async (t) => {
      const peer = await startPeer(t);
      peer.on("initialize", (x) => x.send(404));
      peer.on("GET", onGet);
      const gateway = start(t, [peer.url, "--timeout-connect", "2"]);
      const answer = await gateway.request("initialize", kHello);
      assert.match(answer.error.message, /404/);
    });
  }

  test("leaves the client's next requests answered too", async (t) => {
    const peer = await startPeer(t, { sessions: false });
    peer.on("initialize", (x) => x.send(404));
    const gateway = start(t, [peer.url]);
    assert.ok((await gateway.request("initialize", kHello)).error);
    assert.deepEqual((await gateway.request("ping")).result, {});
    assert.ok((await gateway.request("initialize", kHello)).error);
    assert.equal(peer.count("initialize"), 2);
  });
});
