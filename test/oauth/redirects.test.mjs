// SPDX-License-Identifier: MIT
// Redirects of the documents and endpoints that a login uses. A document may have moved within its origin;
// an endpoint is posted secrets, and those go where its address says and nowhere else.
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { startAuthorizationServer, startProtectedPeer, visitor } from "../program/support/authorization_server.mjs";
import { run } from "../program/support/gateway.mjs";
import { openHome } from "../program/support/home.mjs";
import { temporaryDirectory } from "../program/support/temporary.mjs";

const kServer = "/.well-known/oauth-authorization-server";
const kResource = "/.well-known/oauth-protected-resource";

async function world(t) {
  const authority = await startAuthorizationServer(t);
  const peer = await startProtectedPeer(t, authority);
  const home = temporaryDirectory(t);
  const command = (name, ...args) => run(t, [name, peer.url, ...args], { home });
  return { authority, peer, command, login: (...args) => command("login", "--browser", visitor, ...args) };
}

describe("a document that has moved within its origin is found", { concurrency: 4 }, () => {
  for (const status of [301, 302, 303, 307, 308]) {
    test(`authorization server metadata, ${status}`, async (t) => {
      const { authority, login } = await world(t);
      authority.on(kServer, () => [status, "", { location: "moved?x=1" }]);
      authority.on("/.well-known/moved", ({ query }) => query.x === "1" && [200, authority.document()]);
      const { code, output } = await login();
      assert.equal(code, 0, output);
    });

    test(`resource metadata, ${status}`, async (t) => {
      const { authority, peer, login } = await world(t);
      const guard = peer.guard.bind(peer);
      peer.guard = (x) => {
        if (x.path === "/moved") return x.json({ resource: peer.url, authorization_servers: [authority.issuer] }) ?? true;
        return x.path === kResource + peer.path ? (x.send(status, "", { location: `${peer.origin}/moved` }) ?? true) : guard(x);
      };
      const { code, output } = await login();
      assert.equal(code, 0, output);
    });
  }
});

test("authorization server metadata that would be on another origin are not fetched there", async (t) => {
  const { authority, login } = await world(t);
  const other = await startAuthorizationServer(t);
  authority.on(kServer, () => [302, "", { location: `${other.issuer}${kServer}` }]);
  const { code, stderr } = await login();
  assert.equal(code, 1);
  assert.match(stderr, /publishes no metadata \(RFC 8414\)/);
  assert.deepEqual(other.requests, []);
});

// What leads to a request to that endpoint, and what the person is told then.
const kEndpoints = {
  "the registration endpoint": { path: "/register", says: /registering at http:.* 307/ },
  "the token endpoint, for a code": { path: "/token", says: /token endpoint http:.* 307/ },
  "the endpoint for pushed requests": {
    path: "/par", says: /pushed authorization request endpoint http:.* answered 307/,
    metadata: ({ issuer }) => ({ pushed_authorization_request_endpoint: `${issuer}/par`, require_pushed_authorization_requests: true }),
  },
  "the device authorization endpoint": {
    path: "/device", says: /device authorization endpoint http:.* answered 307/, args: ["--grant", "device-code"],
    metadata: ({ issuer }) => ({ device_authorization_endpoint: `${issuer}/device` }),
  },
};

describe("a 307 is not followed, and told, from", { concurrency: 4 }, () => {
  const targets = { "its own origin": (authority) => authority, "another origin": (_, other) => other };
  for (const [where, target] of Object.entries(targets)) {
    for (const [what, { path, says, args = [], metadata = () => ({}) }] of Object.entries(kEndpoints))
      test(`${what} to ${where}`, async (t) => {
        const { authority, login } = await world(t);
        const other = await startAuthorizationServer(t);
        Object.assign(authority.metadata, metadata(authority));
        authority.on(path, () => [307, "", { location: `${target(authority, other).issuer}/elsewhere` }]);
        const { code, stderr } = await login(...args);
        assert.equal(code, 1);
        assert.match(stderr, says);
        assert.equal(authority.count(path), 1);
        assert.deepEqual([authority.count("/elsewhere"), other.requests.length], [0, 0]);
      });

    test(`the token endpoint, for a refresh, to ${where}`, async (t) => {
      const { authority, peer, home, entry, expired } = await openHome(t);
      const other = await startAuthorizationServer(t);
      const before = expired();
      authority.on("/token", () => [307, "", { location: `${target(authority, other).issuer}/elsewhere` }]);
      const { code, stderr } = await run(t, ["token", peer.url], { home });
      assert.equal(code, 1);
      assert.match(stderr, /token endpoint http:.* 307/);
      assert.deepEqual([authority.count("/elsewhere"), other.requests.length], [0, 0]);
      assert.equal(entry().refresh_token, before.refresh_token);
    });

    test(`the revocation endpoint to ${where}`, async (t) => {
      const { authority, command, login } = await world(t);
      const other = await startAuthorizationServer(t);
      authority.on("/revoke", () => [307, "", { location: `${target(authority, other).issuer}/elsewhere` }]);
      await login();
      const { output } = await command("logout");
      assert.match(output, /revo.* 307/);
      assert.deepEqual([authority.count("/elsewhere"), other.requests.length], [0, 0]);
    });
  }
});
