// SPDX-License-Identifier: MIT
// Servers and networks at their worst. Whatever happens: one answer, and the next call works.
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { connect, start } from "./support/gateway.mjs";
import { startPeer } from "./support/peer.mjs";
import { head, startRawPeer } from "./support/raw_peer.mjs";

const kJson = { "content-type": "application/json" };
const kStream = { "content-type": "text/event-stream" };
const body = ({ message }) => JSON.stringify({ jsonrpc: "2.0", id: message.id, result: { ok: true } });
const event = (request) => `data: ${body(request)}\n\n`;

// The first tools/call meets the fault, later ones are answered.
async function faulty(t, fault, args = []) {
  let first = true;
  const peer = await startRawPeer(t, async (request, connection) => {
    if (!first) return connection.json(JSON.parse(body(request)));
    first = false;
    return fault(request, connection);
  });
  const gateway = await connect(t, peer, args);
  const answer = await gateway.request("tools/call", { name: "a" });
  assert.deepEqual((await gateway.request("tools/call", { name: "b" })).result, { ok: true });
  assert.equal(gateway.answers(answer.id).length, 1);
  assert.equal(peer.count("tools/call"), 2);
  return { peer, gateway, answer };
}

async function writeSlowly(connection, bytes) {
  for (const byte of Buffer.from(bytes)) await connection.write(Buffer.from([byte]));
}

describe("one error, and the relay lives on", { concurrency: 4 }, () => {
  const whole = (request) => head(200, { ...kJson, "content-length": body(request).length }) + body(request);
  const faults = {
    "the connection is closed before the answer": (r, c) => c.close(),
    "the connection is reset before the answer": (r, c) => c.reset(),
    "the connection is closed inside the status line": async (r, c) => { await c.write("HTTP/1.1 2"); c.close(); },
    "the connection is closed inside the headers": async (r, c) => { await c.write("HTTP/1.1 200 OK\r\nConte"); c.close(); },
    "the connection is closed behind the headers": async (r, c) => { await c.write(head(200, { ...kJson, "content-length": 50 })); c.close(); },
    "the body is shorter than announced": async (r, c) => { await c.write(head(200, { ...kJson, "content-length": 5000 }) + body(r)); c.close(); },
    "the body is reset in the middle": async (r, c) => { await c.write(head(200, { ...kJson, "content-length": 5000 }) + body(r)); c.reset(); },
    "the first status line is garbage": async (r, c) => { await c.write("SSH-2.0-OpenSSH_9.2\r\n\r\n"); c.close(); },
    "the status is no number": async (r, c) => { await c.write("HTTP/1.1 abc OK\r\n\r\n"); c.close(); },
    "a chunk size is garbage": async (r, c) => { await c.write(head(200, { ...kJson, "transfer-encoding": "chunked" }) + "zz\r\nxx\r\n"); c.close(); },
    "a chunked body is cut off": async (r, c) => { await c.write(head(200, { ...kJson, "transfer-encoding": "chunked" }) + "ff\r\n{"); c.close(); },
    "two lengths disagree": async (r, c) => { await c.write(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 5\r\ncontent-length: 500\r\n\r\n${body(r)}`); c.close(); },
    "the length is negative": async (r, c) => { await c.write(head(200, { ...kJson, "content-length": -5 }) + body(r)); c.close(); },
    "an event stream ends inside an event": async (r, c) => { await c.write(head(200, kStream) + event(r).slice(0, 20)); c.close(); },
    "an event stream is reset inside an event": async (r, c) => { await c.write(head(200, kStream) + event(r).slice(0, 20)); c.reset(); },
    "the body stops inside a JSON string": async (r, c) => { const t = '{"jsonrpc":"2.0","result":"'; await c.write(head(200, { ...kJson, "content-length": t.length }) + t); },
  };
  for (const [what, fault] of Object.entries(faults)) {
    test(`when ${what}`, async (t) => {
      const { answer } = await faulty(t, fault);
      assert.ok(answer.error, JSON.stringify(answer));
    });
  }

  for (const size of [1, 2, 9, 15, 17, 30, 50, 80, 100]) {
    test(`when the connection breaks after ${size} bytes of the answer`, async (t) => {
      const { answer } = await faulty(t, async (r, c) => { await c.write(whole(r).slice(0, size)); c.close(); });
      assert.ok(answer.error);
    });
  }

  test("when the headers never end", async (t) => {
    const { answer } = await faulty(t, async (r, c) => {
      await c.write("HTTP/1.1 200 OK\r\n");
      for (let n = 0; !c.socket.destroyed && n < 100_000; ++n) await c.write(`x-${n}: ${"y".repeat(1000)}\r\n`);
    });
    assert.ok(answer.error);
  });

  test("when one header never ends", async (t) => {
    const { answer } = await faulty(t, async (r, c) => {
      await c.write("HTTP/1.1 200 OK\r\nx: ");
      for (let n = 0; !c.socket.destroyed && n < 10_000; ++n) await c.write("y".repeat(10_000));
    });
    assert.ok(answer.error);
  });

  test("when interim answers never end", async (t) => {
    const { answer } = await faulty(t, async (r, c) => {
      for (let n = 0; n < 50; ++n) await c.write("HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n");
      c.close();
    });
    assert.ok(answer.error);
  });

  test("when an event stream's line never ends", async (t) => {
    const { answer } = await faulty(t, async (r, c) => {
      await c.write(`${head(200, kStream)}event: `);
      for (let n = 0; !c.socket.destroyed && n < 1000; ++n) await c.write("y".repeat(10_000));
      c.close();
    }, ["--max-message-size", "100K"]);
    assert.ok(answer.error);
  });
});

describe("strange, but an answer", { concurrency: 4 }, () => {
  const oddities = {
    "it comes byte by byte (slow loris)": (r, c) => writeSlowly(c, head(200, { ...kJson, "content-length": body(r).length }) + body(r)),
    "its events come byte by byte": async (r, c) => { await writeSlowly(c, head(200, kStream) + event(r)); c.close(); },
    "it has no length and ends with the connection": async (r, c) => { await c.write(head(200, kJson) + body(r)); c.socket.end(); },
    "it is HTTP/1.0": async (r, c) => { await c.write(`HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n${body(r)}`); c.socket.end(); },
    "interim answers come first": (r, c) => c.write(`HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n${head(200, { ...kJson, "content-length": body(r).length })}${body(r)}`),
    "its chunks are one byte each": async (r, c) => {
      await c.write(head(200, { ...kJson, "transfer-encoding": "chunked" }));
      for (const char of body(r)) await c.write(`1\r\n${char}\r\n`);
      await c.write("0\r\n\r\n");
    },
    "it has trailers": (r, c) => c.write(`${head(200, { ...kJson, "transfer-encoding": "chunked", trailer: "x-t" })}${body(r).length.toString(16)}\r\n${body(r)}\r\n0\r\nx-t: 1\r\n\r\n`),
    "its connection closes behind a complete event": async (r, c) => { await c.write(head(200, kStream) + event(r)); c.close(); },
    "it has no content type": (r, c) => c.write(head(200, { "content-length": body(r).length }) + body(r)),
    "its reason phrase is missing": (r, c) => c.write(`HTTP/1.1 200\r\ncontent-type: application/json\r\ncontent-length: ${body(r).length}\r\n\r\n${body(r)}`),
  };
  for (const [what, fault] of Object.entries(oddities)) {
    test(`when ${what}`, async (t) => {
      const { answer } = await faulty(t, fault);
      assert.deepEqual(answer.result, { ok: true }, JSON.stringify(answer));
    });
  }
});

describe("a server that", { concurrency: 4 }, () => {
  test("answers before it has read the request is understood", async (t) => {
    const peer = await startRawPeer(t, () => {});
    const gateway = await connect(t, peer);
    peer.onConnection = (socket) =>
      socket.once("data", () => socket.write(head(413, { "content-length": 0, connection: "close" })));
    peer.disconnect(); // so that the call opens a new connection
    const answer = await gateway.request("tools/call", { text: "x".repeat(8_000_000) });
    assert.match(answer.error.message, /413/);
  });

  test("stalls does not hold up the other calls", async (t) => {
    const peer = await startRawPeer(t, (request, connection) => {
      if (request.message.params.name === "stall") return connection.write(head(200, { ...kJson, "content-length": 100 }));
      return connection.json(JSON.parse(body(request)));
    });
    const gateway = await connect(t, peer);
    gateway.send({ jsonrpc: "2.0", id: 7, method: "tools/call", params: { name: "stall" } });
    await peer.received("tools/call");
    for (let n = 0; n < 20; ++n) assert.ok((await gateway.request("tools/call", { name: "b" })).result);
  });

  test("does not read what it is sent holds up no other call, and is given up after 30 seconds (C.17)", async (t) => {
    const peer = await startRawPeer(t, (request, connection) => connection.json(JSON.parse(body(request))));
    const gateway = await connect(t, peer);
    await gateway.request("tools/call", { name: "a" }); // leaves its connection open for the next one
    peer.deafen();
    const answer = gateway.request("tools/call", { text: "x".repeat(16_000_000) }, { id: "deaf" });
    for (let n = 0; n < 5; ++n) assert.ok((await gateway.request("tools/call", { name: "b" })).result);
    assert.match((await answer).error.message, /nothing more of the request/);
  });

  test("speaks plain text where TLS is expected is one error that names it", async (t) => {
    const peer = await startPeer(t);
    const gateway = start(t, [peer.url.replace("http:", "https:"), "--transport", "streamable-http"]);
    const answer = await gateway.handshake();
    assert.match(answer.error.message, /TLS|SSL|127\.0\.0\.1/i);
  });

  test("has a name that does not exist is one error that names it", async (t) => {
    const gateway = start(t, ["http://nowhere.invalid/mcp", "--transport", "streamable-http"]);
    const answer = await gateway.handshake();
    assert.match(answer.error.message, /nowhere\.invalid/);
  });
});
