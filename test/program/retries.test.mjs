// SPDX-License-Identifier: MIT
// What is sent again after a failure, and what must not be: a call may have been executed already.
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { connect } from "./support/gateway.mjs";
import { startPeer } from "./support/peer.mjs";
import { head, startRawPeer } from "./support/raw_peer.mjs";

const kSafe = {
  ping: undefined,
  "tools/list": {},
  "resources/list": {},
  "resources/templates/list": {},
  "resources/read": { uri: "a:b" },
  "resources/subscribe": { uri: "a:b" },
  "resources/unsubscribe": { uri: "a:b" },
  "prompts/list": {},
  "prompts/get": { name: "a" },
  "completion/complete": { ref: { type: "ref/prompt", name: "a" }, argument: { name: "b", value: "" } },
  "logging/setLevel": { level: "info" },
};
const kUnsafe = { "tools/call": { name: "a" }, "tasks/cancel": { taskId: "1" }, "acme/custom": {} };

const drop = (x) => x.drop();
const reset = (x) => x.reset();
const succeed = (x) => x.result({ done: true });

describe("a connection that breaks before the answer", { concurrency: 8 }, () => {
  for (const [method, params] of Object.entries(kSafe)) {
    test(`makes ${method} be sent again (item 203)`, async (t) => {
      const peer = await startPeer(t);
      const gateway = await connect(t, peer);
      peer.on(method, drop, succeed);
      const answer = await gateway.request(method, params);
      assert.equal(answer.error, undefined, JSON.stringify(answer));
      assert.equal(peer.count(method), 2);
    });
  }

  for (const [method, params] of Object.entries(kUnsafe)) {
    for (const [how, handler] of Object.entries({ drop, reset })) {
      test(`(${how}) makes ${method} fail, sent once, and the error says it may have been executed (item 203)`, async (t) => {
        const peer = await startPeer(t);
        const gateway = await connect(t, peer);
        peer.on(method, handler, succeed);
        const answer = await gateway.request(method, params);
        assert.match(answer.error.message, /not.*(again|retr|re-?sent|repeat)|execut/i);
        await gateway.barrier();
        assert.equal(peer.count(method), 1);
        assert.equal(gateway.answers(answer.id).length, 1);
      });
    }
  }

  test("makes initialize be sent again", async (t) => {
    const peer = await startPeer(t);
    peer.on("initialize", drop, (x) => peer.initialize(x));
    await connect(t, peer);
    assert.equal(peer.count("initialize"), 2);
  });

  test("makes a notification be sent again, in silence", async (t) => {
    const kind = "notifications/roots/list_changed";
    const peer = await startPeer(t);
    const gateway = await connect(t, peer);
    peer.on(kind, drop, (x) => x.accept());
    gateway.notify(kind);
    await peer.received(kind);
    await peer.received(kind);
    await gateway.barrier();
    assert.equal(gateway.messages.filter((m) => m.error).length, 0);
  });

  test("makes a call that was sent as a notification be dropped, sent once", async (t) => {
    const peer = await startPeer(t);
    const gateway = await connect(t, peer);
    peer.on("tools/call", drop);
    gateway.notify("tools/call", { name: "a" });
    await gateway.logged(/was lost|broke/);
    assert.equal(peer.count("tools/call"), 1);
  });

  test("makes the client's answer to a question be sent again", async (t) => {
    const peer = await startPeer(t);
    peer.on("tools/call", (x) => x.stream().ask("q", "roots/list"));
    const gateway = await connect(t, peer);
    peer.on("response", drop, (x) => x.accept());
    gateway.send({ jsonrpc: "2.0", id: 7, method: "tools/call", params: {} });
    gateway.reply(await gateway.question("roots/list"), { roots: [] });
    await peer.received("response");
    assert.deepEqual((await peer.received("response")).message.result, { roots: [] });
  });

  test("three times ends in one error (item 99)", async (t) => {
    const peer = await startPeer(t);
    const gateway = await connect(t, peer);
    peer.on("resources/read", drop);
    const answer = await gateway.request("resources/read", { uri: "a:b" });
    assert.ok(answer.error);
    // Not exactly three: libcurl may repeat a replay-safe request itself when a kept connection dies.
    assert.ok(peer.count("resources/read") >= 3 && peer.count("resources/read") <= 6);
    await gateway.barrier();
    assert.equal(gateway.answers(answer.id).length, 1);
  });

  test("waits one second before the second attempt (C.7)", async (t) => {
    const peer = await startPeer(t);
    const gateway = await connect(t, peer);
    let first;
    peer.on("resources/read", (x) => {
      first ??= performance.now();
      if (performance.now() - first < 900) x.drop();
      else succeed(x);
    });
    assert.ok((await gateway.request("resources/read", { uri: "a:b" })).result);
    assert.ok(peer.count("resources/read") <= 3, "the first, perhaps libcurl's own second, and ours");
  });

  test("keeps the session (item 132)", async (t) => {
    const peer = await startPeer(t);
    const gateway = await connect(t, peer);
    peer.on("tools/call", drop, succeed);
    await gateway.request("tools/call", {});
    await gateway.request("tools/call", {});
    const [, second] = peer.all("tools/call");
    assert.equal(second.session, "session-1");
    assert.equal(peer.count("initialize"), 1);
  });

  test("holds up nothing while the second attempt is waited for", async (t) => {
    const peer = await startPeer(t);
    const gateway = await connect(t, peer);
    let back = false;
    peer.on("resources/read", (x) => (back ? succeed(x) : x.drop()));
    const read = gateway.request("resources/read", { uri: "a:b" });
    await peer.received("resources/read");
    await gateway.barrier();
    back = true;
    assert.ok((await read).result);
  });

  test("in the middle of a tool's answer is an error, sent once (item 140)", async (t) => {
    const peer = await startPeer(t);
    const gateway = await connect(t, peer);
    peer.on("tools/call", (x) => x.stream().notify("notifications/message", { level: "info", data: 1 }));
    gateway.send({ jsonrpc: "2.0", id: 7, method: "tools/call", params: {} });
    await gateway.notification("notifications/message");
    peer.all("tools/call")[0].response.socket.destroy();
    assert.ok((await gateway.answer(7)).error);
    await gateway.barrier();
    assert.equal(peer.count("tools/call"), 1);
  });
});

describe("an answer that breaks off", { concurrency: 4 }, () => {
  const breakOff = (x) => {
    x.response.writeHead(200, { "content-type": "application/json", "content-length": 1000 });
    x.response.write('{"jsonrpc":', () => x.request.socket.destroy());
  };

  test("makes a query be sent again (item 203)", async (t) => {
    const peer = await startPeer(t);
    const gateway = await connect(t, peer);
    peer.on("resources/read", breakOff, succeed);
    assert.ok((await gateway.request("resources/read", { uri: "a:b" })).result);
    assert.equal(peer.count("resources/read"), 2);
  });

  test("makes a query be sent again when it cannot be decoded (item 141)", async (t) => {
    const peer = await startPeer(t);
    const gateway = await connect(t, peer);
    peer.on("resources/read", (x) => x.json("no gzip", { headers: { "content-encoding": "gzip" } }), succeed);
    assert.ok((await gateway.request("resources/read", { uri: "a:b" })).result);
  });

  test("three times ends in one error", async (t) => {
    const peer = await startPeer(t);
    const gateway = await connect(t, peer);
    peer.on("resources/read", breakOff);
    assert.match((await gateway.request("resources/read", { uri: "a:b" })).error.message, /interrupted/);
    assert.equal(peer.count("resources/read"), 3);
  });

  test("makes a tools/call fail, sent once, and the error says it may have been executed", async (t) => {
    const peer = await startPeer(t);
    const gateway = await connect(t, peer);
    peer.on("tools/call", breakOff, succeed);
    assert.match((await gateway.request("tools/call", {})).error.message, /not sent again/);
    assert.equal(peer.count("tools/call"), 1);
  });
});

describe("5xx is not a broken connection", { concurrency: 4 }, () => {
  for (const status of [500, 502, 504]) {
    test(`${status} to a replay-safe request is not sent again (C.7)`, async (t) => {
      const peer = await startPeer(t);
      const gateway = await connect(t, peer);
      peer.on("resources/read", (x) => x.send(status), succeed);
      const answer = await gateway.request("resources/read", { uri: "a:b" });
      assert.match(answer.error.message, new RegExp(`${status}`));
      assert.equal(peer.count("resources/read"), 1);
    });
  }
});

// libcurl sends a request again by itself when a reused connection dies unanswered.
describe("a reused connection", { concurrency: 4 }, () => {
  for (const how of ["close", "reset"]) {
    test(`that dies (${how}) under a tools/call does not make it arrive twice`, async (t) => {
      const peer = await startRawPeer(t, (request, connection) => connection[how]());
      const gateway = await connect(t, peer, [], { version: "2025-11-25" });
      await gateway.barrier();
      assert.ok((await gateway.request("tools/call", { name: "a" })).error);
      await gateway.barrier();
      assert.equal(peer.count("tools/call"), 1);
    });
  }

  test("that dies under ten calls at once makes none of them arrive twice", async (t) => {
    const peer = await startRawPeer(t, (request, connection) => connection.close());
    const gateway = await connect(t, peer);
    const all = [...Array(10).keys()].map((n) => gateway.request("tools/call", { n }));
    for (const answer of await Promise.all(all)) assert.ok(answer.error);
    const seen = peer.requests.filter((r) => r.message?.method === "tools/call").map((r) => r.message.params.n);
    assert.equal(new Set(seen).size, seen.length);
  });

  test("that the server closed while it was idle is not used for the next call", async (t) => {
    const peer = await startPeer(t);
    peer.on("tools/call", succeed);
    const gateway = await connect(t, peer);
    await gateway.request("tools/call", {});
    const closed = [...peer.sockets].map((s) => new Promise((done) => s.on("close", done)));
    for (const socket of peer.sockets) socket.destroy();
    await Promise.all(closed);
    assert.ok((await gateway.request("tools/call", {})).result);
    assert.equal(peer.count("tools/call"), 2);
  });

  test("that announces its end with the answer is not used again", async (t) => {
    const peer = await startRawPeer(t, async ({ message }, connection) => {
      await connection.json({ jsonrpc: "2.0", id: message.id, result: {} }, { connection: "close" });
      connection.socket.end();
    });
    const gateway = await connect(t, peer);
    for (let n = 0; n < 5; ++n) assert.ok((await gateway.request("tools/call", { n })).result);
    assert.equal(peer.count("tools/call"), 5);
  });

  test("that dies behind half an answer is an error, and the call arrived once", async (t) => {
    const peer = await startRawPeer(t, async ({ message }, connection) => {
      const text = JSON.stringify({ jsonrpc: "2.0", id: message.id, result: {} });
      await connection.write(head(200, { "content-type": "application/json", "content-length": text.length }));
      await connection.write(text.slice(0, 10));
      connection.close();
    });
    const gateway = await connect(t, peer);
    assert.ok((await gateway.request("tools/call", {})).error);
    assert.equal(peer.count("tools/call"), 1);
  });
});

describe("a server that is not there", { concurrency: 4 }, () => {
  test("makes even a tools/call be sent again: it was never executed (item 204)", async (t) => {
    const peer = await startPeer(t);
    peer.on("tools/call", succeed);
    const gateway = await connect(t, peer);
    const { port } = peer;
    await peer.leave();
    const answer = gateway.request("tools/call", {});
    await new Promise((done) => setTimeout(done, 500)); // the outage
    await peer.listen(port);
    assert.deepEqual((await answer).result, { done: true });
    assert.equal(peer.count("tools/call"), 1);
  });

  test("for three attempts is one error that names it", async (t) => {
    const peer = await startPeer(t);
    const gateway = await connect(t, peer);
    await peer.leave();
    const answer = await gateway.request("tools/call", {});
    assert.match(answer.error.message, new RegExp(`127\\.0\\.0\\.1|${peer.port}|connect`, "i"));
    assert.equal(gateway.answers(answer.id).length, 1);
  });
});
