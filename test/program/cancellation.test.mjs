// SPDX-License-Identifier: MIT
// notifications/cancelled: the server hears of it at once, the client hears nothing more.
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { connect } from "./support/gateway.mjs";
import { startPeer } from "./support/peer.mjs";

// A call that the server has and the client then cancels.
async function cancelled(t, { id = 7, args = [] } = {}) {
  const peer = await startPeer(t);
  peer.on("tools/call", () => {});
  const gateway = await connect(t, peer, args);
  gateway.send({ jsonrpc: "2.0", id, method: "tools/call", params: { name: "slow" } });
  const call = await peer.received("tools/call");
  gateway.cancel(id);
  const notice = await peer.received("notifications/cancelled");
  return { peer, gateway, call, notice };
}

describe("a cancellation", { concurrency: 4 }, () => {
  for (const id of [0, 7, "abc", ""]) {
    test(`of the id ${JSON.stringify(id)} reaches the server while the call runs (items 183, 194)`, async (t) => {
      const { call, notice } = await cancelled(t, { id });
      assert.equal(notice.params.requestId, call.id);
      assert.equal("id" in notice.message, false);
    });
  }

  test("carries its reason", async (t) => {
    const peer = await startPeer(t);
    peer.on("tools/call", () => {});
    const gateway = await connect(t, peer);
    gateway.send({ jsonrpc: "2.0", id: 7, method: "tools/call", params: { name: "slow" } });
    await peer.received("tools/call");
    gateway.notify("notifications/cancelled", { requestId: 7, reason: "changed my mind" });
    assert.equal((await peer.received("notifications/cancelled")).params.reason, "changed my mind");
  });

  test("carries the session", async (t) => {
    const { call, notice } = await cancelled(t);
    assert.equal(notice.session, call.session);
  });

  for (const outcome of ["result", "error"]) {
    test(`makes a late ${outcome} disappear (item 192)`, async (t) => {
      const { gateway, call } = await cancelled(t);
      if (outcome === "result") call.result({ late: true });
      else call.error(-32000, "late");
      await call.gone;
      await gateway.barrier();
      assert.deepEqual(gateway.answers(7).filter((m) => m.result), []);
      assert.ok(gateway.answers(7).length <= 1);
    });

    test(`makes a late ${outcome} on a stream disappear`, async (t) => {
      const { gateway, call } = await cancelled(t);
      const stream = call.stream();
      const body = outcome === "result" ? { result: {} } : { error: { code: -1, message: "late" } };
      stream.message({ jsonrpc: "2.0", id: call.id, ...body }).end();
      await call.gone;
      await gateway.barrier();
      assert.ok(!gateway.answers(7).some((m) => m.result || m.error.message === "late"));
    });
  }

  test("with --no-cancel-filter lets the late answer through (item 196)", async (t) => {
    const { gateway, call } = await cancelled(t, { args: ["--no-cancel-filter"] });
    call.result({ late: true });
    assert.deepEqual((await gateway.answer(7)).result, { late: true });
  });

  test("ends nothing but its own request", async (t) => {
    const peer = await startPeer(t);
    peer.on("tools/call", () => {});
    const gateway = await connect(t, peer);
    for (const id of [7, 8]) gateway.send({ jsonrpc: "2.0", id, method: "tools/call", params: { n: id } });
    const calls = [await peer.received("tools/call"), await peer.received("tools/call")];
    gateway.cancel(7);
    await peer.received("notifications/cancelled");
    calls.find((x) => x.params.n === 8).result({ ok: true });
    assert.deepEqual((await gateway.answer(8)).result, { ok: true });
  });

  test("of 7 is no cancellation of \"7\"", async (t) => {
    const peer = await startPeer(t);
    peer.on("tools/call", () => {});
    const gateway = await connect(t, peer);
    gateway.send({ jsonrpc: "2.0", id: "7", method: "tools/call", params: {} });
    const call = await peer.received("tools/call");
    gateway.cancel(7);
    await gateway.barrier();
    call.result({ ok: true });
    assert.deepEqual((await gateway.answer("7")).result, { ok: true });
  });

  test("frees the id for a new request (item 188)", async (t) => {
    const { peer, gateway, call } = await cancelled(t);
    peer.on("tools/call", (x) => x.result({ second: true }));
    assert.deepEqual((await gateway.request("tools/call", {}, { id: 7 })).result, { second: true });
    if (!call.response.destroyed) call.result({ first: true });
    await gateway.barrier();
    assert.deepEqual(gateway.answers(7).filter((m) => m.result).map((m) => m.result), [{ second: true }]);
  });

  test("behind the answer changes nothing (item 192)", async (t) => {
    const peer = await startPeer(t);
    peer.answers("tools/call", { ok: true });
    const gateway = await connect(t, peer);
    assert.ok((await gateway.request("tools/call", {}, { id: 7 })).result);
    gateway.cancel(7);
    await gateway.barrier();
    assert.equal(gateway.answers(7).length, 1);
  });

  for (const params of [undefined, null, 5, "x", [], {}, { requestId: null }, { requestId: {} }, { requestId: [7] }, { requestId: true }]) {
    test(`with params ${JSON.stringify(params)} cancels nothing (items 189, 190)`, async (t) => {
      const peer = await startPeer(t);
      peer.on("tools/call", () => {});
      const gateway = await connect(t, peer);
      gateway.send({ jsonrpc: "2.0", id: 7, method: "tools/call", params: {} });
      const call = await peer.received("tools/call");
      gateway.notify("notifications/cancelled", params);
      await gateway.barrier();
      call.result({ ok: true });
      assert.deepEqual((await gateway.answer(7)).result, { ok: true });
    });
  }

  test("inside a tool's arguments is text (item 191)", async (t) => {
    const peer = await startPeer(t);
    peer.on("tools/call", (x) => x.params.name === "slow" || x.result({}));
    const gateway = await connect(t, peer);
    gateway.send({ jsonrpc: "2.0", id: 7, method: "tools/call", params: { name: "slow" } });
    const call = await peer.received("tools/call");
    const text = '{"method":"notifications/cancelled","params":{"requestId":7}}';
    const nested = { method: "notifications/cancelled", params: { requestId: 7 } };
    await gateway.request("tools/call", { name: "b", arguments: { text, ...nested } });
    assert.equal(peer.count("notifications/cancelled"), 0);
    call.result({ ok: true });
    assert.deepEqual((await gateway.answer(7)).result, { ok: true });
  });

  test("does not hide a server's question or notification that uses the same id (item 193)", async (t) => {
    const peer = await startPeer(t);
    let own;
    peer.on("GET", (x) => (own = x.stream()));
    peer.on("tools/call", () => {});
    const gateway = await connect(t, peer);
    await peer.received("GET");
    gateway.send({ jsonrpc: "2.0", id: 7, method: "tools/call", params: {} });
    await peer.received("tools/call");
    gateway.cancel(7);
    await peer.received("notifications/cancelled");
    own.ask(7, "roots/list").notify("notifications/message", { requestId: 7 });
    gateway.reply(await gateway.question("roots/list"), { roots: [] });
    await gateway.notification("notifications/message");
    assert.equal((await peer.received("response")).message.id, 7);
  });

  test("of the server, for its own question, reaches the client", async (t) => {
    const peer = await startPeer(t);
    peer.on("tools/call", () => {});
    const gateway = await connect(t, peer);
    gateway.send({ jsonrpc: "2.0", id: 7, method: "tools/call", params: {} });
    const stream = (await peer.received("tools/call")).stream();
    stream.ask("q", "roots/list").notify("notifications/cancelled", { requestId: "q" });
    const question = await gateway.question("roots/list");
    const notice = await gateway.notification("notifications/cancelled");
    assert.equal(notice.params.requestId, question.id);
  });
});
