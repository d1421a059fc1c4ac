// SPDX-License-Identifier: MIT
// 429 and 503 with Retry-After (RFC 9110, section 10.2.3): the server did not execute the request.
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { connect } from "./support/gateway.mjs";
import { startPeer } from "./support/peer.mjs";

const succeed = (x) => x.result({ done: true });
const refuse = (retryAfter, status = 429) => (x) =>
  x.send(status, "SECRETBODY", retryAfter === undefined ? {} : { "retry-after": retryAfter });
const httpDate = (ms) => new Date(Date.now() + ms).toUTCString();

async function limited(t, ...handlers) {
  const peer = await startPeer(t);
  const gateway = await connect(t, peer);
  const times = [];
  peer.on("tools/call", ...handlers.map((handler) => (x) => { times.push(performance.now()); handler(x); }));
  return { peer, gateway, times };
}

describe("a refused request is sent again", { concurrency: 8 }, () => {
  for (const status of [429, 503]) {
    test(`after the seconds that ${status} asks for (items 143, 150)`, async (t) => {
      const { gateway, times } = await limited(t, refuse("1", status), succeed);
      assert.deepEqual((await gateway.request("tools/call", {})).result, { done: true });
      assert.ok(times[1] - times[0] >= 950, `${times[1] - times[0]} ms`);
    });
  }

  test("at once when the answer is 0 (item 145)", async (t) => {
    const { gateway, times } = await limited(t, refuse("0"), succeed);
    assert.ok((await gateway.request("tools/call", {})).result);
    assert.ok(times[1] - times[0] < 900, `${times[1] - times[0]} ms`);
  });

  test("at once when the answer is negative (item 145)", async (t) => {
    const { gateway, times } = await limited(t, refuse("-5"), succeed);
    assert.ok((await gateway.request("tools/call", {})).result);
    assert.ok(times[1] - times[0] < 900, `${times[1] - times[0]} ms`);
  });

  test("after a fraction of a second (item 145)", async (t) => {
    const { gateway, times } = await limited(t, refuse("0.3"), succeed);
    assert.ok((await gateway.request("tools/call", {})).result);
    const waited = times[1] - times[0];
    assert.ok(waited >= 280 && waited < 950, `${waited} ms`);
  });

  test("at once when the date is past (item 147)", async (t) => {
    const { gateway, times } = await limited(t, refuse(httpDate(-3_600_000)), succeed);
    assert.ok((await gateway.request("tools/call", {})).result);
    assert.ok(times[1] - times[0] < 900, `${times[1] - times[0]} ms`);
  });

  test("at a date to come (item 147)", async (t) => {
    const { gateway, times } = await limited(t, (x) => refuse(httpDate(2500))(x), succeed);
    assert.ok((await gateway.request("tools/call", {})).result);
    assert.ok(times[1] - times[0] >= 1000, `${times[1] - times[0]} ms`);
  });

  for (const value of [undefined, "", "soon", "nan", "inf", "1e", "Mon, 99 Foo 2020 00:00:00 GMT"]) {
    test(`after one second when Retry-After is ${JSON.stringify(value)} (items 144, 146)`, async (t) => {
      const { gateway, times } = await limited(t, refuse(value), succeed);
      assert.ok((await gateway.request("tools/call", {})).result);
      assert.ok(times[1] - times[0] >= 900, `${times[1] - times[0]} ms`);
    });
  }

  // Proxies say 503 also when the connection behind them broke under the request.
  test("if it is a query and 503 names no time", async (t) => {
    const peer = await startPeer(t);
    const gateway = await connect(t, peer);
    peer.on("resources/read", refuse(undefined, 503), succeed);
    assert.ok((await gateway.request("resources/read", { uri: "a:b" })).result);
  });

  test("not if it is a tools/call and 503 names no time", async (t) => {
    const { peer, gateway } = await limited(t, refuse(undefined, 503), succeed);
    assert.match((await gateway.request("tools/call", {})).error.message, /503/);
    assert.equal(peer.count("tools/call"), 1);
  });

  test("also when it is initialize", async (t) => {
    const peer = await startPeer(t);
    peer.on("initialize", refuse("0"), (x) => peer.initialize(x));
    await connect(t, peer);
    assert.equal(peer.count("initialize"), 2);
  });

  test("also when it is a notification", async (t) => {
    const kind = "notifications/roots/list_changed";
    const peer = await startPeer(t);
    const gateway = await connect(t, peer);
    peer.on(kind, refuse("0"), (x) => x.accept());
    gateway.notify(kind);
    await peer.received(kind);
    await peer.received(kind);
  });

  test("also when it asks for the second page of a list (item 151)", async (t) => {
    const peer = await startPeer(t);
    const gateway = await connect(t, peer);
    peer.on("tools/list",
      (x) => x.result({ tools: [{ name: "a" }], nextCursor: "2" }), refuse("0"),
      (x) => x.result({ tools: [{ name: "b" }] }));
    const { result } = await gateway.request("tools/list");
    assert.deepEqual(result.tools.map((tool) => tool.name), ["a", "b"]);
  });
});

describe("a refusal is handed on", { concurrency: 8 }, () => {
  for (const status of [429, 503]) {
    test(`after the third ${status}, with what the server asked for (items 149, 152)`, async (t) => {
      const { peer, gateway } = await limited(t, refuse("0", status));
      const answer = await gateway.request("tools/call", {});
      assert.match(answer.error.message, new RegExp(`${status}`));
      assert.equal(answer.error.data.retryAfter, 0);
      assert.equal(peer.count("tools/call"), 3);
      assert.doesNotMatch(gateway.textOf(answer), /SECRETBODY/);
    });
  }

  for (const [value, seconds] of [["61", 61], ["3600", 3600]]) {
    test(`at once when the wait would be ${value} seconds (item 148)`, async (t) => {
      const { peer, gateway } = await limited(t, refuse(value));
      const answer = await gateway.request("tools/call", {});
      assert.match(answer.error.message, /429/);
      assert.equal(answer.error.data.retryAfter, seconds);
      assert.equal(peer.count("tools/call"), 1);
    });
  }

  test("without a number when none is known (item 152)", async (t) => {
    const { gateway } = await limited(t, refuse(undefined));
    const answer = await gateway.request("tools/call", {});
    assert.match(answer.error.message, /429/);
    assert.equal(answer.error.data?.retryAfter, undefined);
  });

  test("not when exactly 60 seconds are asked for: they are waited for (item 148)", async (t) => {
    const { peer, gateway } = await limited(t, refuse("60"));
    gateway.send({ jsonrpc: "2.0", id: 7, method: "tools/call", params: {} });
    await (await peer.received("tools/call")).gone;
    await gateway.barrier();
    await gateway.barrier();
    assert.equal(gateway.answers(7).length, 0);
  });
});

describe("while it waits", { concurrency: 8 }, () => {
  test("other requests are served", async (t) => {
    const { peer, gateway } = await limited(t, refuse("2"), succeed);
    gateway.send({ jsonrpc: "2.0", id: 7, method: "tools/call", params: {} });
    await peer.received("tools/call");
    await gateway.barrier();
    assert.equal(peer.count("tools/call"), 1);
    assert.ok((await gateway.answer(7)).result);
  });

  test("a cancelled request is not sent again", async (t) => {
    const peer = await startPeer(t);
    const gateway = await connect(t, peer);
    peer.on("tools/call", (x) => (x.params.again ? succeed(x) : refuse("1")(x)));
    peer.on("acme/clock", refuse("1"), succeed);
    gateway.send({ jsonrpc: "2.0", id: 7, method: "tools/call", params: {} });
    await (await peer.received("tools/call")).gone;
    gateway.cancel(7);
    // Refused later for as long: when it is through, the cancelled one's time is over.
    assert.ok((await gateway.request("acme/clock", {})).result);
    assert.equal(peer.count("tools/call"), 1);
    assert.ok(!gateway.answers(7).some((m) => m.result));
  });

  test("the end of stdin is answered with an error in good time", async (t) => {
    const { peer, gateway } = await limited(t, refuse("50"));
    gateway.send({ jsonrpc: "2.0", id: 7, method: "tools/call", params: {} });
    await (await peer.received("tools/call")).gone;
    gateway.end();
    assert.ok((await gateway.answer(7)).error);
    assert.equal((await gateway.exit()).code, 0);
  });
});
