// SPDX-License-Identifier: MIT
// Redirects: 307 and 308 within the origin, with method and body. Nothing else is followed.
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { connect } from "./support/gateway.mjs";
import { startPeer } from "./support/peer.mjs";

// A server whose tools/call is redirected from /mcp to wherever `location` says.
async function redirecting(t, status, location, args = []) {
  const peer = await startPeer(t);
  peer.on("tools/call", (x) => {
    if (x.path === "/mcp") x.send(status, "SECRETBODY", { location: location(peer) });
    else x.result({ at: x.path });
  });
  return { peer, gateway: await connect(t, peer, args) };
}

describe("followed", { concurrency: 4 }, () => {
  for (const status of [307, 308]) {
    for (const [what, location] of [
      ["an absolute URL", (peer) => `${peer.origin}/moved?x=1`],
      ["a path", () => "/moved?x=1"],
      ["a relative path", () => "moved?x=1"],
    ]) {
      test(`${status} to ${what} of the same origin, with method, body and headers`, async (t) => {
        const { peer, gateway } = await redirecting(t, status, location, ["--bearer-token", "secret-token"]);
        const params = { name: "a", arguments: { n: 1 } };
        assert.deepEqual((await gateway.request("tools/call", params)).result, { at: "/moved?x=1" });
        const [first, second] = peer.all("tools/call");
        assert.equal(second.method, "POST");
        assert.equal(second.text, first.text);
        assert.equal(second.session, "session-1");
        assert.equal(second.headers.authorization, "Bearer secret-token");
      });
    }
  }

  test("also for initialize, as a trailing slash that a framework insists on", async (t) => {
    const peer = await startPeer(t);
    peer.on("initialize", (x) => (x.path === "/mcp" ? x.send(307, "", { location: "/mcp/" }) : peer.initialize(x)));
    await connect(t, peer);
  });
});

describe("not followed, but one error", { concurrency: 4 }, () => {
  for (const status of [301, 302, 303, 300, 304]) {
    test(`${status} within the origin`, async (t) => {
      const { peer, gateway } = await redirecting(t, status, () => "/moved");
      const answer = await gateway.request("tools/call", {});
      assert.match(answer.error.message, new RegExp(`${status}`));
      assert.equal(peer.count("tools/call"), 1);
      assert.equal(gateway.answers(answer.id).length, 1);
    });
  }

  for (const status of [301, 302, 303, 307, 308]) {
    test(`${status} to another origin, which is named and gets nothing`, async (t) => {
      const other = await startPeer(t, { sessions: false });
      const location = () => `${other.origin}/steal?token=SECRETQUERY`;
      const { gateway } = await redirecting(t, status, location, ["--bearer-token", "secret-token"]);
      const answer = await gateway.request("tools/call", {});
      assert.ok(answer.error.message.includes(other.origin), answer.error.message);
      assert.doesNotMatch(answer.error.message + gateway.stderr, /SECRETQUERY|SECRETBODY/);
      assert.equal(other.requests.length, 0);
    });
  }

  test("307 without a Location", async (t) => {
    const peer = await startPeer(t);
    const gateway = await connect(t, peer);
    peer.on("tools/call", (x) => x.send(307));
    assert.match((await gateway.request("tools/call", {})).error.message, /307/);
  });

  test("307 to something that is not http", async (t) => {
    const { gateway } = await redirecting(t, 307, () => "file:///etc/passwd");
    assert.ok((await gateway.request("tools/call", {})).error);
  });

  test("307 in a circle", async (t) => {
    const peer = await startPeer(t);
    const gateway = await connect(t, peer);
    peer.on("tools/call", (x) => x.send(307, "", { location: "/mcp" }));
    assert.ok((await gateway.request("tools/call", {})).error);
    assert.ok(peer.count("tools/call") <= 20, `${peer.count("tools/call")} requests`);
  });
});
