// SPDX-License-Identifier: MIT
// The server's own stream: GET (MCP 2025-11-25, transports, Listening for Messages from the Server).
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { connect, start } from "./support/gateway.mjs";
import { startPeer } from "./support/peer.mjs";

// A server that offers the stream; its streams are in `streams`, in order.
async function listening(t, args = [], options = {}) {
  const peer = await startPeer(t, options.peer);
  const streams = [];
  peer.on("GET", (x) => streams.push(x.stream()));
  const gateway = await connect(t, peer, args, options);
  const get = await peer.received("GET");
  return { peer, gateway, streams, get };
}

describe("the stream", { concurrency: 4 }, () => {
  test("is opened after notifications/initialized, not before", async (t) => {
    const peer = await startPeer(t);
    peer.on("GET", (x) => x.stream());
    const gateway = start(t, [peer.url]);
    const params = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "t", version: "1" } };
    await gateway.request("initialize", params);
    await gateway.barrier();
    assert.equal(peer.count("GET"), 0);
    gateway.notify("notifications/initialized");
    await peer.received("GET");
    const kinds = peer.requests.map((x) => x.kind);
    assert.ok(kinds.indexOf("notifications/initialized") < kinds.indexOf("GET"));
  });

  test("is not overtaken by what the client sends right behind its handshake", async (t) => {
    const peer = await startPeer(t);
    peer.on("GET", (x) => x.stream());
    const gateway = start(t, [peer.url]);
    const params = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "t", version: "1" } };
    await gateway.request("initialize", params);
    gateway.notify("notifications/initialized");
    await gateway.request("tools/call", { name: "echo", arguments: {} });
    const kinds = peer.requests.map((x) => x.kind);
    assert.ok(kinds.indexOf("GET") >= 0 && kinds.indexOf("GET") < kinds.indexOf("tools/call"), kinds.join(" "));
  });

  test("is asked for as an event stream, with session and revision", async (t) => {
    const { get } = await listening(t);
    assert.match(get.headers.accept, /text\/event-stream/);
    assert.equal(get.session, "session-1");
    assert.equal(get.version, "2025-11-25");
    assert.equal(get.headers["last-event-id"], undefined);
  });

  test("is opened for a server without sessions too", async (t) => {
    const { streams, gateway } = await listening(t, ["--transport", "streamable-http"], { peer: { sessions: false } });
    streams[0].notify("notifications/tools/list_changed");
    await gateway.notification("notifications/tools/list_changed");
  });

  test("goes on behind an event that is too large, which is not asked for again", async (t) => {
    const { peer, gateway, streams } = await listening(t, ["--max-message-size", "10000"]);
    streams[0].notify("notifications/message", { level: "info", data: "x".repeat(20_000) }, { id: "e1" });
    streams[0].notify("notifications/tools/list_changed");
    await gateway.notification("notifications/tools/list_changed");
    assert.equal(peer.count("GET"), 1);
    await gateway.logged(/skipped an event of 20\d\d\d bytes/);
    streams[0].end();
    assert.equal((await peer.received("GET")).headers["last-event-id"], "e1");
  });

  test("with bad events does not fill the log", async (t) => {
    const { gateway, streams } = await listening(t);
    streams[0].raw("data: {\n\n".repeat(1000)).notify("notifications/tools/list_changed");
    await gateway.notification("notifications/tools/list_changed");
    streams[0].end();
    await gateway.logged(/990 more warnings were not shown/);
    assert.equal(gateway.stderr.match(/skipped an event/g).length, 10);
  });

  for (const [method, params] of [
    ["notifications/tools/list_changed", undefined],
    ["notifications/prompts/list_changed", undefined],
    ["notifications/resources/list_changed", undefined],
    ["notifications/resources/updated", { uri: "a:b" }],
    ["notifications/message", { level: "info", data: { a: 1 } }],
  ]) {
    test(`carries ${method} to the client (H.2 7)`, async (t) => {
      const { gateway, streams } = await listening(t);
      streams[0].notify(method, params);
      assert.deepEqual((await gateway.notification(method)).params, params);
    });
  }

  test("carries the server's questions, and the client's answers are posted", async (t) => {
    const { peer, gateway, streams } = await listening(t);
    streams[0].ask("q-1", "sampling/createMessage", { messages: [], maxTokens: 1 });
    gateway.reply(await gateway.question("sampling/createMessage"), { model: "m" });
    const reply = await peer.received("response");
    assert.deepEqual(reply.message, { jsonrpc: "2.0", id: "q-1", result: { model: "m" } });
    assert.equal(reply.session, "session-1");
  });

  test("keeps a question's id apart from the client's own", async (t) => {
    const { peer, gateway, streams } = await listening(t);
    peer.on("tools/call", () => {});
    gateway.send({ jsonrpc: "2.0", id: 7, method: "tools/call", params: {} });
    const call = await peer.received("tools/call");
    streams[0].ask(7, "roots/list");
    gateway.reply(await gateway.question("roots/list"), { roots: [] });
    assert.equal((await peer.received("response")).message.id, 7);
    call.result({ ok: true });
    assert.deepEqual((await gateway.answer(7)).result, { ok: true });
  });

  test("keeps the order of a thousand messages", async (t) => {
    const { gateway, streams } = await listening(t);
    for (let n = 0; n < 1000; ++n) streams[0].notify("notifications/message", { level: "info", data: n });
    streams[0].notify("notifications/tools/list_changed");
    await gateway.notification("notifications/tools/list_changed");
    const order = gateway.messages.filter((m) => m.method === "notifications/message").map((m) => m.params.data);
    assert.deepEqual(order, [...Array(1000).keys()]);
  });

  test("takes batches apart", async (t) => {
    const { gateway, streams } = await listening(t);
    const note = { jsonrpc: "2.0", method: "notifications/tools/list_changed" };
    streams[0].message([note, note]);
    await gateway.notification(note.method);
    await gateway.notification(note.method);
  });

  test("with an answer nobody waits for drops it", async (t) => {
    const { gateway, streams } = await listening(t);
    streams[0].result(4711, {}).notify("notifications/tools/list_changed");
    await gateway.notification("notifications/tools/list_changed");
    assert.equal(gateway.answers(4711).length, 0);
  });

  test("with garbage goes on behind it", async (t) => {
    const { gateway, streams } = await listening(t);
    streams[0].event({ data: "garbage" }).event({ data: "42" }).event({ event: "x", data: "{}" });
    streams[0].notify("notifications/tools/list_changed");
    await gateway.notification("notifications/tools/list_changed");
  });

  test("that is never answered holds up nothing", async (t) => {
    const peer = await startPeer(t);
    peer.on("GET", () => {});
    peer.answers("tools/call", { ok: true });
    const gateway = await connect(t, peer);
    await peer.received("GET");
    assert.ok((await gateway.request("tools/call", {})).result);
  });
});

describe("a server that offers no stream", { concurrency: 4 }, () => {
  const refusals = {
    "405": (x) => x.send(405),
    "400": (x) => x.send(400),
    "406": (x) => x.send(406),
    "501": (x) => x.send(501),
  };
  for (const [status, handler] of Object.entries(refusals)) {
    test(`by ${status} is asked once, and nobody is bothered`, async (t) => {
      const peer = await startPeer(t);
      peer.on("GET", handler);
      const gateway = await connect(t, peer);
      await (await peer.received("GET")).gone;
      for (let n = 0; n < 5; ++n) await gateway.barrier();
      assert.equal(peer.count("GET"), 1);
      assert.equal(gateway.messages.filter((m) => m.error || m.method).length, 0);
      assert.doesNotMatch(gateway.stderr, /\b(error|warning)\b/i);
    });
  }

  // A web application that knows only POST.
  test("by 404 in a session that lives is asked once, and the session is kept", async (t) => {
    const peer = await startPeer(t);
    peer.on("GET", (x) => x.send(404));
    const gateway = await connect(t, peer);
    await peer.received("ping"); // which tells that the session lives
    for (let n = 0; n < 5; ++n) await gateway.barrier();
    assert.equal(peer.count("GET"), 1);
    assert.equal(peer.count("initialize"), 1);
  });

  test("by 404, as to every ping, is asked for one new session and no more", async (t) => {
    const peer = await startPeer(t);
    peer.answers("tools/call", { ok: true });
    for (const kind of ["GET", "ping"]) peer.on(kind, (x) => x.send(404));
    const gateway = await connect(t, peer);
    await peer.received("GET");
    await peer.received("GET");
    await peer.received("ping");
    await peer.received("ping");
    for (let n = 0; n < 5; ++n) assert.ok((await gateway.request("tools/call", {})).result);
    assert.equal(peer.count("GET"), 2);
    assert.equal(peer.count("initialize"), 2);
  });

  test("is asked again in a new session", async (t) => {
    const peer = await startPeer(t);
    peer.answers("tools/call", { ok: true });
    const gateway = await connect(t, peer);
    await (await peer.received("GET")).gone;
    peer.forgetSessions();
    peer.on("GET", (x) => x.stream().notify("notifications/resources/updated", { uri: "a:b" }));
    await gateway.request("tools/call", {});
    await gateway.notification("notifications/resources/updated");
  });

  test("by 404 without a session is asked once", async (t) => {
    const peer = await startPeer(t, { sessions: false });
    peer.on("GET", (x) => x.send(404));
    const gateway = await connect(t, peer, ["--transport", "streamable-http"]);
    await (await peer.received("GET")).gone;
    for (let n = 0; n < 5; ++n) await gateway.barrier();
    assert.equal(peer.count("GET"), 1);
    assert.equal(peer.count("initialize"), 1);
  });
});

describe("a stream that ends", { concurrency: 4 }, () => {
  test("is opened again where it ended: Last-Event-ID", async (t) => {
    const { peer, gateway, streams } = await listening(t);
    streams[0].notify("notifications/tools/list_changed", undefined, { id: "ev-1" });
    streams[0].notify("notifications/tools/list_changed", undefined, { id: "ev-2" });
    await gateway.notification("notifications/tools/list_changed");
    await gateway.notification("notifications/tools/list_changed");
    streams[0].end();
    const again = await peer.received("GET");
    assert.equal(again.headers["last-event-id"], "ev-2");
    assert.equal(again.session, "session-1");
    streams[1].notify("notifications/prompts/list_changed");
    await gateway.notification("notifications/prompts/list_changed");
  });

  for (const how of ["end", "break", "reset"]) {
    test(`by ${how} without an event id is opened again`, async (t) => {
      const { peer, gateway, streams } = await listening(t);
      streams[0].notify("notifications/tools/list_changed");
      await gateway.notification("notifications/tools/list_changed");
      streams[0][how]();
      assert.equal((await peer.received("GET")).headers["last-event-id"], undefined);
      streams[1].notify("notifications/prompts/list_changed");
      await gateway.notification("notifications/prompts/list_changed");
    });
  }

  test("by a priming event (an id, no data) is resumed from it", async (t) => {
    const { peer, streams } = await listening(t);
    streams[0].event({ id: "prime", data: "" }).end();
    assert.equal((await peer.received("GET")).headers["last-event-id"], "prime");
  });

  test("is opened again after the time that retry: asks for", async (t) => {
    const { peer, gateway, streams } = await listening(t);
    streams[0].event({ id: "ev-1", retry: 400 });
    streams[0].notify("notifications/tools/list_changed", undefined, { id: "ev-1" });
    await gateway.notification("notifications/tools/list_changed");
    const ended = performance.now();
    streams[0].end();
    await peer.received("GET");
    assert.ok(performance.now() - ended >= 380);
  });

  test("is opened again soon when retry: is small", async (t) => {
    const { peer, streams } = await listening(t);
    streams[0].event({ id: "ev-1", retry: 10, data: "" });
    const ended = performance.now();
    streams[0].end();
    await peer.received("GET");
    assert.ok(performance.now() - ended < 900);
  });

  test("is tried again when opening it fails once", async (t) => {
    const peer = await startPeer(t);
    const streams = [];
    const open = (x) => streams.push(x.stream());
    peer.on("GET", open, (x) => x.send(503), (x) => x.drop(), open);
    const gateway = await connect(t, peer);
    await peer.received("GET");
    streams[0].event({ retry: 10 }).end();
    for (let n = 0; n < 3; ++n) await peer.received("GET");
    streams[1].notify("notifications/tools/list_changed");
    await gateway.notification("notifications/tools/list_changed");
  });

  test("is not hammered either by retry: 0 and nothing else", async (t) => {
    const peer = await startPeer(t);
    peer.on("GET", (x) => x.stream().event({ id: "p", retry: 0, data: "" }).end());
    const gateway = await connect(t, peer);
    await peer.received("GET");
    const begun = performance.now();
    for (let n = 0; n < 4; ++n) await peer.received("GET");
    assert.ok(performance.now() - begun >= 1400, "100 + 200 + 400 + 800 ms");
    await gateway.barrier();
  });

  test("is not hammered: a server that ends it at once gets few requests", async (t) => {
    const peer = await startPeer(t);
    peer.on("GET", (x) => x.stream().end());
    const gateway = await connect(t, peer);
    await peer.received("GET");
    for (let n = 0; n < 50; ++n) await gateway.barrier();
    assert.ok(peer.count("GET") <= 5, `${peer.count("GET")} requests`);
  });

  test("by silence (--sse-read-timeout) is opened again", async (t) => {
    const { peer, streams } = await listening(t, ["--sse-read-timeout", "0.5"]);
    streams[0].event({ id: "ev-1", data: "" });
    assert.equal((await peer.received("GET")).headers["last-event-id"], "ev-1");
  });

  test("is not counted as silent while comments come", async (t) => {
    const { peer, gateway, streams } = await listening(t, ["--sse-read-timeout", "1"]);
    const heart = setInterval(() => streams[0].raw(": still here\n\n"), 100);
    await new Promise((done) => setTimeout(done, 1500));
    clearInterval(heart);
    streams[0].notify("notifications/tools/list_changed");
    await gateway.notification("notifications/tools/list_changed");
    assert.equal(peer.count("GET"), 1);
  });
});
