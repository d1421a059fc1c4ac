// SPDX-License-Identifier: MIT
// MCP-Protocol-Version (MCP 2025-06-18 and later, transports, Protocol Version Header).
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { connect, start } from "./support/gateway.mjs";
import { startPeer } from "./support/peer.mjs";

const hello = (version) => ({ protocolVersion: version, capabilities: {}, clientInfo: { name: "t", version: "1" } });

describe("the header", { concurrency: 4 }, () => {
  for (const version of ["2025-03-26", "2025-06-18", "2025-11-25"]) {
    test(`names the negotiated revision ${version} in everything behind initialize (C.9)`, async (t) => {
      const peer = await startPeer(t);
      peer.on("GET", (x) => x.stream());
      peer.answers("tools/call", {});
      const gateway = await connect(t, peer, [], { version });
      await peer.received("GET");
      await gateway.request("tools/call", {});
      gateway.end();
      await gateway.exit();
      assert.equal(peer.all("initialize")[0].version, undefined);
      const later = peer.requests.slice(1).filter((x) => x.kind !== "server/discover");
      assert.ok(later.some((x) => x.method === "DELETE"));
      for (const x of later) assert.equal(x.version, version, x.kind);
    });
  }

  test("names what the server chose, not what the client asked for", async (t) => {
    const peer = await startPeer(t, { version: "2025-06-18" });
    await connect(t, peer, [], { version: "2025-11-25" });
    assert.equal(peer.all("notifications/initialized")[0].version, "2025-06-18");
  });

  test("is taken from an answer in a stream as well (item 133)", async (t) => {
    const peer = await startPeer(t);
    peer.on("initialize", (x) => {
      const serverInfo = { name: "peer", version: "1" };
      const result = { protocolVersion: "2025-06-18", capabilities: {}, serverInfo };
      x.stream(peer.newSession()).notify("notifications/message", { level: "info", data: 1 }).result(x.id, result).end();
    });
    await connect(t, peer);
    assert.equal(peer.all("notifications/initialized")[0].version, "2025-06-18");
    assert.equal(peer.all("notifications/initialized")[0].session, "session-1");
  });

  for (const bad of ["2025\r\nX-Evil: 1", "2025 06", "2025\u0000", "2025-é", ""]) {
    test(`is not made from ${JSON.stringify(bad)} (item 136)`, async (t) => {
      const peer = await startPeer(t);
      const serverInfo = { name: "peer", version: "1" };
      peer.on("initialize", (x) =>
        x.result({ protocolVersion: bad, capabilities: {}, serverInfo }, { headers: peer.newSession() }));
      const gateway = start(t, [peer.url]);
      await gateway.request("initialize", hello("2025-11-25"));
      gateway.notify("notifications/initialized");
      await gateway.barrier();
      for (const x of peer.requests) {
        assert.equal(x.headers["x-evil"], undefined);
        assert.notEqual(x.version, bad);
      }
    });
  }

  test("does not change because of text in a tool's arguments (item 137)", async (t) => {
    const peer = await startPeer(t);
    peer.on("tools/call", (x) => x.result({ protocolVersion: "1999-01-01" }));
    const gateway = await connect(t, peer);
    const nested = { jsonrpc: "2.0", id: 1, method: "initialize", params: hello("1999-01-01") };
    await gateway.request("tools/call", { name: "a", arguments: { nested, text: JSON.stringify(nested) } });
    await gateway.barrier();
    for (const x of peer.requests.slice(1)) assert.equal(x.version, "2025-11-25");
  });

  test("is left out of a later initialize, and follows its outcome (item 138)", async (t) => {
    const peer = await startPeer(t);
    const gateway = await connect(t, peer, [], { version: "2025-11-25" });
    await gateway.request("initialize", hello("2025-06-18"));
    await gateway.barrier();
    assert.equal(peer.all("initialize")[1].version, undefined);
    assert.equal(peer.requests.at(-1).version, "2025-06-18");
  });

  test("pinned with -H in other letters makes no second line (item 139)", async (t) => {
    const peer = await startPeer(t);
    const gateway = await connect(t, peer, ["-H", "mcp-protocol-VERSION: 2025-03-26"]);
    await gateway.barrier();
    for (const x of peer.all("ping")) assert.equal(x.lines("mcp-protocol-version"), 1);
  });

  test("stays away when initialize had no answer (item 135)", async (t) => {
    const peer = await startPeer(t, { sessions: false });
    peer.on("initialize", (x) => x.send(200));
    const gateway = start(t, [peer.url, "--transport", "streamable-http"]);
    assert.ok((await gateway.request("initialize", hello("2025-11-25"))).error);
    await gateway.request("ping");
    for (const x of peer.all("ping")) assert.equal(x.version, undefined);
  });
});
