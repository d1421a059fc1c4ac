// SPDX-License-Identifier: MIT
// Where a server on the internet may send a login. Here it is on the internet as far as the program can
// know: behind a proxy. Its authorization server is on this machine, reached directly.
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { startAuthorizationServer, startProtectedPeer, visitor } from "./support/authorization_server.mjs";
import { run } from "./support/gateway.mjs";
import { startHttpProxy } from "./support/proxies.mjs";
import { temporaryDirectory } from "./support/temporary.mjs";

async function login(t, ...args) {
  const authority = await startAuthorizationServer(t);
  const peer = await startProtectedPeer(t, authority);
  Object.assign(peer, { origin: "http://mcp.example", url: "http://mcp.example/mcp" });
  const proxy = await startHttpProxy(t, { port: peer.port });
  const env = { HTTP_PROXY: `http://127.0.0.1:${proxy.port}`, NO_PROXY: "127.0.0.1" };
  const ended = await run(t, ["login", peer.url, "--allow-http", "--browser", visitor, ...args], { home: temporaryDirectory(t), env });
  assert.ok(proxy.seen.length > 0);
  return { authority, ...ended };
}

describe("an authorization server at a private address", { concurrency: 3 }, () => {
  test("gets no request when the MCP server is not at one", async (t) => {
    const { authority, code, stderr } = await login(t);
    assert.equal(code, 1);
    assert.match(stderr, /is at the private address 127\.0\.0\.1, but the MCP server is not; --oauth-allow-private/);
    assert.deepEqual(authority.requests, []);
  });

  test("is used with --oauth-allow-private", async (t) => {
    const { authority, code, stderr } = await login(t, "--oauth-allow-private");
    assert.equal(code, 0, stderr);
    assert.equal(authority.count("/token"), 1);
  });
});
