// SPDX-License-Identifier: MIT
// Lines in, lines out: what counts as a message, and what becomes of everything else.
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { connect, start } from "./support/gateway.mjs";
import { startPeer } from "./support/peer.mjs";

const kParseError = -32700;
const kInvalidRequest = -32600;

function echo(exchange) {
  exchange.result({ content: [], echoed: exchange.params });
}

async function echoing(t, options = {}) {
  const peer = await startPeer(t, options.peer);
  peer.on("tools/call", echo);
  return { peer, gateway: await connect(t, peer, options.args, options) };
}

function call(id, params) {
  return { jsonrpc: "2.0", id, method: "tools/call", params };
}

// The server saw nothing but the handshake and pings.
function assertNothingSent(peer) {
  const usual = ["initialize", "notifications/initialized", "ping", "GET", "server/discover"];
  assert.deepEqual(peer.requests.map((x) => x.kind).filter((kind) => !usual.includes(kind)), []);
}

describe("lines from the client", { concurrency: 4 }, () => {
  test("blank lines are skipped (item 96)", async (t) => {
    const { peer, gateway } = await echoing(t);
    gateway.write("\n   \n\t\n\r\n");
    await gateway.barrier();
    assertNothingSent(peer);
    assert.equal(gateway.messages.length, 2);
  });

  test("white space around a message and CRLF line ends do not matter (C.1)", async (t) => {
    const { gateway } = await echoing(t);
    gateway.expect(7);
    gateway.write(`  ${JSON.stringify(call(7, { name: "a" }))} \t\r\n`);
    assert.deepEqual((await gateway.answer(7)).result.echoed, { name: "a" });
  });

  test("a message may arrive in pieces, split inside a character", async (t) => {
    const { gateway } = await echoing(t);
    const bytes = Buffer.from(`${JSON.stringify(call(7, { name: "ж" }))}\n`);
    const middle = bytes.indexOf("ж") + 1;
    gateway.expect(7);
    await gateway.write(bytes.subarray(0, middle));
    gateway.write(bytes.subarray(middle));
    assert.deepEqual((await gateway.answer(7)).result.echoed, { name: "ж" });
  });

  test("the last line needs no line end when stdin ends", async (t) => {
    const { gateway } = await echoing(t);
    gateway.expect(7);
    gateway.write(JSON.stringify(call(7, { name: "a" })));
    gateway.end();
    assert.ok((await gateway.answer(7)).result);
    assert.deepEqual(await gateway.exit(), { code: 0, signal: null });
  });

  for (const id of [0, 1, -5, 1.5, 4294967296, "", "a", "1", "с пробелом \u2028", "\"\\\n"]) {
    test(`the id ${JSON.stringify(id)} comes back as it was (item 98)`, async (t) => {
      const { gateway } = await echoing(t);
      assert.ok((await gateway.request("tools/call", { name: "a" }, { id })).result);
    });
  }

  test("an id beyond 2^53 comes back with every digit", async (t) => {
    const { peer, gateway } = await echoing(t);
    peer.on("tools/call", (x) => {
      const [, id] = /"id":\s*([^,}]+)/.exec(x.text);
      x.json(`{"jsonrpc":"2.0","id":${id},"result":{}}`);
    });
    gateway.send('{"jsonrpc":"2.0","id":9007199254740993,"method":"tools/call","params":{}}');
    const answer = await gateway.next((m) => m.id > 9e15);
    assert.match(gateway.textOf(answer), /"id":\s*9007199254740993\b/);
  });

  test("an id that is null gets one answer, under null (item 98)", async (t) => {
    const { gateway } = await echoing(t);
    gateway.send('{"jsonrpc":"2.0","id":null,"method":"tools/call","params":{}}');
    await gateway.answer(null);
    await gateway.barrier();
    assert.equal(gateway.answers(null).length, 1);
  });

  for (const id of ["{}", "[1]", "true"]) {
    test(`the id ${id} is refused with -32600`, async (t) => {
      const { peer, gateway } = await echoing(t);
      gateway.write(`{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{}}\n`);
      assert.equal((await gateway.answer(null)).error.code, kInvalidRequest);
      await gateway.barrier();
      assertNothingSent(peer);
    });
  }

  for (const [what, line] of [
    ["not JSON", "hello there"],
    ["cut off", '{"jsonrpc":"2.0","method":"tools/call","params":{'],
    ["two values", '{"jsonrpc":"2.0","method":"x"} {}'],
  ]) {
    test(`a line that is ${what} is answered with -32700 and id null`, async (t) => {
      const { peer, gateway } = await echoing(t);
      gateway.write(`${line}\n`);
      assert.equal((await gateway.answer(null)).error.code, kParseError);
      await gateway.barrier();
      assertNothingSent(peer);
    });
  }

  for (const line of ["42", '"ping"', "true", "null"]) {
    test(`the bare value ${line} is answered with -32600 and id null`, async (t) => {
      const { peer, gateway } = await echoing(t);
      gateway.write(`${line}\n`);
      assert.equal((await gateway.answer(null)).error.code, kInvalidRequest);
      await gateway.barrier();
      assertNothingSent(peer);
    });
  }

  test("an object that is no message is answered with -32600 under its id", async (t) => {
    const { peer, gateway } = await echoing(t);
    gateway.send({ jsonrpc: "2.0", id: 5, params: {} });
    assert.equal((await gateway.answer(5)).error.code, kInvalidRequest);
    await gateway.barrier();
    assertNothingSent(peer);
  });

  test("invalid UTF-8 is answered with -32700 and the relay lives on", async (t) => {
    const { peer, gateway } = await echoing(t);
    gateway.expect(7);
    gateway.write(Buffer.from('{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"a":"'));
    gateway.write(Buffer.from([0xc3, 0x28, 0xff]));
    gateway.write(Buffer.from('"}}\n'));
    const answer = await gateway.next((m) => m.error, "an error");
    assert.equal(answer.error.code, kParseError);
    assert.ok(answer.id === 7 || answer.id === null);
    await gateway.barrier();
    assertNothingSent(peer);
  });

  test("a raw U+2028 or U+2029 does not end a line (item 161)", async (t) => {
    const { gateway } = await echoing(t);
    const name = "a\u2028b\u2029c\u0085d";
    const answer = await gateway.request("tools/call", { name });
    assert.equal(answer.result.echoed.name, name);
  });

  test("a line above --max-message-size is refused under its id, and the next one is served", async (t) => {
    const { peer, gateway } = await echoing(t, { args: ["--max-message-size", "2000"] });
    gateway.send(call(7, { name: "x".repeat(5000) }));
    assert.equal((await gateway.answer(7)).error.code, kInvalidRequest);
    assert.ok((await gateway.request("tools/call", { name: "a" })).result);
    assert.equal(peer.count("tools/call"), 1);
  });

  test("much that nobody can use is answered line by line, when the client gets to reading", async (t) => {
    const { gateway } = await echoing(t);
    const before = gateway.messages.length;
    gateway.child.stdout.pause();
    const said = gateway.write("x\n".repeat(20_000));
    gateway.child.stdout.resume();
    await said;
    await gateway.barrier();
    assert.equal(gateway.messages.slice(before).filter((m) => m.error?.code === kParseError).length, 20_000);
  });

  test("an endless line does not grow the process: it is refused while it is still arriving", async (t) => {
    const { gateway } = await echoing(t, { args: ["--max-message-size", "2000"] });
    gateway.write("x".repeat(3_000_000));
    gateway.write("\n");
    assert.ok((await gateway.answer(null)).error);
    await gateway.barrier();
  });

  test("nesting without end is refused or passed on, but harms nobody", async (t) => {
    const { gateway } = await echoing(t);
    const deep = "[".repeat(100_000) + "]".repeat(100_000);
    gateway.send(`{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":${deep}}}`);
    await gateway.next((m) => m.id === 7 || m.id === null, "some answer");
    await gateway.barrier();
  });

  // What we decide on is what the server reads: other parsers take the last of two members.
  for (const [what, line] of [
    ["a method written twice", '{"jsonrpc":"2.0","id":7,"method":"ping","method":"tools/call","params":{}}'],
    ["a method name written with an escape", '{"jsonrpc":"2.0","id":7,"\\u006dethod":"tools/call","params":{}}'],
    ["a tool name written twice", '{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"a","name":"b"}}'],
    ["a method written in two ways", '{"jsonrpc":"2.0","id":7,"method":"ping","Method":"tools/call","params":{}}'],
    ["a tool name written in two ways", '{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"a","NAME":"b"}}'],
    ["a tool name key with an escape", '{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"n\\u0061me":"a"}}'],
  ]) {
    test(`${what} is refused with -32600`, async (t) => {
      const { peer, gateway } = await echoing(t);
      gateway.send(line);
      assert.equal((await gateway.next((m) => m.id === 7)).error.code, kInvalidRequest);
      await gateway.barrier();
      assertNothingSent(peer);
    });
  }

  test("a second request under an id in flight is refused with -32600", async (t) => {
    const { peer, gateway } = await echoing(t);
    peer.on("tools/call", () => {});
    gateway.send(call(7, { name: "slow" }));
    const first = await peer.received("tools/call");
    const second = await gateway.request("tools/call", { name: "b" }, { id: 7 });
    assert.equal(second.error.code, kInvalidRequest);
    first.result({ content: ["first"] });
    assert.deepEqual((await gateway.answer(7)).result.content, ["first"]);
    assert.equal(peer.count("tools/call"), 1);
  });
});

describe("payloads", { concurrency: 4 }, () => {
  const kParams =
    '{"name":"a","arguments":{"big":12345678901234567890,"exact":1.0,"tiny":1e-400,"b":1E5,' +
    '"escaped":"\\u0041\\/\\ud83d\\ude00","lone":"\\ud800","twice":1,"twice":2,"z":null,"a":[ 1 , 2 ]}}';

  test("reach the server with every byte unchanged", async (t) => {
    const { peer, gateway } = await echoing(t);
    gateway.send(`{"jsonrpc":"2.0","id":7,"method":"tools/call","params":${kParams},"unknown":{"b":1,"a":2}}`);
    await gateway.answer(7);
    const { text } = await peer.received("tools/call");
    assert.ok(text.includes(kParams), text);
    assert.ok(text.includes('"unknown":{"b":1,"a":2}'), text);
  });

  test("reach the client with every byte unchanged, from a JSON body", async (t) => {
    const { peer, gateway } = await echoing(t);
    peer.on("tools/call", (x) => x.json(`{"result":${kParams},"extra":1.50,"id":7,"jsonrpc":"2.0"}`));
    const answer = await gateway.request("tools/call", {}, { id: 7 });
    assert.equal(gateway.textOf(answer), `{"result":${kParams},"extra":1.50,"id":7,"jsonrpc":"2.0"}`);
  });

  test("reach the client with every byte unchanged, from an event", async (t) => {
    const { peer, gateway } = await echoing(t);
    const line = `{"result":${kParams},"extra":1.50,"id":7,"jsonrpc":"2.0"}`;
    peer.on("tools/call", (x) => x.stream().event({ data: line }).end());
    const answer = await gateway.request("tools/call", {}, { id: 7 });
    assert.equal(gateway.textOf(answer), line);
  });

  test("of 5 MB pass in both directions", async (t) => {
    const { gateway } = await echoing(t);
    const text = "äöü\"\\ 0123456789".repeat(300_000);
    const answer = await gateway.request("tools/call", { name: "a", arguments: { text } });
    assert.equal(answer.result.echoed.arguments.text, text);
  });

  test("in a pretty-printed body become one line", async (t) => {
    const { peer, gateway } = await echoing(t);
    const result = { content: [{ type: "text", text: "two\nlines" }], list: [1, { a: [] }] };
    peer.on("tools/call", (x) => x.json(JSON.stringify({ jsonrpc: "2.0", id: x.id, result }, null, 2)));
    assert.deepEqual((await gateway.request("tools/call", {})).result, result);
  });

  test("in a body with CRLF between its tokens become one line", async (t) => {
    const { peer, gateway } = await echoing(t);
    peer.on("tools/call", (x) => x.json(`{\r\n"jsonrpc":"2.0",\r\n"id":${x.id},\r\n"result":{}\r\n}\r\n`));
    assert.deepEqual((await gateway.request("tools/call", {})).result, {});
  });

  test("in an event of several data lines become one line (item 154)", async (t) => {
    const { peer, gateway } = await echoing(t);
    peer.on("tools/call", (x) =>
      x.stream().raw(`data: {"jsonrpc":"2.0",\ndata: "id":${x.id},\ndata:\ndata: "result":{"a":1}}\n\n`).end());
    assert.deepEqual((await gateway.request("tools/call", {})).result, { a: 1 });
  });

  for (const framing of ["a JSON body", "an event"]) {
    test(`with a raw U+2028 or U+2029 in ${framing} get it escaped (item 162)`, async (t) => {
      const { peer, gateway } = await echoing(t);
      peer.on("tools/call", (x) => {
        const text = `{"jsonrpc":"2.0","id":${x.id},"result":{"text":"a\u2028b\u2029c"}}`;
        if (framing === "an event") x.stream().event({ data: text }).end();
        else x.json(text);
      });
      const answer = await gateway.request("tools/call", {});
      assert.equal(answer.result.text, "a\u2028b\u2029c");
      assert.match(gateway.textOf(answer), /"a\\u2028b\\u2029c"/);
    });
  }

  test("with invalid UTF-8 from the server become an error without the bytes", async (t) => {
    const { peer, gateway } = await echoing(t);
    peer.on("tools/call", (x) => {
      const start = Buffer.from(`{"jsonrpc":"2.0","id":${x.id},"result":{"text":"SECRETBODY`);
      x.send(200, Buffer.concat([start, Buffer.from([0xff]), Buffer.from('"}}')]), {
        "content-type": "application/json",
      });
    });
    const answer = await gateway.request("tools/call", {});
    assert.ok(answer.error);
    assert.doesNotMatch(gateway.textOf(answer), /SECRETBODY/);
    await gateway.barrier();
  });
});

describe("batches from the client", { concurrency: 4 }, () => {
  test("are answered with one array where 2025-03-26 was negotiated", async (t) => {
    const { peer, gateway } = await echoing(t, { version: "2025-03-26" });
    const note = { jsonrpc: "2.0", method: "notifications/roots/list_changed" };
    gateway.send([call(1001, { name: "a" }), note, call("b", { name: "b" })]);
    const answer = await gateway.next(Array.isArray, "an array");
    const byId = Object.fromEntries(answer.map((one) => [one.id, one.result.echoed.name]));
    assert.deepEqual(byId, { 1001: "a", b: "b" });
    await peer.received("notifications/roots/list_changed");
  });

  test("reach the server as single messages", async (t) => {
    const { peer, gateway } = await echoing(t, { version: "2025-03-26" });
    gateway.send([call(1001, { name: "a" }), call(1002, { name: "b" })]);
    await gateway.next(Array.isArray, "an array");
    assert.equal(peer.requests.filter((x) => Array.isArray(x.message)).length, 0);
    assert.equal(peer.count("tools/call"), 2);
  });

  test("of nothing but notifications get no answer", async (t) => {
    const { peer, gateway } = await echoing(t, { version: "2025-03-26" });
    gateway.send([{ jsonrpc: "2.0", method: "notifications/roots/list_changed" }]);
    await peer.received("notifications/roots/list_changed");
    await gateway.barrier();
    assert.equal(gateway.messages.length, 2);
  });

  test("with a useless element get -32600 for that element", async (t) => {
    const { gateway } = await echoing(t, { version: "2025-03-26" });
    gateway.send([call(1001, { name: "a" }), 42]);
    const answer = await gateway.next(Array.isArray, "an array");
    assert.ok(answer.find((one) => one.id === 1001).result);
    assert.equal(answer.find((one) => one.id === null).error.code, kInvalidRequest);
  });

  for (const version of ["2024-11-05", "2025-06-18", "2025-11-25"]) {
    test(`are refused with one -32600 under ${version}`, async (t) => {
      const { peer, gateway } = await echoing(t, { version });
      gateway.write(`${JSON.stringify([call(1001, { name: "a" }), call(1002, { name: "b" })])}\n`);
      assert.equal((await gateway.answer(null)).error.code, kInvalidRequest);
      await gateway.barrier();
      assert.equal(gateway.messages.length, 3);
      assertNothingSent(peer);
    });
  }

  for (const version of ["2025-03-26", "2025-11-25"]) {
    test(`of no elements are refused with one -32600 under ${version}`, async (t) => {
      const { gateway } = await echoing(t, { version });
      gateway.write("[]\n");
      assert.equal((await gateway.answer(null)).error.code, kInvalidRequest);
    });
  }
});

describe("batches from the server", { concurrency: 4 }, () => {
  const note = { jsonrpc: "2.0", method: "notifications/message", params: { level: "info", data: "a" } };

  test("in a JSON body are taken apart", async (t) => {
    const { peer, gateway } = await echoing(t, { version: "2025-03-26" });
    peer.on("tools/call", (x) => x.json([note, { jsonrpc: "2.0", id: x.id, result: { ok: true } }]));
    assert.deepEqual((await gateway.request("tools/call", {})).result, { ok: true });
    await gateway.notification("notifications/message");
  });

  test("in an event are taken apart", async (t) => {
    const { peer, gateway } = await echoing(t);
    peer.on("tools/call", (x) =>
      x.stream().message([note, note, { jsonrpc: "2.0", id: x.id, result: { ok: true } }]).end());
    assert.deepEqual((await gateway.request("tools/call", {})).result, { ok: true });
    assert.equal(gateway.messages.filter((m) => m.method === note.method).length, 2);
  });
});

test("before initialize a request is still answered", async (t) => {
  const peer = await startPeer(t, { sessions: false });
  const gateway = start(t, [peer.url, "--transport", "streamable-http"]);
  assert.ok("id" in (await gateway.request("ping")));
});
