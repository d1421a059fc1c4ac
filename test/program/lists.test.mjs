// SPDX-License-Identifier: MIT
// Lists in pages become one list: many clients read the first page only (MCP, utilities, Pagination).
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { connect } from "./support/gateway.mjs";
import { startPeer } from "./support/peer.mjs";

const kMembers = {
  "tools/list": "tools",
  "resources/list": "resources",
  "resources/templates/list": "resourceTemplates",
  "prompts/list": "prompts",
};

// A handler that answers with the pages, each reached by the cursor before it.
function paged(pages, { sse = false } = {}) {
  return (x) => {
    const at = x.params?.cursor === undefined ? 0 : Number(x.params.cursor.slice(1));
    const result = { ...pages[at], ...(at + 1 < pages.length ? { nextCursor: `c${at + 1}` } : {}) };
    if (sse) x.stream().result(x.id, result).end();
    else x.result(result);
  };
}

async function listed(t, method, handler, params) {
  const peer = await startPeer(t);
  peer.on(method, ...[handler].flat());
  const gateway = await connect(t, peer);
  const answer = await gateway.request(method, params);
  await gateway.barrier();
  assert.equal(gateway.answers(answer.id).length, 1);
  return { peer, gateway, answer, result: answer.result };
}

const tool = (name) => ({ name, inputSchema: { type: "object" } });
const names = (result) => result.tools.map((one) => one.name);

describe("a list", { concurrency: 4 }, () => {
  for (const [method, member] of Object.entries(kMembers)) {
    for (const sse of [false, true]) {
      test(`${method} in three pages${sse ? " in event streams" : ""} is merged (items 164, 168)`, async (t) => {
        const pages = [{ [member]: [{ name: "a" }, { name: "b" }] }, { [member]: [] }, { [member]: [{ name: "c" }] }];
        const { peer, result } = await listed(t, method, paged(pages, { sse }));
        assert.deepEqual(result[member].map((one) => one.name), ["a", "b", "c"]);
        assert.equal("nextCursor" in result, false);
        assert.equal(peer.count(method), 3);
      });
    }
  }

  test("in one page takes one request and arrives unchanged (item 165)", async (t) => {
    const peer = await startPeer(t);
    const text = '{"tools":[{"name":"a","n":1.0,"big":12345678901234567890}],"z":1,"a":2}';
    peer.on("tools/list", (x) => x.json(`{"jsonrpc":"2.0","id":${x.id},"result":${text}}`));
    const gateway = await connect(t, peer);
    const answer = await gateway.request("tools/list");
    assert.ok(gateway.textOf(answer).includes(text));
    assert.equal(peer.count("tools/list"), 1);
  });

  test("keeps the bytes of its elements", async (t) => {
    const peer = await startPeer(t);
    const first = '{"name":"a","big":12345678901234567890,"exact":1.0}';
    const second = '{"name":"b","escaped":"\\u0041\\/"}';
    peer.on("tools/list",
      (x) => x.json(`{"jsonrpc":"2.0","id":${x.id},"result":{"tools":[${first}],"nextCursor":"x"}}`),
      (x) => x.json(`{"jsonrpc":"2.0","id":${x.id},"result":{"tools":[${second}]}}`));
    const gateway = await connect(t, peer);
    const text = gateway.textOf(await gateway.request("tools/list"));
    assert.ok(text.includes(first) && text.includes(second), text);
  });

  test("asked for with a cursor is the client's own business (item 166)", async (t) => {
    const pages = [{ tools: [tool("a")] }, { tools: [tool("b")] }, { tools: [tool("c")] }];
    const { peer, result } = await listed(t, "tools/list", paged(pages), { cursor: "c1" });
    assert.deepEqual(names(result), ["b"]);
    assert.equal(result.nextCursor, "c2");
    assert.equal(peer.count("tools/list"), 1);
  });

  test("asked for with empty params is merged (item 167)", async (t) => {
    const { result } = await listed(t, "tools/list", paged([{ tools: [tool("a")] }, { tools: [tool("b")] }]), {});
    assert.deepEqual(names(result), ["a", "b"]);
  });

  test("is asked for page by page with the client's other params", async (t) => {
    const pages = [{ tools: [tool("a")] }, { tools: [tool("b")] }];
    const { peer } = await listed(t, "tools/list", paged(pages), { _meta: { progressToken: 5 }, extra: [1] });
    const [first, second] = peer.all("tools/list");
    assert.deepEqual(first.params, { _meta: { progressToken: 5 }, extra: [1] });
    assert.deepEqual(second.params, { ...first.params, cursor: "c1" });
  });

  test("whose cursor leads to itself ends there, and has nothing twice", async (t) => {
    const ignored = () => ({ tools: [tool("a")], nextCursor: "c1" });
    const { peer, result } = await listed(t, "tools/list", (x) => x.result(ignored()));
    assert.deepEqual(result, { tools: [tool("a")] });
    assert.equal(peer.count("tools/list"), 2);
    const late = (x) => x.result({ tools: [tool(x.params?.cursor ? "b" : "a")], nextCursor: "c1" });
    assert.deepEqual((await listed(t, "tools/list", late)).result, { tools: [tool("a"), tool("b")] });
  });

  test("whose cursors never end stops after 100 pages, resumable (item 169)", async (t) => {
    let page = 0;
    const { peer, result } = await listed(t, "tools/list", (x) => x.result({ tools: [tool(`t${page}`)], nextCursor: `n${++page}` }));
    assert.equal(peer.count("tools/list"), 100);
    assert.equal(result.tools.length, 100);
    assert.equal(result.nextCursor, "n100");
  });

  for (const end of [null, ""]) {
    test(`ends with the cursor ${JSON.stringify(end)} (item 175)`, async (t) => {
      const { peer, result } = await listed(t, "tools/list", (x) => x.result({ tools: [tool("a")], nextCursor: end }));
      assert.deepEqual(names(result), ["a"]);
      assert.equal(peer.count("tools/list"), 1);
    });
  }

  test("sent as a notification gets no answer (item 176)", async (t) => {
    const peer = await startPeer(t);
    peer.on("tools/list", (x) => x.accept());
    const gateway = await connect(t, peer);
    gateway.notify("tools/list");
    await peer.received("tools/list");
    await gateway.barrier();
    assert.equal(gateway.messages.length, 2);
  });

  test("lets other messages of its streams through (item 177)", async (t) => {
    const note = (n) => ["notifications/message", { level: "info", data: n }];
    const { gateway } = await listed(t, "tools/list", [
      (x) => x.stream().notify(...note(1)).result(x.id, { tools: [], nextCursor: "x" }).end(),
      (x) => x.stream().notify(...note(2)).result(x.id, { tools: [] }).end(),
    ]);
    assert.deepEqual(gateway.messages.filter((m) => m.method).map((m) => m.params.data), [1, 2]);
  });

  test("keeps fields that later pages add (item 174)", async (t) => {
    const pages = [{ tools: [tool("a")], x: 1, y: 1 }, { tools: [tool("b")], y: 2, _meta: { z: 3 } }];
    const { result } = await listed(t, "tools/list", paged(pages));
    assert.equal(result.x, 1);
    assert.equal(result.y, 2);
    assert.deepEqual(result._meta, { z: 3 });
  });

  test("that is no list on one page counts as empty there (item 178)", async (t) => {
    const pages = [{ tools: [tool("a")] }, { tools: "oops" }, { tools: [tool("c")] }];
    const { result } = await listed(t, "tools/list", paged(pages));
    assert.deepEqual(names(result), ["a", "c"]);
  });
});

describe("a page that fails", { concurrency: 4 }, () => {
  const first = (x) => x.result({ tools: [tool("a")], nextCursor: "c1" });
  const failures = {
    "HTTP 500": (x) => x.send(500),
    "a broken connection, three times": (x) => x.drop(),
    "something that is not JSON": (x) => x.json("oops"),
    "a JSON-RPC error": (x) => x.error(-32603, "no"),
    "an answer without a result": (x) => x.json({ jsonrpc: "2.0", id: x.id }),
  };
  for (const [what, failure] of Object.entries(failures)) {
    test(`behind the first with ${what} leaves what there is, resumable (item 170)`, async (t) => {
      const { peer, result } = await listed(t, "tools/list", [first, failure]);
      assert.ok(peer.count("tools/list") >= 2);
      assert.deepEqual(names(result), ["a"]);
      assert.equal(result.nextCursor, "c1");
    });
  }

  test("as the first with a JSON-RPC error is that error (item 173)", async (t) => {
    const { answer } = await listed(t, "tools/list", (x) => x.error(-32603, "no tools today"));
    assert.deepEqual(answer.error, { code: -32603, message: "no tools today" });
  });

  test("as the first with HTTP 500 is an error with that status", async (t) => {
    const { answer } = await listed(t, "tools/list", (x) => x.send(500));
    assert.match(answer.error.message, /500/);
  });

  test("does not go on when the client cancels in between", async (t) => {
    const peer = await startPeer(t);
    const gateway = await connect(t, peer);
    peer.on("tools/list", first, () => {});
    gateway.send({ jsonrpc: "2.0", id: 7, method: "tools/list" });
    await peer.received("tools/list");
    const second = await peer.received("tools/list");
    gateway.cancel(7);
    await peer.received("notifications/cancelled");
    if (!second.response.destroyed) second.result({ tools: [], nextCursor: "c2" });
    await gateway.barrier();
    await gateway.barrier();
    assert.equal(peer.count("tools/list"), 2);
    assert.ok(!gateway.answers(7).some((m) => m.result));
  });
});

describe("cache hints", { concurrency: 4 }, () => {
  async function hints(t, ...pages) {
    const { result } = await listed(t, "tools/list", paged(pages.map((hint) => ({ tools: [], ...hint }))));
    return [result.ttlMs, result.cacheScope];
  }

  test("the smallest ttlMs and private win (item 179)", async (t) => {
    assert.deepEqual(await hints(t, { ttlMs: 500, cacheScope: "public" }, { ttlMs: 200, cacheScope: "private" }, { ttlMs: 300, cacheScope: "public" }), [200, "private"]);
  });
  test("public stays public", async (t) => {
    assert.deepEqual(await hints(t, { ttlMs: 500, cacheScope: "public" }, { ttlMs: 500, cacheScope: "public" }), [500, "public"]);
  });
  test("missing on one page become 0 and private (item 180)", async (t) => {
    assert.deepEqual(await hints(t, { ttlMs: 500, cacheScope: "public" }, {}), [0, "private"]);
    assert.deepEqual(await hints(t, {}, { ttlMs: 500, cacheScope: "public" }), [0, "private"]);
  });
  test("absent everywhere stay absent (item 181)", async (t) => {
    assert.deepEqual(await hints(t, {}, {}), [undefined, undefined]);
  });
  for (const bad of [true, [], "5", -1, null, {}]) {
    test(`ttlMs ${JSON.stringify(bad)} is invalid (item 182)`, async (t) => {
      assert.equal((await hints(t, { ttlMs: 500 }, { ttlMs: bad }))[0], 0);
    });
  }
  test("a huge ttlMs is valid (item 182)", async (t) => {
    assert.equal((await hints(t, { ttlMs: 1e30 }, { ttlMs: 500 }))[0], 500);
  });
  for (const bad of ["Public", "", 1, null]) {
    test(`cacheScope ${JSON.stringify(bad)} is invalid (item 182)`, async (t) => {
      assert.equal((await hints(t, { cacheScope: "public" }, { cacheScope: bad }))[1], "private");
    });
  }
});
