// SPDX-License-Identifier: MIT
// Content-Encoding (RFC 9110, section 8.4): what we offer we understand, and its decoded size is bounded.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import zlib from "node:zlib";

import { connect } from "./support/gateway.mjs";
import { startPeer } from "./support/peer.mjs";

const kEncoders = { gzip: zlib.gzipSync, deflate: zlib.deflateSync, br: zlib.brotliCompressSync, zstd: zlib.zstdCompressSync };

function offered(exchange) {
  return (exchange.headers["accept-encoding"] ?? "").split(",").map((one) => one.split(";")[0].trim());
}
const encoded = (x, encoding, bytes) =>
  x.send(200, bytes, { "content-type": "application/json", "content-encoding": encoding });
const answer = (x, result) => JSON.stringify({ jsonrpc: "2.0", id: x.id, result });

async function callAnsweredBy(t, handler, args = []) {
  const peer = await startPeer(t);
  peer.on("tools/call", handler);
  const gateway = await connect(t, peer, args);
  const response = await gateway.request("tools/call", {});
  await gateway.barrier();
  return { peer, gateway, response };
}

describe("an encoded answer", { concurrency: 4 }, () => {
  test("is invited", async (t) => {
    const peer = await startPeer(t);
    await connect(t, peer);
    assert.ok(offered(peer.all("initialize")[0]).includes("gzip"));
  });

  for (const [encoding, encode] of Object.entries(kEncoders)) {
    test(`in ${encoding} is understood where it was invited, and otherwise one error`, async (t) => {
      let invited;
      const { response } = await callAnsweredBy(t, (x) => {
        invited = offered(x).includes(encoding);
        encoded(x, encoding, encode(answer(x, { text: "x".repeat(100_000) })));
      });
      if (invited) assert.equal(response.result.text.length, 100_000);
      else assert.ok(response.error);
    });

    test(`in ${encoding} that grows beyond --max-message-size is one error, sent once`, async (t) => {
      const { peer, response } = await callAnsweredBy(
        t, (x) => encoded(x, encoding, encode(answer(x, { text: "0".repeat(30_000_000) }))), ["--max-message-size", "1M"]);
      assert.ok(response.error);
      assert.equal(peer.count("tools/call"), 1);
    });
  }

  test("in raw deflate, as some servers mean it, is understood or one error (item 202)", async (t) => {
    const { response } = await callAnsweredBy(t, (x) => encoded(x, "deflate", zlib.deflateRawSync(answer(x, { ok: true }))));
    assert.ok(response.result || response.error);
  });

  test("as an event stream arrives event by event", async (t) => {
    const peer = await startPeer(t);
    let gzip;
    peer.on("tools/call", (x) => {
      x.response.writeHead(200, { "content-type": "text/event-stream", "content-encoding": "gzip" });
      gzip = zlib.createGzip();
      gzip.pipe(x.response);
    });
    const gateway = await connect(t, peer);
    gateway.send({ jsonrpc: "2.0", id: 7, method: "tools/call", params: {} });
    const call = await peer.received("tools/call");
    for (let n = 0; n < 3; ++n) {
      gzip.write(`data: {"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":${n}}}\n\n`);
      gzip.flush();
      assert.equal((await gateway.notification("notifications/message")).params.data, n);
    }
    gzip.end(`data: ${answer(call, { ok: true })}\n\n`);
    assert.deepEqual((await gateway.answer(7)).result, { ok: true });
  });
});

describe("an encoded answer that cannot be decoded is one error", { concurrency: 4 }, () => {
  const bad = {
    "not gzip at all (C.20)": (x) => encoded(x, "gzip", Buffer.from(answer(x, {}))),
    "gzip that is cut off": (x) => encoded(x, "gzip", zlib.gzipSync(answer(x, { text: "abc".repeat(1000) })).subarray(0, 30)),
    "gzip that is damaged": (x) => {
      const bytes = zlib.gzipSync(answer(x, { text: "abc".repeat(1000) }));
      bytes[bytes.length - 6] ^= 0xff;
      encoded(x, "gzip", bytes);
    },
    "an unknown encoding": (x) => encoded(x, "rot13", Buffer.from(answer(x, {}))),
  };
  for (const [what, handler] of Object.entries(bad)) {
    test(`${what} (item 141)`, async (t) => {
      const { peer, response } = await callAnsweredBy(t, handler);
      assert.ok(response.error, JSON.stringify(response));
      assert.equal(peer.count("tools/call"), 1);
    });
  }
});
