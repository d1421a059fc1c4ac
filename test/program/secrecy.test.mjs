// SPDX-License-Identifier: MIT
// Secrets reach neither logs nor error texts, whatever happens and however much is logged.
import assert from "node:assert/strict";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";

import { connect, run, start } from "./support/gateway.mjs";
import { startPeer } from "./support/peer.mjs";
import { temporaryDirectory } from "./support/temporary.mjs";

const kSecrets = ["TOKEN-secret", "HEADER-secret", "FILE-secret", "ENV-secret", "QUERY-secret", "COOKIE-secret"];

function withSecrets(t, url) {
  const file = join(temporaryDirectory(t), "headers");
  writeFileSync(file, "X-From-File: FILE-secret\n");
  return [
    `${url}?key=QUERY-secret`, "--log-level", "trace", "--bearer-token", "TOKEN-secret",
    "-H", "X-Key: HEADER-secret", "-H", "X-Env: ${SECRET_ENV}", "--header-file", file,
  ];
}
const kEnv = { SECRET_ENV: "ENV-secret" };

function assertSilent(text) {
  for (const secret of kSecrets) assert.ok(!text.includes(secret), `${secret} in: ${text}`);
}

async function converse(t, prepare) {
  const peer = await startPeer(t);
  peer.on("initialize", (x) => peer.initialize(x, { "set-cookie": "id=COOKIE-secret" }));
  prepare?.(peer);
  const gateway = start(t, withSecrets(t, peer.url), { env: kEnv });
  await gateway.handshake();
  await gateway.request("tools/call", { name: "a" });
  gateway.end();
  await gateway.exit();
  return { peer, gateway };
}

describe("at --log-level trace no secret is logged", { concurrency: 4 }, () => {
  const situations = {
    "when all is well": (peer) => peer.answers("tools/call", {}),
    "when the server answers 401": (peer) => peer.on("tools/call", (x) => x.send(401)),
    "when the server answers 500 and echoes the headers": (peer) =>
      peer.on("tools/call", (x) => x.send(500, JSON.stringify(x.headers))),
    "when the answer is not JSON": (peer) =>
      peer.on("tools/call", (x) => x.send(200, `<title>t</title> ${x.headers.authorization}`, { "content-type": "text/html" })),
    "when the connection breaks": (peer) => peer.on("tools/call", (x) => x.drop()),
    "when the server redirects elsewhere": (peer) =>
      peer.on("tools/call", (x) => x.send(307, "", { location: "https://u:TOKEN-secret@elsewhere.test/?k=QUERY-secret" })),
    "when the session is lost": (peer) => {
      let lost = false;
      peer.on("tools/call", (x) => {
        if (lost) return x.result({});
        lost = true;
        return x.send(404);
      });
    },
  };
  for (const [what, prepare] of Object.entries(situations)) {
    test(`${what} (item 205)`, async (t) => {
      const { peer, gateway } = await converse(t, prepare);
      assert.equal(peer.all("tools/call")[0].headers["x-env"], "ENV-secret");
      assert.match(peer.all("tools/call")[0].path, /key=QUERY-secret/);
      assert.ok(gateway.stderr.length > 0);
      assertSilent(gateway.stderr);
      assertSilent(gateway.messages.map((m) => gateway.textOf(m)).join("\n"));
    });
  }

  test("when the server is not there", async (t) => {
    const peer = await startPeer(t);
    await peer.leave();
    const gateway = start(t, withSecrets(t, peer.url.replace("://", "://user:USERINFO-secret@")), { env: kEnv });
    const answer = await gateway.handshake();
    assert.ok(answer.error);
    assertSilent(gateway.stderr + gateway.textOf(answer));
    assert.doesNotMatch(gateway.stderr + gateway.textOf(answer), /USERINFO-secret/);
  });

  test("when the command line is wrong", async (t) => {
    const { code, output } = await run(t, [...withSecrets(t, "http://127.0.0.1:1/mcp"), "--nonsense"], { env: kEnv });
    assert.equal(code, 2);
    assertSilent(output);
  });

  test("by --check", async (t) => {
    const peer = await startPeer(t);
    const { output } = await run(t, [...withSecrets(t, peer.url), "--check"], { env: kEnv });
    assertSilent(output);
  });
});

describe("what messages say", { concurrency: 4 }, () => {
  async function logAt(t, level) {
    const peer = await startPeer(t);
    peer.answers("tools/call", { text: "CONTENT-out" });
    const gateway = await connect(t, peer, level ? ["--log-level", level] : []);
    await gateway.request("tools/call", { name: "a", arguments: { text: "CONTENT-in" } });
    gateway.end();
    await gateway.exit();
    return gateway.stderr;
  }

  for (const level of [undefined, "error", "warning", "info", "debug"]) {
    test(`is not logged at ${level ?? "the default level"}`, async (t) => {
      assert.doesNotMatch(await logAt(t, level), /CONTENT/);
    });
  }

  test("is logged at trace", async (t) => {
    const log = await logAt(t, "trace");
    assert.match(log, /CONTENT-in/);
    assert.match(log, /CONTENT-out/);
  });

  test("is named at debug: method, id", async (t) => {
    const log = await logAt(t, "debug");
    assert.match(log, /tools\/call/);
    assert.match(log, /notifications\/initialized/);
  });
});

describe("--log-file and --log-format", { concurrency: 4 }, () => {
  test("write the log into a file that only its owner can read, and nothing to stderr", async (t) => {
    const peer = await startPeer(t);
    const file = join(temporaryDirectory(t), "log");
    const gateway = await connect(t, peer, ["--log-level", "debug", "--log-file", file]);
    gateway.end();
    await gateway.exit();
    assert.match(readFileSync(file, "utf8"), /initialize/);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.equal(gateway.stderr, "");
  });

  test("write to /dev/stderr, even where that is a socket", async (t) => {
    const peer = await startPeer(t);
    const gateway = await connect(t, peer, ["--log-level", "debug", "--log-file", "/dev/stderr"]);
    gateway.end();
    await gateway.exit();
    assert.match(gateway.stderr, /initialize/);
  });

  test("json is one object a line", async (t) => {
    const peer = await startPeer(t);
    const gateway = await connect(t, peer, ["--log-level", "debug", "--log-format", "json"]);
    gateway.end();
    await gateway.exit();
    const lines = gateway.stderr.trim().split("\n");
    assert.ok(lines.length > 1);
    for (const line of lines) assert.equal(typeof JSON.parse(line), "object");
  });

  test("text lines begin with [mcp-stdio] (B.5)", async (t) => {
    const peer = await startPeer(t);
    const gateway = await connect(t, peer);
    await gateway.logged(/\n/);
    for (const line of gateway.stderr.trim().split("\n")) assert.match(line, /^\[mcp-stdio\] /);
  });
});
