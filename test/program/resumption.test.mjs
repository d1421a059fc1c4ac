// SPDX-License-Identifier: MIT
// Resumption of a POST's stream (MCP 2025-11-25, transports, Sending Messages to the Server 6 and
// Resumability and Redelivery): GET with Last-Event-ID, never the POST again.
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { connect } from "./support/gateway.mjs";
import { startPeer } from "./support/peer.mjs";

const isResuming = (x) => x.headers["last-event-id"] !== undefined;

// A server without a stream of its own that hands resumed streams to `resume`, in turns.
async function resumable(t, first, ...resume) {
  const peer = await startPeer(t);
  peer.on("tools/call", first);
  peer.on("GET", (x) => {
    if (!isResuming(x)) return x.send(405);
    return (resume.length > 1 ? resume.shift() : resume[0])(x);
  });
  return { peer, gateway: await connect(t, peer) };
}

function call(gateway) {
  gateway.send({ jsonrpc: "2.0", id: 7, method: "tools/call", params: { name: "slow" } });
  return gateway.answer(7);
}

const answer = (x) => x.stream().result(7, { resumed: true }, { id: "last" }).end();

describe("a stream that breaks behind an event id", { concurrency: 8 }, () => {
  for (const how of ["end", "break", "reset"]) {
    test(`(${how}) is resumed with GET, and the answer arrives there`, async (t) => {
      const { peer, gateway } = await resumable(t, async (x) => {
        const stream = x.stream();
        stream.notify("notifications/progress", { progress: 1 }, { id: "ev-1" });
        await gateway.notification("notifications/progress");
        stream[how]();
      }, answer);
      assert.deepEqual((await call(gateway)).result, { resumed: true });
      const get = peer.all("GET", isResuming)[0];
      assert.equal(get.headers["last-event-id"], "ev-1");
      assert.equal(get.session, "session-1");
      assert.match(get.headers.accept, /text\/event-stream/);
      assert.equal(peer.count("tools/call"), 1);
    });
  }

  test("is resumed from the last id of several", async (t) => {
    const { peer, gateway } = await resumable(t, (x) => {
      const stream = x.stream();
      for (const id of ["a", "b", "c"]) stream.notify("notifications/progress", { progress: 1 }, { id });
      stream.end();
    }, answer);
    assert.ok((await call(gateway)).result);
    assert.equal(peer.all("GET", isResuming)[0].headers["last-event-id"], "c");
  });

  test("is resumed behind a priming event: an id, and data that is empty", async (t) => {
    const { peer, gateway } = await resumable(t, (x) => x.stream().event({ id: "prime", data: "" }).end(), answer);
    assert.deepEqual((await call(gateway)).result, { resumed: true });
    assert.equal(peer.all("GET", isResuming)[0].headers["last-event-id"], "prime");
  });

  test("may be closed by the server again and again: it is polled", async (t) => {
    const pause = (id) => (x) => x.stream().event({ id, retry: 20, data: "" }).end();
    const { peer, gateway } = await resumable(t, pause("p0"), pause("p1"), pause("p2"), pause("p3"), pause("p4"), answer);
    assert.deepEqual((await call(gateway)).result, { resumed: true });
    const ids = peer.all("GET", isResuming).map((x) => x.headers["last-event-id"]);
    assert.deepEqual(ids, ["p0", "p1", "p2", "p3", "p4"]);
    assert.equal(peer.count("tools/call"), 1);
  });

  test("is resumed after the time that retry: asks for (MUST)", async (t) => {
    let ended, resumed;
    const { gateway } = await resumable(t, (x) => {
      x.stream().event({ id: "p", retry: 500, data: "" }).end();
      ended = performance.now();
    }, (x) => { resumed = performance.now(); answer(x); });
    assert.ok((await call(gateway)).result);
    assert.ok(resumed - ended >= 480, `${resumed - ended} ms`);
  });

  test("delivers what it missed, in order and before the answer", async (t) => {
    const { gateway } = await resumable(t, (x) => {
      x.stream().notify("notifications/progress", { progress: 1 }, { id: "1" }).end();
    }, (x) => {
      const stream = x.stream();
      for (const n of [2, 3]) stream.notify("notifications/progress", { progress: n }, { id: `${n}` });
      stream.result(7, { resumed: true }, { id: "4" }).end();
    });
    assert.ok((await call(gateway)).result);
    const order = gateway.messages.filter((m) => m.method).map((m) => m.params.progress);
    assert.deepEqual(order, [1, 2, 3]);
  });

  test("delivers a question, whose answer is posted", async (t) => {
    let stream;
    const { peer, gateway } = await resumable(t, (x) => x.stream().event({ id: "p", data: "" }).end(),
      (x) => { stream = x.stream().ask("q", "roots/list", undefined, { id: "2" }); });
    const answered = call(gateway);
    gateway.reply(await gateway.question("roots/list"), { roots: [] });
    assert.equal((await peer.received("response")).message.id, "q");
    stream.result(7, { resumed: true }).end();
    assert.ok((await answered).result);
  });

  test("may break again without a new id: it is resumed from the old one", async (t) => {
    const { peer, gateway } = await resumable(t, (x) => x.stream().event({ id: "p", retry: 20, data: "" }).end(),
      (x) => x.stream().raw(": nothing new\n\n").end(), answer);
    assert.ok((await call(gateway)).result);
    assert.deepEqual(peer.all("GET", isResuming).map((x) => x.headers["last-event-id"]), ["p", "p"]);
  });

  test("is tried again when the network fails", async (t) => {
    const { gateway } = await resumable(t, (x) => x.stream().event({ id: "p", retry: 20, data: "" }).end(),
      (x) => x.drop(), answer);
    assert.deepEqual((await call(gateway)).result, { resumed: true });
  });

  for (const status of [400, 404, 405]) {
    test(`is one error when the server refuses to resume it with ${status}`, async (t) => {
      const { peer, gateway } = await resumable(t, (x) => x.stream().event({ id: "p", data: "" }).end(), (x) => x.send(status));
      assert.ok((await call(gateway)).error);
      await gateway.barrier();
      assert.equal(gateway.answers(7).length, 1);
      assert.equal(peer.count("tools/call"), 1);
    });
  }

  test("is one error when it can never be resumed", async (t) => {
    const { peer, gateway } = await resumable(t, (x) => x.stream().event({ id: "p", retry: 10, data: "" }).end(), (x) => x.reset());
    assert.ok((await call(gateway)).error);
    assert.equal(peer.count("tools/call"), 1);
  });

  test("is not resumed once its request is cancelled", async (t) => {
    const { peer, gateway } = await resumable(t, (x) => x.stream().event({ id: "p", retry: 300, data: "" }).end(), answer);
    gateway.send({ jsonrpc: "2.0", id: 7, method: "tools/call", params: {} });
    await (await peer.received("tools/call")).gone;
    gateway.cancel(7);
    await peer.received("notifications/cancelled");
    await gateway.barrier();
    assert.ok(!gateway.answers(7).some((m) => m.result));
  });
});

describe("a stream that needs no resumption", { concurrency: 4 }, () => {
  test("is left alone: it broke behind its answer", async (t) => {
    const { peer, gateway } = await resumable(t, async (x) => {
      const stream = x.stream().result(7, { ok: true }, { id: "ev-1" });
      await gateway.next((m) => m.id === 7, "the answer");
      stream.break();
    }, answer);
    gateway.send({ jsonrpc: "2.0", id: 7, method: "tools/call", params: {} });
    await (await peer.received("tools/call")).gone;
    assert.deepEqual(gateway.answers(7)[0].result, { ok: true });
    for (let n = 0; n < 5; ++n) await gateway.barrier();
    assert.equal(peer.count("GET", isResuming), 0);
  });

  test("cannot be resumed without an id: one error, and the call arrived once", async (t) => {
    const { peer, gateway } = await resumable(t, (x) => x.stream().notify("notifications/progress", { progress: 1 }).end(), answer);
    assert.ok((await call(gateway)).error);
    assert.equal(peer.count("GET", isResuming), 0);
    assert.equal(peer.count("tools/call"), 1);
  });

  test("is apart from the server's own stream: each is resumed with its own id", async (t) => {
    const peer = await startPeer(t);
    const own = [];
    peer.on("GET", (x) => {
      if (x.headers["last-event-id"]?.startsWith("call-")) return answer(x);
      return own.push(x.stream());
    });
    peer.on("tools/call", (x) => x.stream().event({ id: "call-1", retry: 20, data: "" }).end());
    const gateway = await connect(t, peer);
    await peer.received("GET");
    own[0].event({ id: "own-1", retry: 20, data: "" });
    assert.ok((await call(gateway)).result);
    own[0].end();
    await peer.received("GET", (x) => x.headers["last-event-id"] === "own-1");
  });
});
