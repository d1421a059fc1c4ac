// SPDX-License-Identifier: MIT
// Credentials: where they come from, how they are sent, and to whom never. Proxies are here too,
// since they stand where credentials could get lost.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";

import { connect, run, start } from "./support/gateway.mjs";
import { startLegacyPeer, startPeer } from "./support/peer.mjs";
import { startHttpProxy, startSocksProxy } from "./support/proxies.mjs";
import { temporaryDirectory } from "./support/temporary.mjs";

// The headers of initialize as the server saw them.
async function sent(t, args, env) {
  const peer = await startPeer(t);
  const gateway = await connect(t, peer, args, { env });
  return { peer, gateway, exchange: peer.all("initialize")[0], headers: peer.all("initialize")[0].headers };
}

describe("a bearer token", { concurrency: 4 }, () => {
  test("comes from --bearer-token and goes with every request", async (t) => {
    const { peer, gateway } = await sent(t, ["--bearer-token", "secret-token"]);
    await gateway.barrier();
    gateway.end();
    await gateway.exit();
    assert.ok(peer.count("GET") && peer.count("DELETE"));
    for (const x of peer.requests) assert.equal(x.headers.authorization, "Bearer secret-token", x.kind);
  });

  test("comes from MCP_BEARER_TOKEN", async (t) => {
    assert.equal((await sent(t, [], { MCP_BEARER_TOKEN: "from-env" })).headers.authorization, "Bearer from-env");
  });

  test("of the command line beats the environment's (item 67)", async (t) => {
    const { headers } = await sent(t, ["--bearer-token", "flag"], { MCP_BEARER_TOKEN: "from-env" });
    assert.equal(headers.authorization, "Bearer flag");
  });

  test("that is empty is not sent, with a warning (item 70)", async (t) => {
    const { gateway, headers } = await sent(t, ["--bearer-token", ""]);
    assert.equal(headers.authorization, undefined);
    await gateway.logged(/warning|no authorization|empty/i);
  });

  test("goes to the endpoint and the stream of HTTP+SSE", async (t) => {
    const peer = await startLegacyPeer(t);
    await connect(t, peer, ["--transport", "sse", "--bearer-token", "secret-token"], { version: "2024-11-05" });
    for (const x of peer.requests) assert.equal(x.headers.authorization, "Bearer secret-token", x.kind);
  });

  test("that is refused is HTTP 401 (item 112)", async (t) => {
    const peer = await startPeer(t);
    peer.on("tools/call", (x) => x.send(401, "", { "www-authenticate": 'Bearer error="invalid_token"' }));
    const gateway = await connect(t, peer, ["--bearer-token", "secret-token"]);
    const answer = await gateway.request("tools/call", {});
    assert.match(answer.error.message, /401/);
    assert.equal(peer.count("tools/call"), 1);
  });
});

describe("-H", { concurrency: 4 }, () => {
  for (const [given, value] of [
    ["X-Key:   v  ", "v"],
    ["X-Key:v:w: x", "v:w: x"],
    ["X-Key:", ""],
    ["x-KEY: v", "v"],
    ["X-Key: ü", "Ã¼"],
  ]) {
    test(`'${given}' sends '${value}' (items 60 to 62)`, async (t) => {
      const { exchange, headers } = await sent(t, ["-H", given]);
      assert.equal(exchange.lines("x-key"), 1);
      assert.equal(headers["x-key"], value);
    });
  }

  test("may be repeated", async (t) => {
    const { headers } = await sent(t, ["-H", "X-A: 1", "--header", "X-B: 2"]);
    assert.deepEqual([headers["x-a"], headers["x-b"]], ["1", "2"]);
  });

  test("replaces a header of ours, whatever its letters (item 66)", async (t) => {
    const { exchange, headers } = await sent(t, ["-H", "user-AGENT: mine"]);
    assert.equal(exchange.lines("user-agent"), 1);
    assert.equal(headers["user-agent"], "mine");
  });

  test("Authorization beats --bearer-token, with a warning (item 88)", async (t) => {
    const { gateway, exchange, headers } = await sent(t, ["-H", "authorization: Basic abc", "--bearer-token", "secret-token"]);
    assert.equal(headers.authorization, "Basic abc");
    assert.equal(exchange.lines("authorization"), 1);
    await gateway.logged(/warning|instead|replace|wins/i);
  });

  test("'${NAME}' is taken from the environment", async (t) => {
    const { headers } = await sent(t, ["-H", "X-Key: a ${MY_KEY} b${OTHER}"], { MY_KEY: "key-1", OTHER: "key-2" });
    assert.equal(headers["x-key"], "a key-1 bkey-2");
  });

  test("'${NAME}' that is not set is a mistake, by name", async (t) => {
    const { code, stderr } = await run(t, ["http://127.0.0.1:1/mcp", "-H", "X-Key: ${NOT_THERE}"]);
    assert.ok(code === 1 || code === 2);
    assert.match(stderr, /NOT_THERE/);
  });

  for (const given of ["no colon", "X-Key: a\nX-Evil: b", "X-Key: a\rb", "X Key: v", ": v", "Xé: v", "X:Y\n: v"]) {
    test(`${JSON.stringify(given)} is a mistake with exit code 1 (items 63 to 65)`, async (t) => {
      assert.equal((await run(t, ["http://127.0.0.1:1/mcp", "-H", given])).code, 1);
    });
  }

  test("with a line break that comes from the environment is a mistake too", async (t) => {
    const { code } = await run(t, ["http://127.0.0.1:1/mcp", "-H", "X-Key: ${BAD}"], { env: { BAD: "a\r\nX-Evil: b" } });
    assert.equal(code, 1);
  });

  test("--bearer-token with a line break is a mistake with exit code 1 (item 71)", async (t) => {
    assert.equal((await run(t, ["http://127.0.0.1:1/mcp", "--bearer-token", "a\r\nX-Evil: b"])).code, 1);
  });
});

describe("other sources", { concurrency: 4 }, () => {
  test("--header-file sends the headers in a file", async (t) => {
    const file = join(temporaryDirectory(t), "headers");
    writeFileSync(file, "# a comment\nX-A: 1\n\nAuthorization: Bearer from-file\n");
    const { headers } = await sent(t, ["--header-file", file]);
    assert.deepEqual([headers["x-a"], headers.authorization], ["1", "Bearer from-file"]);
  });

  test("--header-file that is not there is a mistake that names it", async (t) => {
    const { code, stderr } = await run(t, ["http://127.0.0.1:1/mcp", "--header-file", "/nonexistent/headers"]);
    assert.ok(code === 1 || code === 2);
    assert.match(stderr, /\/nonexistent\/headers/);
  });

  test("userinfo in the URL becomes Basic, decoded (C.5)", async (t) => {
    const peer = await startPeer(t);
    peer.url = peer.url.replace("://", "://user%40x:p%3Ass@");
    await connect(t, peer);
    const basic = Buffer.from("user@x:p:ss").toString("base64");
    for (const x of peer.requests) assert.equal(x.headers.authorization, `Basic ${basic}`);
  });

  test("cookies are kept in memory and sent back (C.5)", async (t) => {
    const peer = await startPeer(t);
    peer.on("initialize", (x) => peer.initialize(x, { "set-cookie": ["lb=node-7; Path=/", "other=1; Path=/elsewhere"] }));
    const gateway = await connect(t, peer);
    await gateway.barrier();
    assert.equal(peer.all("ping")[0].headers.cookie, "lb=node-7");
  });
});

describe("plain http to another machine", { concurrency: 4 }, () => {
  const kElsewhere = "http://mcp.example.test/mcp";

  async function through(t, args, env = {}) {
    const peer = await startPeer(t);
    const proxy = await startHttpProxy(t, peer);
    const gateway = start(t, [kElsewhere, "--proxy", `http://127.0.0.1:${proxy.port}`, ...args], { env });
    return { peer, proxy, gateway };
  }

  for (const [what, args, env] of [
    ["--bearer-token", ["--bearer-token", "secret-token"], {}],
    ["-H Authorization", ["-H", "Authorization: Basic abc"], {}],
    ["-H with any name", ["-H", "X-Api-Key: abc"], {}],
    ["MCP_BEARER_TOKEN", [], { MCP_BEARER_TOKEN: "secret-token" }],
  ]) {
    test(`with ${what} is refused, and the way out is named`, async (t) => {
      const { proxy, gateway } = await through(t, args, env);
      gateway.end();
      const { code } = await gateway.exit();
      assert.equal(code, 1);
      assert.match(gateway.stderr, /--allow-http/);
      assert.equal(proxy.seen.length, 0);
    });
  }

  test("with userinfo in the URL is refused too", async (t) => {
    const { code, stderr } = await run(t, ["http://user:pass@mcp.example.test/mcp"]);
    assert.equal(code, 1);
    assert.match(stderr, /--allow-http/);
  });

  test("with --allow-http is done", async (t) => {
    const { peer, gateway } = await through(t, ["--bearer-token", "secret-token", "--allow-http"]);
    assert.ok((await gateway.handshake()).result);
    assert.equal(peer.all("initialize")[0].headers.authorization, "Bearer secret-token");
  });

  test("without credentials is nobody's business", async (t) => {
    const { gateway } = await through(t, []);
    assert.ok((await gateway.handshake()).result);
  });

  for (const host of ["localhost", "127.0.0.1"]) {
    test(`is not what ${host} is`, async (t) => {
      const peer = await startPeer(t);
      peer.url = `http://${host}:${peer.port}/mcp`;
      await connect(t, peer, ["--bearer-token", "secret-token"]);
    });
  }
});

describe("a proxy", { concurrency: 4 }, () => {
  const kElsewhere = "http://mcp.example.test/mcp";

  async function proxied(t, makeEnv, args = []) {
    const peer = await startPeer(t);
    const proxy = await startHttpProxy(t, peer);
    const gateway = start(t, [kElsewhere, ...args], { env: makeEnv(`127.0.0.1:${proxy.port}`) });
    assert.ok((await gateway.handshake()).result);
    return { peer, proxy };
  }

  for (const name of ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"]) {
    test(`is taken from ${name}`, async (t) => {
      const { proxy } = await proxied(t, (address) => ({ [name]: `http://${address}` }));
      assert.match(proxy.seen[0].url, /mcp\.example\.test/);
    });
  }

  test("gets its own credentials, and the server does not", async (t) => {
    const { peer, proxy } = await proxied(t, (address) => ({ HTTP_PROXY: `http://me:p%40ss@${address}` }));
    assert.equal(proxy.seen[0].authorization, `Basic ${Buffer.from("me:p@ss").toString("base64")}`);
    for (const x of peer.requests) assert.equal(x.headers["proxy-authorization"], undefined);
  });

  for (const noProxy of ["127.0.0.1", "127.0.0.0/8", "*", "other.test,127.0.0.1"]) {
    test(`is not used for a server that NO_PROXY=${noProxy} names`, async (t) => {
      const peer = await startPeer(t);
      const env = { HTTP_PROXY: "http://127.0.0.1:1", ALL_PROXY: "http://127.0.0.1:1", NO_PROXY: noProxy };
      await connect(t, peer, [], { env });
    });
  }

  test("may speak SOCKS5, with a name it resolves itself", async (t) => {
    const peer = await startPeer(t);
    const proxy = await startSocksProxy(t, peer);
    const gateway = start(t, [kElsewhere, "--proxy", `socks5h://me:pass@127.0.0.1:${proxy.port}`]);
    assert.ok((await gateway.handshake()).result);
    assert.deepEqual(proxy.seen[0], { host: "mcp.example.test", user: "me:pass" });
  });

  test("that is not there is one error that says proxy, without its password", async (t) => {
    const gateway = start(t, [kElsewhere, "--proxy", "http://me:SECRETPASS@127.0.0.1:1"]);
    const answer = await gateway.handshake();
    assert.ok(answer.error);
    assert.doesNotMatch(gateway.textOf(answer) + gateway.stderr, /SECRETPASS/);
  });
});
