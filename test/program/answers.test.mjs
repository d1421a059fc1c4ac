// SPDX-License-Identifier: MIT
// Streamable HTTP: what a server may answer to a POST, and that each request gets exactly one answer.
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { connect } from "./support/gateway.mjs";
import { startPeer } from "./support/peer.mjs";

async function started(t, args = [], options = {}) {
  const peer = await startPeer(t, options.peer);
  return { peer, gateway: await connect(t, peer, args, options) };
}

const note = (n) => ({ jsonrpc: "2.0", method: "notifications/message", params: { level: "info", data: n } });
const answerTo = (x, result = { ok: true }) => ({ jsonrpc: "2.0", id: x.id, result });

// Asks for a tool call that the handler answers.
async function callAnsweredBy(t, handler, args) {
  const { peer, gateway } = await started(t, args);
  peer.on("tools/call", handler);
  const answer = await gateway.request("tools/call", { name: "a", arguments: {} });
  return { peer, gateway, answer };
}

// One error under the request's id, nothing behind it, and the relay goes on.
async function assertOneError({ peer, gateway, answer }, ...facts) {
  assert.ok(answer.error, JSON.stringify(answer));
  for (const fact of facts) assert.match(answer.error.message, fact);
  await gateway.barrier();
  assert.equal(gateway.answers(answer.id).length, 1);
  assert.equal(peer.count("tools/call"), 1);
}

describe("the request", { concurrency: 4 }, () => {
  test("is a POST of JSON that accepts JSON and event streams", async (t) => {
    const { peer } = await callAnsweredBy(t, (x) => x.result({}));
    const { method, headers } = await peer.received("tools/call");
    assert.equal(method, "POST");
    assert.match(headers["content-type"], /^application\/json/);
    assert.match(headers.accept, /application\/json/);
    assert.match(headers.accept, /text\/event-stream/);
  });

  test("never asks for permission to send its body first", async (t) => {
    const { peer, gateway } = await started(t);
    peer.on("tools/call", (x) => x.result({}));
    await gateway.request("tools/call", { name: "a", arguments: { text: "x".repeat(2_000_000) } });
    const { headers } = await peer.received("tools/call");
    assert.equal(headers.expect, undefined);
  });
});

describe("a JSON answer", { concurrency: 4 }, () => {
  test("is written as one line (item 94)", async (t) => {
    const { answer } = await callAnsweredBy(t, (x) => x.result({ content: [1] }));
    assert.deepEqual(answer.result, { content: [1] });
  });

  test("may be an error with data", async (t) => {
    const error = { code: -32042, message: "no", data: { deep: [1, { a: null }] } };
    const { answer } = await callAnsweredBy(t, (x) => x.json({ jsonrpc: "2.0", id: x.id, error }));
    assert.deepEqual(answer.error, error);
  });

  for (const type of ["application/json; charset=utf-8", "Application/JSON", "application/json;charset=UTF-8"]) {
    test(`may be labelled ${type}`, async (t) => {
      const handler = (x) => x.result({ ok: true }, { headers: { "content-type": type } });
      const { answer } = await callAnsweredBy(t, handler);
      assert.deepEqual(answer.result, { ok: true });
    });
  }

  test("may begin with a byte order mark", async (t) => {
    const { answer } = await callAnsweredBy(t, (x) => x.json(`\ufeff${JSON.stringify(answerTo(x))}`));
    assert.deepEqual(answer.result, { ok: true });
  });

  test("that carries another id is dropped, and the request gets an error", async (t) => {
    await assertOneError(await callAnsweredBy(t, (x) => x.json({ jsonrpc: "2.0", id: "other", result: {} })));
  });

  test("under the same digits as a string is another id", async (t) => {
    const handler = (x) => x.json({ jsonrpc: "2.0", id: String(x.id), result: {} });
    await assertOneError(await callAnsweredBy(t, handler));
  });

  test("that is a notification leaves the request with an error", async (t) => {
    const outcome = await callAnsweredBy(t, (x) => x.json(note(1)));
    await assertOneError(outcome);
  });

  test("that is no JSON-RPC leaves the request with an error without the body", async (t) => {
    const outcome = await callAnsweredBy(t, (x) => x.json({ SECRETBODY: true }));
    await assertOneError(outcome);
    assert.doesNotMatch(outcome.gateway.textOf(outcome.answer), /SECRETBODY/);
  });
});

describe("an event stream", { concurrency: 4 }, () => {
  test("delivers each message as it arrives (item 95)", async (t) => {
    const { peer, gateway } = await started(t);
    let stream;
    peer.on("tools/call", (x) => (stream = x.stream()));
    gateway.send({ jsonrpc: "2.0", id: 7, method: "tools/call", params: { name: "a" } });
    const call = await peer.received("tools/call");
    for (let n = 0; n < 3; ++n) {
      stream.message(note(n));
      assert.equal((await gateway.notification("notifications/message")).params.data, n);
    }
    stream.message(answerTo(call)).end();
    assert.ok((await gateway.answer(7)).result);
  });

  test("keeps the order of a thousand messages, the answer last", async (t) => {
    const { peer, gateway } = await started(t);
    peer.on("tools/call", (x) => {
      const stream = x.stream();
      for (let n = 0; n < 1000; ++n) stream.message(note(n));
      stream.message(answerTo(x)).end();
    });
    await gateway.request("tools/call", { name: "a" });
    const order = gateway.messages.filter((m) => m.method).map((m) => m.params.data);
    assert.deepEqual(order, [...Array(1000).keys()]);
  });

  test("may stay open behind the answer", async (t) => {
    const { peer, gateway } = await started(t);
    peer.on("tools/call", (x) => x.stream().message(answerTo(x)));
    assert.ok((await gateway.request("tools/call", { name: "a" })).result);
    await gateway.barrier();
  });

  test("with two answers delivers the first (exactly one answer)", async (t) => {
    const { gateway, answer } = await callAnsweredBy(t, (x) =>
      x.stream().message(answerTo(x, { n: 1 })).message(answerTo(x, { n: 2 })).end());
    assert.deepEqual(answer.result, { n: 1 });
    await gateway.barrier();
    assert.equal(gateway.answers(answer.id).length, 1);
  });

  test("with an answer to something nobody asked drops it", async (t) => {
    const { gateway, answer } = await callAnsweredBy(t, (x) =>
      x.stream().message({ jsonrpc: "2.0", id: 987654, result: {} }).message(answerTo(x)).end());
    assert.deepEqual(answer.result, { ok: true });
    assert.equal(gateway.answers(987654).length, 0);
  });

  test("that ends without an answer leaves an error (H.2 12)", async (t) => {
    await assertOneError(await callAnsweredBy(t, (x) => x.stream().message(note(1)).end()));
  });

  test("of comments and unknown events leaves an error (item 160)", async (t) => {
    const handler = (x) => x.stream().raw(": hello\n\n").event({ event: "other", data: "{}" }).end();
    await assertOneError(await callAnsweredBy(t, handler));
  });

  test("of no bytes at all leaves an error (item 128)", async (t) => {
    await assertOneError(await callAnsweredBy(t, (x) => x.stream().end()));
  });

  test("with an event that is not JSON goes on behind it", async (t) => {
    const { answer } = await callAnsweredBy(t, (x) => x.stream().event({ data: "not json" }).message(answerTo(x)).end());
    assert.deepEqual(answer.result, { ok: true });
  });

  // WHATWG HTML, section 9.2.6.
  const answerText = (x) => JSON.stringify(answerTo(x));
  const framings = {
    "data without a space (item 153)": (x) => `data:${answerText(x)}\n\n`,
    "CR line ends (item 155)": (x) => `data: ${answerText(x)}\r\r`,
    "CRLF line ends (item 155)": (x) => `data: ${answerText(x)}\r\n\r\n`,
    "mixed line ends": (x) => `: a\r: b\r\ndata: ${answerText(x)}\n\r\n`,
    "a byte order mark (item 156)": (x) => `\ufeffdata: ${answerText(x)}\n\n`,
    "empty data before (item 157)": (x) => `data:\n\ndata: ${answerText(x)}\n\n`,
    "an empty event field (item 158)": (x) => `event:\ndata: ${answerText(x)}\n\n`,
    "an explicit message event": (x) => `event: message\ndata: ${answerText(x)}\n\n`,
    "no blank line at the end (item 159)": (x) => `data: ${answerText(x)}\n`,
    "no line end at all (item 159)": (x) => `data: ${answerText(x)}`,
    "unknown fields": (x) => `foo: bar\nbaz\ndata: ${answerText(x)}\n\n`,
    "an event type that lasts one event only": (x) => `event: x\ndata: 1\n\ndata: ${answerText(x)}\n\n`,
    "an endpoint event that means nothing here": (x) => `event: endpoint\ndata: /x\n\ndata: ${answerText(x)}\n\n`,
  };
  for (const [what, text] of Object.entries(framings)) {
    test(`is understood with ${what}`, async (t) => {
      const { answer } = await callAnsweredBy(t, (x) => x.stream().raw(text(x)).end());
      assert.deepEqual(answer.result, { ok: true });
    });
  }

  test("is understood byte by byte, CRLF and characters split (item 155)", async (t) => {
    const { answer } = await callAnsweredBy(t, async (x) => {
      const stream = x.stream();
      const bytes = Buffer.from(`\ufeff: c\r\ndata: ${JSON.stringify(answerTo(x, { text: "жö€😀" }))}\r\n\r\n`);
      for (const byte of bytes) await new Promise((done) => x.response.write(Buffer.from([byte]), done));
      stream.end();
    });
    assert.deepEqual(answer.result, { text: "жö€😀" });
  });

  for (const type of ["text/event-stream; charset=utf-8", "Text/Event-Stream"]) {
    test(`may be labelled ${type}`, async (t) => {
      const handler = (x) => x.stream({ "content-type": type }).message(answerTo(x)).end();
      assert.deepEqual((await callAnsweredBy(t, handler)).answer.result, { ok: true });
    });
  }
});

describe("statuses", { concurrency: 4 }, () => {
  for (const status of [201, 202, 203, 204, 205, 206, 299]) {
    test(`${status} to a request is an error that says so (item 127, H.2 3)`, async (t) => {
      await assertOneError(await callAnsweredBy(t, (x) => x.send(status)), new RegExp(`${status}`));
    });
  }

  test("200 without a body to a request is an error (item 128)", async (t) => {
    await assertOneError(await callAnsweredBy(t, (x) => x.send(200)));
  });

  for (const status of [400, 401, 402, 403, 405, 406, 409, 410, 413, 415, 418, 422, 500, 501, 502, 504, 599]) {
    test(`${status} is one error that says so, without the body (item 125)`, async (t) => {
      const handler = (x) => x.send(status, "SECRETBODY trace", { "content-type": "text/plain" });
      const outcome = await callAnsweredBy(t, handler);
      await assertOneError(outcome, new RegExp(`${status}`));
      assert.doesNotMatch(outcome.gateway.textOf(outcome.answer), /SECRETBODY/);
      assert.doesNotMatch(outcome.gateway.stderr, /SECRETBODY/);
    });
  }

  test("404 without a session is one error that says so (item 108)", async (t) => {
    const { peer, gateway } = await started(t, [], { peer: { sessions: false } });
    peer.on("tools/call", (x) => x.send(404));
    const answer = await gateway.request("tools/call", { name: "a" });
    assert.match(answer.error.message, /404/);
    assert.equal(peer.count("initialize"), 1);
  });

  for (const [what, body, type] of [
    ["labelled as it is", "<!DOCTYPE html><html><head><title>Sign in to Acme</title></head><body>SECRETBODY", "text/html"],
    ["labelled JSON", "<html><TITLE>\n  Sign in to Acme </TITLE><body>SECRETBODY</body></html>", "application/json"],
  ]) {
    test(`an HTML page ${what} is an error with its title and status (H.2 10)`, async (t) => {
      const handler = (x) => x.send(200, body, { "content-type": type });
      const outcome = await callAnsweredBy(t, handler);
      await assertOneError(outcome, /HTML/i, /200/, /Sign in/);
      assert.doesNotMatch(outcome.gateway.textOf(outcome.answer), /SECRETBODY/);
    });
  }

  test("text that is not JSON is an error without the text", async (t) => {
    const outcome = await callAnsweredBy(t, (x) => x.send(200, "SECRETBODY", { "content-type": "text/plain" }));
    await assertOneError(outcome);
    assert.doesNotMatch(outcome.gateway.textOf(outcome.answer), /SECRETBODY/);
  });
});

describe("a notification gets no answer", { concurrency: 4 }, () => {
  const kind = "notifications/roots/list_changed";
  const answers = {
    "202 (item 126)": (x) => x.accept(),
    "204": (x) => x.send(204),
    "200 without a body": (x) => x.send(200),
    "200 with a JSON-RPC answer": (x) => x.json({ jsonrpc: "2.0", id: 5, result: {} }),
    "200 with HTML": (x) => x.send(200, "<html>", { "content-type": "text/html" }),
    "400 (item 129)": (x) => x.send(400, "no"),
    "500 (item 129)": (x) => x.send(500, "no"),
    "a JSON-RPC error without id": (x) =>
      x.json({ jsonrpc: "2.0", id: null, error: { code: -1, message: "no" } }, { status: 403 }),
  };
  for (const [what, handler] of Object.entries(answers)) {
    test(`whatever the server says: ${what}`, async (t) => {
      const { peer, gateway } = await started(t);
      peer.on(kind, handler);
      gateway.notify(kind);
      await (await peer.received(kind)).gone;
      await gateway.barrier();
      assert.equal(gateway.messages.length, 2);
    });
  }

  test("but a stream's other messages are delivered", async (t) => {
    const { peer, gateway } = await started(t);
    peer.on(kind, (x) => x.stream().message(note(1)).end());
    gateway.notify(kind);
    await gateway.notification("notifications/message");
  });
});

describe("--max-message-size", { concurrency: 4 }, () => {
  const kLimit = ["--max-message-size", "100000"];
  const big = "x".repeat(200_000);

  test("ends a JSON body that is larger with one error, without a retry (item 200)", async (t) => {
    await assertOneError(await callAnsweredBy(t, (x) => x.result({ big }), kLimit));
  });

  test("ends a larger body of a replay-safe request without a retry too (C.7)", async (t) => {
    const { peer, gateway } = await started(t, kLimit);
    peer.answers("resources/read", { big });
    assert.ok((await gateway.request("resources/read", { uri: "a:b" })).error);
    assert.equal(peer.count("resources/read"), 1);
  });

  test("ends a body that never ends", async (t) => {
    const outcome = await callAnsweredBy(t, (x) => {
      x.response.writeHead(200, { "content-type": "application/json" });
      x.response.write('{"jsonrpc":"2.0","result":"');
      const more = () => !x.response.destroyed && x.response.write(big, () => setImmediate(more));
      more();
    }, kLimit);
    await assertOneError(outcome);
  });

  test("ends a larger event with one error (item 200)", async (t) => {
    await assertOneError(await callAnsweredBy(t, (x) => x.stream().message(answerTo(x, { big })).end(), kLimit));
  });

  test("is about one message, not about a whole stream", async (t) => {
    const { answer } = await callAnsweredBy(t, (x) => {
      const stream = x.stream();
      for (let n = 0; n < 10; ++n) stream.message(note("x".repeat(50_000)));
      stream.message(answerTo(x)).end();
    }, kLimit);
    assert.deepEqual(answer.result, { ok: true });
  });
});
