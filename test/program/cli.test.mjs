// SPDX-License-Identifier: MIT
// The command line: what it accepts, what it says, and with which exit code it ends.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";

import { connect, run, start } from "./support/gateway.mjs";
import { startLegacyPeer, startPeer } from "./support/peer.mjs";
import { temporaryDirectory } from "./support/temporary.mjs";

const kUrl = "http://127.0.0.1:1/mcp";

describe("usage", { concurrency: 4 }, () => {
  for (const flag of ["--version", "-V"]) {
    test(`${flag} prints name and version with exit code 0 (item 72)`, async (t) => {
      const { code, stdout } = await run(t, [flag]);
      assert.equal(code, 0);
      assert.match(stdout, /^mcp-stdio \d+\.\d+\.\d+/);
    });
  }

  for (const flag of ["--help", "-h"]) {
    test(`${flag} prints the options with exit code 0`, async (t) => {
      const { code, stdout } = await run(t, [flag]);
      assert.equal(code, 0);
      for (const option of ["--bearer-token", "--header", "--transport", "--check", "--allow-tool"]) {
        assert.ok(stdout.includes(option), option);
      }
    });
  }

  test("no URL is exit code 2 (item 72)", async (t) => {
    const { code, stdout, stderr } = await run(t, []);
    assert.equal(code, 2);
    assert.match(stderr, /URL/);
    assert.equal(stdout, "");
  });

  test("an address without its beginning is told whole, and not taken for one with a secret in it", async (t) => {
    const { code, stderr } = await run(t, ["example.com/mcp"]);
    assert.equal(code, 2);
    assert.match(stderr, /does not begin with http:\/\/ or https:\/\/, as in https:\/\/example\.com\/mcp$/m);
  });

  for (const url of ["not a url", "ftp://host/x", "http://", "http://host:99999/", "/mcp"]) {
    test(`the URL '${url}' is a mistake, said on stderr`, async (t) => {
      const { code, stderr } = await run(t, [url]);
      assert.ok(code === 1 || code === 2, `exit code ${code}`);
      assert.ok(stderr.length > 0);
    });
  }

  test("an unknown option is exit code 2, with the nearest one", async (t) => {
    const { code, stderr } = await run(t, [kUrl, "--bearer-tokn", "x"]);
    assert.equal(code, 2);
    assert.match(stderr, /--bearer-tokn/);
    assert.match(stderr, /--bearer-token\b/);
  });

  test("all mistakes are reported together", async (t) => {
    const { code, stderr } = await run(t, [kUrl, "--timeout-conect", "5", "--timeout-read", "soon", "--transport", "pigeon"]);
    assert.equal(code, 2);
    for (const fact of [/--timeout-conect/, /--timeout-connect\b/, /--timeout-read/, /soon/, /--transport/, /pigeon/]) {
      assert.match(stderr, fact);
    }
  });

  test("a second URL is exit code 2", async (t) => {
    assert.equal((await run(t, [kUrl, kUrl])).code, 2);
  });

  for (const option of ["--timeout-connect", "--timeout-read"]) {
    for (const value of ["0", "-1", "nan", "inf", "soon", "", "1e400"]) {
      test(`${option} '${value}' is exit code 2 (item 74)`, async (t) => {
        assert.equal((await run(t, [kUrl, option, value])).code, 2);
      });
    }
  }

  for (const option of ["--sse-read-timeout", "--timeout-request", "--ping-interval", "--max-message-size"]) {
    test(`${option} 0 is accepted (item 75)`, async (t) => {
      const peer = await startPeer(t);
      await connect(t, peer, [option, "0"]);
    });
    test(`${option} -1 is exit code 2`, async (t) => {
      assert.equal((await run(t, [kUrl, option, "-1"])).code, 2);
    });
  }

  test("--timeout-read takes fractions (item 73)", async (t) => {
    const peer = await startPeer(t);
    await connect(t, peer, ["--timeout-read", "7.25", "--timeout-connect", "2.5"]);
  });

  test("--ipv4 with --ipv6 is a mistake", async (t) => {
    const { code } = await run(t, [kUrl, "--ipv4", "--ipv6"]);
    assert.ok(code === 1 || code === 2);
  });

  for (const option of ["--cacert", "--client-cert", "--client-cert-key"]) {
    test(`${option} with a file that is not there is a mistake that names it`, async (t) => {
      const { code, stderr } = await run(t, [kUrl, option, "/nonexistent/file.pem"]);
      assert.ok(code === 1 || code === 2);
      assert.match(stderr, /\/nonexistent\/file\.pem/);
    });
  }

  test("nothing but JSON-RPC is ever on stdout: mistakes are on stderr (B.5)", async (t) => {
    assert.equal((await run(t, [kUrl, "--nonsense"])).stdout, "");
  });
});

describe("the environment and the file", { concurrency: 4 }, () => {
  test("MCP_STDIO_... stands for an option", async (t) => {
    const peer = await startPeer(t);
    peer.answers("tools/list", { tools: [{ name: "a" }, { name: "b" }] });
    const gateway = await connect(t, peer, [], { env: { MCP_STDIO_ALLOW_TOOL: "b" } });
    assert.deepEqual((await gateway.request("tools/list")).result.tools, [{ name: "b" }]);
  });

  test("a malformed value in the environment is exit code 2, by the variable's name", async (t) => {
    const { code, stderr } = await run(t, [kUrl], { env: { MCP_STDIO_TIMEOUT_READ: "soon" } });
    assert.equal(code, 2);
    assert.match(stderr, /MCP_STDIO_TIMEOUT_READ/);
  });

  async function listWith(t, file, args = [], env = {}) {
    const peer = await startPeer(t);
    peer.answers("tools/list", { tools: [{ name: "a" }, { name: "b" }, { name: "c" }] });
    const path = join(temporaryDirectory(t), "config.json");
    writeFileSync(path, JSON.stringify(file));
    const gateway = await connect(t, peer, ["--config", path, ...args], { env });
    return (await gateway.request("tools/list")).result.tools.map((tool) => tool.name);
  }

  test("--config reads options from a JSON file", async (t) => {
    assert.deepEqual(await listWith(t, { "allow-tool": ["a", "b"], "timeout-read": 5, "http1.1": true }), ["a", "b"]);
  });

  test("the environment wins over the file, the command line over both", async (t) => {
    assert.deepEqual(await listWith(t, { "allow-tool": "a" }, [], { MCP_STDIO_ALLOW_TOOL: "b" }), ["b"]);
    assert.deepEqual(await listWith(t, { "allow-tool": "a" }, ["--allow-tool", "c"], { MCP_STDIO_ALLOW_TOOL: "b" }), ["c"]);
  });

  for (const [what, text] of [["is not JSON", "{"], ["is no object", "[]"], ["has an unknown key", '{"timeout-raed": 5}']]) {
    test(`a file that ${what} is a mistake that names it`, async (t) => {
      const path = join(temporaryDirectory(t), "config.json");
      writeFileSync(path, text);
      const { code, stderr } = await run(t, [kUrl, "--config", path]);
      assert.ok(code === 1 || code === 2);
      assert.ok(stderr.includes("config.json"), stderr);
    });
  }
});

describe("--check", { concurrency: 4 }, () => {
  async function check(t, prepare, args = []) {
    const peer = await startPeer(t);
    prepare?.(peer);
    return { peer, ...(await run(t, [peer.url, "--check", ...args])) };
  }

  test("of a server that is well is exit code 0 and shows what it is (items 77, 210)", async (t) => {
    const { code, output, peer } = await check(t, (peer) =>
      peer.answers("tools/list", { tools: [{ name: "alpha", inputSchema: {} }, { name: "beta", inputSchema: {} }] }));
    assert.equal(code, 0);
    for (const fact of ["peer", "1.0", "alpha", "beta", "session"]) assert.ok(output.includes(fact), `${fact}: ${output}`);
    assert.match(output, /20\d\d-\d\d-\d\d/);
    assert.equal(peer.count("DELETE"), 1);
  });

  test("--json is one JSON object on stdout", async (t) => {
    const { code, stdout } = await check(t, (peer) => peer.answers("tools/list", { tools: [{ name: "alpha" }] }), ["--json"]);
    assert.equal(code, 0);
    assert.ok(JSON.stringify(JSON.parse(stdout)).includes("alpha"));
  });

  test("--json of a failure is one JSON object too", async (t) => {
    const { code, stdout } = await check(t, (peer) => peer.on("initialize", (x) => x.send(500)), ["--json"]);
    assert.equal(code, 1);
    assert.ok(JSON.stringify(JSON.parse(stdout)).includes("500"));
  });

  test("understands an answer in an event stream that stays open (item 206)", async (t) => {
    const { code } = await check(t, (peer) => peer.on("initialize", (x) => {
      const result = { protocolVersion: x.params.protocolVersion, capabilities: {}, serverInfo: { name: "s", version: "1" } };
      x.stream(peer.newSession()).notify("notifications/message", { level: "info", data: 1 }).result(x.id, result);
    }));
    assert.equal(code, 0);
  });

  for (const status of [401, 403, 404, 500]) {
    test(`of a server that answers ${status} is exit code 1, with the status and without the body (item 207)`, async (t) => {
      const { code, output } = await check(t, (peer) => {
        peer.on("initialize", (x) => x.send(status, "SECRETBODY"));
        peer.on("GET", (x) => x.send(status, "SECRETBODY"));
      });
      assert.equal(code, 1);
      assert.match(output, new RegExp(`${status}`));
      assert.doesNotMatch(output, /SECRETBODY/);
    });
  }

  // options.md says what of an answer is shown.
  for (const args of [[], ["--json"]]) {
    test(`shows a page's title and an error's words, and no more of a body ${args}`, async (t) => {
      const page = "<html><title>Log in</title><body>SECRETBODY</body></html>";
      const html = await check(t, (peer) => {
        peer.on("initialize", (x) => x.send(404, page, { "content-type": "text/html" }));
        peer.on("GET", (x) => x.send(404, page, { "content-type": "text/html" }));
      }, args);
      assert.match(html.output, /Log in/);
      assert.doesNotMatch(html.output, /SECRETBODY/);
      const error = { code: -32000, message: "go away" + "!".repeat(1000), data: "SECRETBODY" };
      const json = await check(t, (peer) => peer.on("initialize", (x) => x.json({ jsonrpc: "2.0", id: x.id, error })), args);
      assert.match(json.output, /-32000: go away!{193}(?!!)/);
      assert.doesNotMatch(json.output, /SECRETBODY/);
    });
  }

  test("of a server whose answer is no message is exit code 1 (stricter than item 208)", async (t) => {
    for (const body of ["nonsense", '{"jsonrpc":"2.0","id":1}']) {
      const { code } = await check(t, (peer) => peer.on("initialize", (x) => x.json(body)));
      assert.equal(code, 1);
    }
  });

  test("of a server that refuses initialize is exit code 1 (item 207)", async (t) => {
    const { code } = await check(t, (peer) => peer.on("initialize", (x) => x.error(-32000, "go away")));
    assert.equal(code, 1);
  });

  test("of a server that is not there is exit code 1 (item 209)", async (t) => {
    const { code, output } = await run(t, [kUrl, "--check"]);
    assert.equal(code, 1);
    assert.match(output, /127\.0\.0\.1|connect|refused/i);
  });

  test("of an older server is exit code 0", async (t) => {
    const peer = await startLegacyPeer(t);
    const { code, output } = await run(t, [peer.url, "--check", "--transport", "sse"]);
    assert.equal(code, 0);
    assert.match(output, /legacy-peer/);
  });

  test("is interrupted by SIGINT with exit code 130, in one line (item 91)", async (t) => {
    const peer = await startPeer(t);
    peer.on("initialize", () => {});
    const gateway = start(t, [peer.url, "--check"]);
    gateway.child.stdout.removeAllListeners("data");
    gateway.child.stdout.resume();
    await peer.received("initialize");
    gateway.signal("SIGINT");
    assert.deepEqual(await gateway.exit(), { code: 130, signal: null });
  });

  test("--test works as --check, and says that it is deprecated (item 78)", async (t) => {
    const peer = await startPeer(t);
    const old = await run(t, [peer.url, "--test"]);
    assert.equal(old.code, 0);
    assert.match(old.stderr, /deprecated|--check/);
    assert.doesNotMatch((await run(t, [peer.url, "--check"])).stderr, /deprecated/);
  });
});

describe("network options", { concurrency: 4 }, () => {
  for (const option of ["--ipv4", "--http1.1", "--no-tcp-keepalive", "--no-cancel-filter", "--no-normalize-arguments"]) {
    test(`${option} is accepted (items 81, 82)`, async (t) => {
      await connect(t, await startPeer(t), [option]);
    });
  }

  test("--insecure is loud", async (t) => {
    const gateway = await connect(t, await startPeer(t), ["--insecure"]);
    await gateway.logged(/warning/i);
  });
});
