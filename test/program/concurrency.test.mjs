// SPDX-License-Identifier: MIT
// A slow request holds up nothing: no other call, no ping, no cancellation, no answer of the client.
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { connect, start } from "./support/gateway.mjs";
import { startPeer } from "./support/peer.mjs";

const kInFlight = 256;

function call(id, params = { name: "slow" }) {
  return { jsonrpc: "2.0", id, method: "tools/call", params };
}

// A server whose calls stay open until the test answers them.
async function slow(t, options) {
  const peer = await startPeer(t);
  peer.on("tools/call", () => {});
  return { peer, gateway: await connect(t, peer, [], options) };
}

async function received(peer, kind, count) {
  const exchanges = [];
  while (exchanges.length < count) exchanges.push(await peer.received(kind));
  return exchanges;
}

test("a server may ask before it has answered initialize", async (t) => {
  const peer = await startPeer(t, { sessions: false });
  peer.on("initialize", async (x) => {
    const stream = x.stream();
    stream.ask("q", "ping");
    assert.equal((await peer.received("response")).id, "q");
    stream.result(x.id, { protocolVersion: "2025-11-25", capabilities: {}, serverInfo: { name: "p", version: "1" } });
    stream.end();
  });
  const gateway = start(t, [peer.url]);
  gateway.send({
    jsonrpc: "2.0", id: 1, method: "initialize",
    params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "t", version: "1" } },
  });
  gateway.reply(await gateway.question("ping"), {});
  assert.ok((await gateway.answer(1)).result);
});

describe("beside a slow call", { concurrency: 2 }, () => {
  test("a ping is answered (H.2 4)", async (t) => {
    const { peer, gateway } = await slow(t);
    gateway.send(call(7));
    const exchange = await peer.received("tools/call");
    assert.deepEqual((await gateway.request("ping")).result, {});
    exchange.result({ late: true });
    assert.deepEqual((await gateway.answer(7)).result, { late: true });
  });

  test("another call is answered", async (t) => {
    const { peer, gateway } = await slow(t);
    gateway.send(call(7));
    await peer.received("tools/call");
    peer.on("tools/call", (x) => x.result({ quick: true }));
    assert.deepEqual((await gateway.request("tools/call", { name: "b" })).result, { quick: true });
  });

  test("a notification and a cancellation reach the server", async (t) => {
    const { peer, gateway } = await slow(t);
    gateway.send(call(7));
    const exchange = await peer.received("tools/call");
    gateway.notify("notifications/roots/list_changed");
    await peer.received("notifications/roots/list_changed");
    gateway.cancel(7);
    assert.equal((await peer.received("notifications/cancelled")).params.requestId, exchange.id);
  });

  test("answers come in the order in which the server gives them", async (t) => {
    const { peer, gateway } = await slow(t);
    for (const id of ["a", "b", "c"]) gateway.send(call(id));
    const exchanges = await received(peer, "tools/call", 3);
    for (const id of ["c", "a", "b"]) {
      exchanges.find((x) => x.id === id).result({ id });
      await gateway.answer(id);
    }
  });
});

describe("a server's question on a slow call's own stream", { concurrency: 2 }, () => {
  for (const [method, params, result] of [
    ["sampling/createMessage", { messages: [], maxTokens: 5 }, { role: "assistant", content: { type: "text", text: "x" }, model: "m" }],
    ["elicitation/create", { message: "who?", requestedSchema: { type: "object", properties: {} } }, { action: "accept", content: {} }],
    ["roots/list", undefined, { roots: [] }],
  ]) {
    test(`${method} is answered while the call is open (H.2 5)`, async (t) => {
      const { peer, gateway } = await slow(t);
      gateway.send(call(7));
      const exchange = await peer.received("tools/call");
      const stream = exchange.stream().ask("q-1", method, params);
      const question = await gateway.question(method);
      assert.deepEqual(question.params, params);
      gateway.reply(question, result);
      const reply = await peer.received("response");
      assert.equal(reply.message.id, "q-1");
      assert.deepEqual(reply.message.result, result);
      stream.result(exchange.id, { done: true }).end();
      assert.deepEqual((await gateway.answer(7)).result, { done: true });
    });
  }

  test("may have the same id as the call itself", async (t) => {
    const { peer, gateway } = await slow(t);
    gateway.send(call(7));
    const exchange = await peer.received("tools/call");
    const stream = exchange.stream().ask(exchange.id, "roots/list");
    const question = await gateway.question("roots/list");
    gateway.reply(question, { roots: [] });
    assert.equal((await peer.received("response")).message.id, exchange.id);
    stream.result(exchange.id, { done: true }).end();
    assert.deepEqual((await gateway.answer(7)).result, { done: true });
  });

  test("may be refused with an error", async (t) => {
    const { peer, gateway } = await slow(t);
    gateway.send(call(7));
    const exchange = await peer.received("tools/call");
    exchange.stream().ask("q-1", "roots/list");
    const question = await gateway.question("roots/list");
    gateway.send({ jsonrpc: "2.0", id: question.id, error: { code: -32601, message: "no roots" } });
    const reply = await peer.received("response");
    assert.deepEqual(reply.message.error, { code: -32601, message: "no roots" });
  });

  test("a call that waits for its question's answer does not time out a second question", async (t) => {
    const { peer, gateway } = await slow(t);
    gateway.send(call(7));
    const stream = (await peer.received("tools/call")).stream();
    stream.ask("q-1", "roots/list").ask("q-2", "roots/list");
    const first = await gateway.question("roots/list");
    const second = await gateway.question("roots/list");
    gateway.reply(second, { roots: [] });
    assert.equal((await peer.received("response")).message.id, "q-2");
    gateway.reply(first, { roots: [] });
    assert.equal((await peer.received("response")).message.id, "q-1");
  });
});

describe("many requests", { concurrency: 2 }, () => {
  test(`${kInFlight} are in flight at a time, the others wait and are answered too`, async (t) => {
    const { peer, gateway } = await slow(t);
    for (let id = 0; id < kInFlight + 44; ++id) gateway.send(call(`call-${id}`));
    const first = await received(peer, "tools/call", kInFlight);
    await gateway.barrier();
    assert.equal(peer.count("tools/call"), kInFlight);
    peer.on("tools/call", (x) => x.result({}));
    for (const exchange of first) exchange.result({});
    for (let id = 0; id < kInFlight + 44; ++id) assert.ok((await gateway.answer(`call-${id}`)).result);
  });

  test("do not hold up answers, cancellations, pings and notifications when all places are taken", async (t) => {
    const { peer, gateway } = await slow(t);
    for (let id = 0; id < kInFlight + 10; ++id) gateway.send(call(`call-${id}`));
    const [first] = await received(peer, "tools/call", kInFlight);
    first.stream().ask("q-1", "roots/list");
    gateway.reply(await gateway.question("roots/list"), { roots: [] });
    await peer.received("response");
    gateway.notify("notifications/roots/list_changed");
    await peer.received("notifications/roots/list_changed");
    gateway.cancel("call-0");
    await peer.received("notifications/cancelled");
    await gateway.barrier();
  });

  test("one that still waits for its turn and is cancelled never reaches the server", async (t) => {
    const { peer, gateway } = await slow(t);
    for (let id = 0; id < kInFlight; ++id) gateway.send(call(`call-${id}`));
    const first = await received(peer, "tools/call", kInFlight);
    gateway.send(call("unwanted", { name: "unwanted" }));
    gateway.cancel("unwanted");
    gateway.send(call("wanted", { name: "wanted" }));
    await gateway.barrier();
    first[0].result({});
    first[1].result({});
    assert.equal((await peer.received("tools/call")).params.name, "wanted");
    await gateway.barrier();
    assert.equal(peer.count("tools/call", (x) => x.params.name === "unwanted"), 0);
  });

  test("beyond the bound of the queue are answered with an error at once", async (t) => {
    const { gateway } = await slow(t);
    const total = 6000;
    for (let id = 0; id < total; ++id) gateway.send(call(`call-${id}`));
    const refused = await gateway.next((m) => m.error, "an error");
    assert.match(refused.id, /^call-\d+$/);
    await gateway.barrier();
  });

  test("with large results do not mix their lines (item 199)", async (t) => {
    const peer = await startPeer(t);
    peer.on("tools/call", (x) => x.result({ text: String(x.params.n).repeat(20_000) }));
    const gateway = await connect(t, peer);
    const all = [...Array(200).keys()].map((n) => gateway.request("tools/call", { n }));
    const answers = await Promise.all(all);
    answers.forEach((answer, n) => assert.equal(answer.result.text, String(n).repeat(20_000)));
  });

  test("all arrive at a client that does not read for a while", async (t) => {
    const peer = await startPeer(t);
    peer.on("tools/call", (x) => x.result({ text: "x".repeat(200_000) }));
    const gateway = await connect(t, peer);
    gateway.child.stdout.pause();
    const all = [...Array(50).keys()].map((n) => gateway.request("tools/call", { n }));
    await received(peer, "tools/call", 50);
    gateway.child.stdout.resume();
    for (const answer of await Promise.all(all)) assert.equal(answer.result.text.length, 200_000);
  });
});

describe("initialize", { concurrency: 2 }, () => {
  test("is completed before anything behind it is sent", async (t) => {
    const peer = await startPeer(t);
    let completed = false;
    const early = [];
    peer.on("initialize", async (x) => {
      await new Promise((done) => setTimeout(done, 200)); // a slow server; time to do it wrong
      completed = true;
      peer.initialize(x);
    });
    const watch = (x) => {
      if (!completed) early.push(x.kind);
      if ("id" in x.message) x.result({});
      else x.accept();
    };
    for (const kind of ["notifications/initialized", "tools/call", "ping", "resources/read"]) peer.on(kind, watch);
    const gateway = start(t, [peer.url]);
    const params = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "t", version: "1" } };
    gateway.send({ jsonrpc: "2.0", id: "i", method: "initialize", params });
    gateway.notify("notifications/initialized");
    gateway.send(call("c"));
    gateway.send({ jsonrpc: "2.0", id: "r", method: "resources/read", params: { uri: "a:b" } });
    for (const id of ["i", "c", "r"]) assert.ok((await gateway.answer(id)).result);
    assert.deepEqual(early, []);
    const order = peer.requests.map((x) => x.kind).filter((kind) => kind !== "GET");
    assert.equal(order[0], "initialize");
  });

  test("may be asked again later", async (t) => {
    const peer = await startPeer(t);
    const gateway = await connect(t, peer);
    const params = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "t", version: "2" } };
    assert.ok((await gateway.request("initialize", params)).result);
    await gateway.barrier();
  });
});
