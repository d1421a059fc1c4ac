// SPDX-License-Identifier: MIT
// Limits in time: which of them ends what, and what they must leave alone.
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { connect, start } from "./support/gateway.mjs";
import { startPeer } from "./support/peer.mjs";
import { startRawPeer } from "./support/raw_peer.mjs";

const later = (ms) => new Promise((done) => setTimeout(done, ms)); // a server that takes its time

describe("--timeout-read", { concurrency: 8 }, () => {
  test("does not apply to tools/call: long quiet tools are legitimate (peers 52)", async (t) => {
    const peer = await startPeer(t);
    peer.on("tools/call", async (x) => { await later(1200); x.result({ ok: true }); });
    const gateway = await connect(t, peer, ["--timeout-read", "0.5"]);
    assert.deepEqual((await gateway.request("tools/call", {})).result, { ok: true });
  });

  test("does not apply to open streams", async (t) => {
    const peer = await startPeer(t);
    let own;
    peer.on("GET", (x) => (own = x.stream()));
    const gateway = await connect(t, peer, ["--timeout-read", "0.5"]);
    await peer.received("GET");
    await later(1200);
    own.notify("notifications/tools/list_changed");
    await gateway.notification("notifications/tools/list_changed");
    assert.equal(peer.count("GET"), 1);
  });

  test("ends a request that a server does not answer, after the attempts it has", async (t) => {
    const peer = await startPeer(t);
    const gateway = await connect(t, peer, ["--timeout-read", "0.3"]);
    peer.on("acme/custom", () => {});
    const answer = await gateway.request("acme/custom", {});
    assert.ok(answer.error);
    assert.equal(peer.count("acme/custom"), 1);
  });

  test("makes a replay-safe request be sent again", async (t) => {
    const peer = await startPeer(t);
    const gateway = await connect(t, peer, ["--timeout-read", "0.3"]);
    peer.on("resources/read", () => {}, (x) => x.result({ ok: true }));
    assert.deepEqual((await gateway.request("resources/read", { uri: "a:b" })).result, { ok: true });
  });

  test("ends a body that stalls in the middle", async (t) => {
    const peer = await startPeer(t);
    const gateway = await connect(t, peer, ["--timeout-read", "0.3"]);
    peer.on("acme/custom", (x) => {
      x.response.writeHead(200, { "content-type": "application/json", "content-length": 100 });
      x.response.write("{");
    });
    assert.ok((await gateway.request("acme/custom", {})).error);
  });
});

describe("--timeout-request", { concurrency: 8 }, () => {
  test("ends a tools/call that is never answered", async (t) => {
    const peer = await startPeer(t);
    const gateway = await connect(t, peer, ["--timeout-request", "0.5"]);
    peer.on("tools/call", () => {});
    const answer = await gateway.request("tools/call", {});
    assert.match(answer.error.message, /time|second|0\.5/i);
    await gateway.barrier();
    assert.equal(gateway.answers(answer.id).length, 1);
    assert.equal(peer.count("tools/call"), 1);
  });

  test("is not reset by progress or comments (H.2 13)", async (t) => {
    const peer = await startPeer(t);
    const gateway = await connect(t, peer, ["--timeout-request", "1"]);
    peer.on("tools/call", (x) => {
      const stream = x.stream();
      const heart = setInterval(() => stream.raw(": alive\n\n").notify("notifications/progress", { progress: 1 }), 50);
      x.gone.then(() => clearInterval(heart));
    });
    assert.ok((await gateway.request("tools/call", {})).error);
  });

  test("counts the waiting for Retry-After", async (t) => {
    const peer = await startPeer(t);
    const gateway = await connect(t, peer, ["--timeout-request", "0.5"]);
    peer.on("tools/call", (x) => x.send(429, "", { "retry-after": "30" }));
    assert.ok((await gateway.request("tools/call", {})).error);
  });

  test("leaves a call alone that is answered in time", async (t) => {
    const peer = await startPeer(t);
    peer.answers("tools/call", { ok: true });
    const gateway = await connect(t, peer, ["--timeout-request", "10"]);
    assert.ok((await gateway.request("tools/call", {})).result);
  });
});

describe("--timeout-connect", { concurrency: 8 }, () => {
  test("ends a TLS handshake that the server never answers", async (t) => {
    const peer = await startRawPeer(t, () => {});
    peer.onConnection = () => {};
    const gateway = start(t, [`https://127.0.0.1:${peer.port}/mcp`, "--timeout-connect", "0.3", "--transport", "streamable-http"]);
    assert.ok((await gateway.handshake()).error);
  });
});

describe("--ping-interval", { concurrency: 8 }, () => {
  test("pings the server on its own, and the client hears nothing of it", async (t) => {
    const peer = await startPeer(t);
    const gateway = await connect(t, peer, ["--ping-interval", "0.2"]);
    for (let n = 0; n < 3; ++n) assert.equal((await peer.received("ping")).session, "session-1");
    assert.equal(gateway.messages.length, 1);
  });

  test("is off by default", async (t) => {
    const peer = await startPeer(t);
    await connect(t, peer);
    await later(300);
    assert.equal(peer.count("ping"), 0);
  });

  test("with a ping that fails brings a lost session back", async (t) => {
    const peer = await startPeer(t);
    await connect(t, peer, ["--ping-interval", "0.2"]);
    await peer.received("ping");
    peer.forgetSessions();
    await peer.received("ping", (x) => x.session === "session-2");
    assert.equal(peer.count("initialize"), 2);
  });
});
