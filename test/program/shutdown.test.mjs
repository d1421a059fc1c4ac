// SPDX-License-Identifier: MIT
// The end: what is in flight is answered, the session is ended, the exit code says how it was.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";

import { afterwards } from "./support/cleanup.mjs";
import { within } from "./support/deadline.mjs";
import { binary, connect, start } from "./support/gateway.mjs";
import { startPeer } from "./support/peer.mjs";
import { temporaryDirectory } from "./support/temporary.mjs";

const kSuccess = { code: 0, signal: null };

async function started(t, options = {}) {
  const peer = await startPeer(t, options.peer);
  peer.on("tools/call", () => {});
  return { peer, gateway: await connect(t, peer, options.args) };
}

const call = (id) => ({ jsonrpc: "2.0", id, method: "tools/call", params: {} });

describe("the end of stdin", { concurrency: 8 }, () => {
  test("ends an idle program with exit code 0, and its session with DELETE", async (t) => {
    const { peer, gateway } = await started(t);
    gateway.end();
    assert.deepEqual(await gateway.exit(), kSuccess);
    const [goodbye] = peer.all("DELETE");
    assert.equal(goodbye.session, "session-1");
    assert.equal(goodbye.version, "2025-11-25");
    assert.equal(peer.count("DELETE"), 1);
  });

  test("without a session sends no DELETE", async (t) => {
    const { peer, gateway } = await started(t, { peer: { sessions: false } });
    gateway.end();
    assert.deepEqual(await gateway.exit(), kSuccess);
    assert.equal(peer.count("DELETE"), 0);
  });

  test("without a single message is exit code 0", async (t) => {
    const peer = await startPeer(t);
    const gateway = start(t, [peer.url]);
    gateway.end();
    assert.deepEqual(await gateway.exit(), kSuccess);
    assert.equal(gateway.messages.length, 0);
  });

  test("waits for what is in flight: a piped one-shot use works", async (t) => {
    const peer = await startPeer(t);
    const gateway = start(t, [peer.url]);
    peer.on("tools/call", async (x) => {
      await new Promise((done) => setTimeout(done, 300)); // a call that takes its time
      x.result({ done: true });
    });
    const params = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "t", version: "1" } };
    gateway.send({ jsonrpc: "2.0", id: 1, method: "initialize", params });
    gateway.notify("notifications/initialized");
    gateway.send(call(2));
    gateway.end();
    assert.ok((await gateway.answer(1)).result);
    assert.deepEqual((await gateway.answer(2)).result, { done: true });
    assert.deepEqual(await gateway.exit(), kSuccess);
    assert.equal(peer.count("DELETE"), 1);
  });

  test("answers what stays unanswered with an error after a few seconds", async (t) => {
    const { peer, gateway } = await started(t);
    for (const id of [1001, "b"]) gateway.send(call(id));
    await peer.received("tools/call");
    await peer.received("tools/call");
    gateway.end();
    for (const id of [1001, "b"]) assert.ok((await gateway.answer(id)).error);
    assert.deepEqual(await gateway.exit(), kSuccess);
    assert.equal(peer.count("DELETE"), 1);
  });

  test("does not wait for ever for the server's goodbye", async (t) => {
    const { peer, gateway } = await started(t);
    peer.on("DELETE", () => {});
    gateway.end();
    assert.deepEqual(await gateway.exit(), kSuccess);
  });

  for (const status of [404, 405, 500]) {
    test(`does not mind ${status} as the answer to DELETE`, async (t) => {
      const { peer, gateway } = await started(t);
      peer.on("DELETE", (x) => x.send(status));
      gateway.end();
      assert.deepEqual(await gateway.exit(), kSuccess);
      assert.equal(peer.count("DELETE"), 1);
    });
  }

  test("does not wait for a ping that is under way", async (t) => {
    const peer = await startPeer(t);
    peer.on("ping", () => {});
    const gateway = await connect(t, peer, ["--ping-interval", "0.05"]);
    await peer.received("ping");
    gateway.end();
    assert.deepEqual(await gateway.exit(), kSuccess);
    assert.equal(peer.count("DELETE"), 1);
  });

  test("ends the server's own stream as well", async (t) => {
    const peer = await startPeer(t);
    peer.on("GET", (x) => x.stream());
    const gateway = await connect(t, peer);
    const get = await peer.received("GET");
    gateway.end();
    assert.deepEqual(await gateway.exit(), kSuccess);
    await within(get.gone, "the end of the stream");
  });

  test("comes through while the server is away", async (t) => {
    const { peer, gateway } = await started(t);
    await peer.leave();
    gateway.end();
    assert.deepEqual(await gateway.exit(), kSuccess);
  });

  test("ends with the newest session after a recovery", async (t) => {
    const { peer, gateway } = await started(t);
    peer.forgetSessions();
    await gateway.barrier();
    gateway.end();
    assert.deepEqual(await gateway.exit(), kSuccess);
    assert.equal(peer.all("DELETE")[0].session, "session-2");
  });
});

// The shell shares its stdin with the program, as a terminal is shared, and prints its flags (octal)
// before and after.
const kSharing = `grep flags /proc/self/fdinfo/0 >&2; "$@" & echo "pid $!" >&2; wait $!; grep flags /proc/self/fdinfo/0 >&2`;

test("a second signal ends the program at once, and leaves the flags of stdin as they were", async (t) => {
  const peer = await startPeer(t);
  peer.on("DELETE", () => {}); // so that the first one takes two seconds
  const command = ["bash", "-c", `exec 3<&0; ${kSharing.replace('"$@" &', '"$@" <&3 &')}`, "bash", binary];
  const gateway = await connect(t, peer, [], { command });
  await gateway.logged(/pid \d+/);
  const pid = Number(/pid (\d+)/.exec(gateway.stderr)[1]);
  process.kill(pid, "SIGTERM");
  await peer.received("DELETE");
  process.kill(pid, "SIGTERM");
  await gateway.exit();
  const [before, after] = gateway.stderr.match(/flags:\s*\d+/g);
  assert.equal(after, before);
});

test("a signal before the relay has begun is exit code 130", async (t) => {
  const fifo = join(temporaryDirectory(t), "fifo");
  execFileSync("mkfifo", [fifo]);
  const gateway = start(t, ["http://127.0.0.1:9/mcp", "--header-file", fifo]);
  // Open it for writing: that returns once the program has opened it for reading, and waits.
  const writer = await within(open(fifo, "w"), "the program at the pipe");
  afterwards(t, () => writer.close());
  gateway.signal("SIGINT");
  assert.deepEqual(await gateway.exit(), { code: 130, signal: null });
});

for (const signal of ["SIGTERM", "SIGINT"]) {
  describe(signal, { concurrency: 8 }, () => {
    test("is exit code 0, and the session is ended", async (t) => {
      const { peer, gateway } = await started(t);
      gateway.signal(signal);
      assert.deepEqual(await gateway.exit(), kSuccess);
      assert.equal(peer.count("DELETE"), 1);
    });

    test("answers what is in flight with an error (H.2 8)", async (t) => {
      const { peer, gateway } = await started(t);
      gateway.send(call(7));
      await peer.received("tools/call");
      gateway.signal(signal);
      assert.ok((await gateway.answer(7)).error);
      assert.deepEqual(await gateway.exit(), kSuccess);
    });

    test("answers what waits for Retry-After with an error", async (t) => {
      const { peer, gateway } = await started(t);
      peer.on("tools/call", (x) => x.send(429, "", { "retry-after": "50" }));
      gateway.send(call(7));
      await (await peer.received("tools/call")).gone;
      gateway.signal(signal);
      assert.ok((await gateway.answer(7)).error);
      assert.deepEqual(await gateway.exit(), kSuccess);
    });

    test("gets through to a program whose client does not read", async (t) => {
      const { peer, gateway } = await started(t);
      peer.on("tools/call", (x) => x.result({ text: "x".repeat(1_000_000) }));
      gateway.child.stdout.pause();
      for (let id = 1001; id < 1011; ++id) gateway.send(call(id));
      for (let n = 0; n < 10; ++n) await peer.received("tools/call");
      const left = once(gateway.child, "exit");
      gateway.signal(signal);
      await within(left, "the end of the program");
      gateway.child.stdout.destroy(); // the last line may be cut: nobody was reading
    });
  });
}

describe("a client that is gone", { concurrency: 4 }, () => {
  test("is noticed by its closed stdout, and the session is ended", async (t) => {
    const { peer, gateway } = await started(t);
    gateway.child.stdout.destroy();
    assert.equal((await gateway.exit()).code, 0);
    assert.equal(peer.count("DELETE"), 1);
  });

  test("is noticed while a call is under way", async (t) => {
    const { peer, gateway } = await started(t);
    gateway.send(call(7));
    await peer.received("tools/call");
    gateway.child.stdout.destroy();
    assert.equal((await gateway.exit()).code, 0);
    assert.equal(peer.count("DELETE"), 1);
  });

  for (const line of ['{"jsonrpc":"2.0","method":"notifications/x"}', "x"]) {
    test(`is noticed although it goes on saying ${line}`, async (t) => {
      const peer = await startPeer(t);
      const script = '(echo x; exec yes "$2") | "$0" "$1" | head -n 1';
      const shell = spawn("sh", ["-c", script, binary, peer.url, line], {
        stdio: ["ignore", "pipe", "ignore"],
        env: { PATH: process.env.PATH, HOME: "/nonexistent" },
        detached: true,
      });
      afterwards(t, () => {
        if (shell.exitCode === null) process.kill(-shell.pid, "SIGKILL");
      });
      shell.stdout.resume();
      await within(once(shell, "exit"), "the end of the program");
    });
  }

  // The pipes stay open: only the process that started the program is gone.
  test("is noticed when the parent process dies (peers 55)", async (t) => {
    const peer = await startPeer(t);
    const script = 'exec 3<&0; "$0" "$1" <&3 & wait';
    const shell = spawn("sh", ["-c", script, binary, peer.url], {
      stdio: ["pipe", "pipe", "ignore"],
      env: { PATH: process.env.PATH, HOME: "/nonexistent" },
    });
    afterwards(t, () => shell.kill("SIGKILL"));
    shell.stdin.on("error", () => {});
    const params = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "t", version: "1" } };
    shell.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params })}\n`);
    await within(once(shell.stdout, "data"), "an answer");
    const closed = once(shell.stdout, "close"); // the program holds the other end of this pipe
    shell.stdout.resume();
    shell.kill("SIGKILL");
    await within(closed, "the end of the program");
    assert.equal(peer.count("DELETE"), 1);
  });
});
