// SPDX-License-Identifier: MIT
// Real parts on the way: nginx with TLS, HTTP/2 and a private CA; tinyproxy as a proxy.
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import net from "node:net";
import { networkInterfaces } from "node:os";
import { describe, test } from "node:test";

import { afterwards } from "./support/cleanup.mjs";
import { run, start } from "./support/gateway.mjs";
import { startLegacyPeer, startPeer } from "./support/peer.mjs";
import { reasonToSkip, startNginx, startTinyproxy } from "./support/programs.mjs";

// A peer behind nginx, and a gateway that trusts its CA.
async function behindNginx(t, { config, args = [], hello, peer: options, legacy } = {}) {
  const peer = legacy ? await startLegacyPeer(t) : await startPeer(t, options);
  const nginx = await startNginx(t, peer, config);
  const gateway = start(t, [nginx.origin + peer.path, "--cacert", nginx.ca, ...args]);
  const answer = await gateway.handshake(hello);
  assert.ok(answer.result, JSON.stringify(answer) + gateway.stderr);
  await peer.received("notifications/initialized");
  return { peer, nginx, gateway };
}

const protocols = (nginx) => new Set(readFileSync(nginx.accessLog, "utf8").trim().split("\n").map((line) => line.split(" ")[0]));

describe("through nginx", { concurrency: 2, skip: reasonToSkip("nginx", "openssl") }, () => {
  test("HTTP/2 is used where it is offered", async (t) => {
    const { nginx, gateway } = await behindNginx(t);
    gateway.end();
    assert.equal((await gateway.exit()).code, 0);
    assert.deepEqual([...protocols(nginx)], ["HTTP/2.0"]);
  });

  test("HTTP/2 is not used with --http1.1", async (t) => {
    const { nginx, gateway } = await behindNginx(t, { args: ["--http1.1"] });
    gateway.end();
    assert.equal((await gateway.exit()).code, 0);
    assert.deepEqual([...protocols(nginx)], ["HTTP/1.1"]);
  });

  for (const args of [[], ["--http1.1"]]) {
    const over = args.length ? "HTTP/1.1" : "HTTP/2";

    test(`a hundred calls at once are answered, in any order (${over})`, async (t) => {
      const { peer, gateway } = await behindNginx(t, { args });
      const waiting = [];
      peer.on("tools/call", (x) => {
        waiting.push(x);
        if (waiting.length === 100) for (const one of waiting.reverse()) one.result({ n: one.params.n });
      });
      const all = [...Array(100).keys()].map((n) => gateway.request("tools/call", { n }));
      (await Promise.all(all)).forEach((answer, n) => assert.equal(answer.result.n, n));
    });

    test(`8 MB go there and back (${over})`, async (t) => {
      const { peer, gateway } = await behindNginx(t, { args });
      peer.on("tools/call", (x) => x.result({ text: x.params.text }));
      const text = "0123456789abcdef".repeat(500_000);
      assert.equal((await gateway.request("tools/call", { text })).result.text, text);
    });

    for (const buffering of ["on", "off"]) {
      test(`a stream's events arrive when they are sent or at its end, proxy_buffering ${buffering} (${over})`, async (t) => {
        const config = { location: `proxy_buffering ${buffering};` };
        const { peer, gateway } = await behindNginx(t, { args, config });
        peer.on("tools/call", () => {});
        gateway.send({ jsonrpc: "2.0", id: 7, method: "tools/call", params: {} });
        const call = await peer.received("tools/call");
        const stream = call.stream().notify("notifications/message", { level: "info", data: 1 });
        if (buffering === "off") await gateway.notification("notifications/message");
        stream.result(call.id, { ok: true }).end();
        assert.ok((await gateway.answer(7)).result);
        assert.equal(gateway.messages.filter((m) => m.method).length, 1);
      });
    }

    test(`a server's question on a call's stream is answered (${over})`, async (t) => {
      const { peer, gateway } = await behindNginx(t, { args, config: { location: "proxy_buffering off;" } });
      peer.on("tools/call", () => {});
      gateway.send({ jsonrpc: "2.0", id: 7, method: "tools/call", params: {} });
      const call = await peer.received("tools/call");
      const stream = call.stream().ask("q", "roots/list");
      gateway.reply(await gateway.question("roots/list"), { roots: [] });
      await peer.received("response");
      stream.result(call.id, { ok: true }).end();
      assert.ok((await gateway.answer(7)).result);
    });

    test(`a cancelled call leaves the connection usable (${over})`, async (t) => {
      const { peer, gateway } = await behindNginx(t, { args });
      peer.on("tools/call", () => {});
      gateway.send({ jsonrpc: "2.0", id: 7, method: "tools/call", params: {} });
      await peer.received("tools/call");
      gateway.cancel(7);
      await peer.received("notifications/cancelled");
      peer.answers("tools/call", { ok: true });
      assert.ok((await gateway.request("tools/call", {})).result);
    });

    test(`a stream that nginx ends for its silence is opened again where it was (${over})`, async (t) => {
      const peer = await startPeer(t);
      const streams = [];
      peer.on("GET", (x) => streams.push(x.stream()));
      const nginx = await startNginx(t, peer, { location: "proxy_buffering off; proxy_read_timeout 1s;" });
      const gateway = start(t, [nginx.origin + peer.path, "--cacert", nginx.ca, ...args]);
      await gateway.handshake();
      await peer.received("GET");
      streams[0].notify("notifications/tools/list_changed", undefined, { id: "ev-1" });
      await gateway.notification("notifications/tools/list_changed");
      assert.equal((await peer.received("GET")).headers["last-event-id"], "ev-1");
      streams[1].notify("notifications/prompts/list_changed");
      await gateway.notification("notifications/prompts/list_changed");
    });

    test(`a call that nginx gives up (504) is one error, sent once (${over})`, async (t) => {
      const { peer, gateway } = await behindNginx(t, { args, config: { location: "proxy_read_timeout 1s;" } });
      peer.on("tools/call", () => {});
      const answer = await gateway.request("tools/call", {});
      assert.match(answer.error.message, /504/);
      assert.equal(peer.count("tools/call"), 1);
    });

    test(`connections that nginx closes after few requests lose no call and repeat none (${over})`, async (t) => {
      const { peer, gateway } = await behindNginx(t, { args, config: { server: "keepalive_requests 3;" } });
      await peer.received("GET"); // the third request: the connection goes with it, not under a call
      peer.on("tools/call", (x) => x.result({ n: x.params.n }));
      for (let n = 0; n < 30; ++n) assert.deepEqual((await gateway.request("tools/call", { n })).result, { n });
      assert.equal(peer.count("tools/call"), 30);
    });
  }

  // Over HTTP/2 nginx resets the stream behind its answer, and libcurl may report the reset alone.
  for (const [args, fact] of [[["--http1.1"], /413/], [[], /413|broke/]]) {
    test(`a body that nginx finds too large is one error (${args[0] ?? "HTTP/2"})`, async (t) => {
      const { peer, gateway } = await behindNginx(t, { args, config: { server: "client_max_body_size 10k;" } });
      const answer = await gateway.request("tools/call", { text: "x".repeat(100_000) });
      assert.match(answer.error.message, fact);
      assert.equal(peer.count("tools/call"), 0);
    });
  }

  test("a server that is away is HTTP 502", async (t) => {
    const { peer, gateway } = await behindNginx(t);
    await peer.leave();
    assert.match((await gateway.request("tools/call", {})).error.message, /502/);
  });

  test("the older transport works as well", async (t) => {
    const { peer, gateway } = await behindNginx(t, {
      legacy: true, args: ["--transport", "sse"], hello: { version: "2024-11-05" },
      config: { location: "proxy_buffering off;" },
    });
    peer.answers("tools/call", { ok: true });
    assert.deepEqual((await gateway.request("tools/call", {})).result, { ok: true });
  });
});

describe("TLS", { concurrency: 2, skip: reasonToSkip("nginx", "openssl") }, () => {
  async function handshake(t, config, makeArgs, env) {
    const peer = await startPeer(t);
    const nginx = await startNginx(t, peer, config);
    const args = ["--transport", "streamable-http", ...makeArgs(nginx)];
    const gateway = start(t, [nginx.origin + peer.path, ...args], { env: env?.(nginx) });
    return { peer, gateway, answer: await gateway.handshake() };
  }

  test("of a CA that is not trusted is one error, and nothing is sent", async (t) => {
    const { peer, answer } = await handshake(t, {}, () => ["--bearer-token", "secret-token"]);
    assert.match(answer.error.message, /certificate|TLS|SSL/i);
    assert.equal(peer.requests.length, 0);
  });

  test("of a CA in SSL_CERT_FILE is trusted", async (t) => {
    const { answer } = await handshake(t, {}, () => [], (nginx) => ({ SSL_CERT_FILE: nginx.ca }));
    assert.ok(answer.result, JSON.stringify(answer));
  });

  test("of anybody is trusted with --insecure, which is loud", async (t) => {
    const { answer, gateway } = await handshake(t, {}, () => ["--insecure"]);
    assert.ok(answer.result, JSON.stringify(answer));
    assert.match(gateway.stderr, /warning/i);
  });

  test("for another host's name is refused", async (t) => {
    const peer = await startPeer(t);
    const nginx = await startNginx(t, peer);
    const url = `https://127.0.0.2:${nginx.port}/mcp`;
    const gateway = start(t, [url, "--cacert", nginx.ca, "--transport", "streamable-http"]);
    assert.ok((await gateway.handshake()).error);
    assert.equal(peer.requests.length, 0);
  });

  const mutual = { server: "ssl_verify_client on; ssl_client_certificate ca.pem;" };

  test("with a client certificate gets through where one is wanted", async (t) => {
    const args = (nginx) => ["--cacert", nginx.ca, "--client-cert", nginx.cert, "--client-cert-key", nginx.key];
    const { answer } = await handshake(t, mutual, args);
    assert.ok(answer.result, JSON.stringify(answer));
  });

  test("without a client certificate is one error where one is wanted", async (t) => {
    const { peer, answer } = await handshake(t, mutual, (nginx) => ["--cacert", nginx.ca]);
    assert.ok(answer.error);
    assert.equal(peer.requests.length, 0);
  });

  test("carries credentials without --allow-http", async (t) => {
    const { peer, answer } = await handshake(t, {}, (nginx) => ["--cacert", nginx.ca, "--bearer-token", "secret-token"]);
    assert.ok(answer.result, JSON.stringify(answer));
    assert.equal(peer.all("initialize")[0].headers.authorization, "Bearer secret-token");
  });
});

describe("through tinyproxy", { concurrency: 2, skip: reasonToSkip("tinyproxy", "nginx", "openssl") }, () => {
  test("plain http passes, streams included (item H.2 1)", async (t) => {
    const peer = await startPeer(t);
    let own;
    peer.on("GET", (x) => (own = x.stream()));
    const proxy = await startTinyproxy(t);
    const gateway = start(t, [peer.url], { env: { HTTP_PROXY: `http://127.0.0.1:${proxy.port}` } });
    assert.ok((await gateway.handshake()).result);
    await peer.received("GET");
    own.notify("notifications/tools/list_changed");
    await gateway.notification("notifications/tools/list_changed");
    assert.ok(peer.requests[0].headers.via, "it came through the proxy");
  });

  test("https passes by CONNECT, with HTTP/2 inside", async (t) => {
    const peer = await startPeer(t);
    const nginx = await startNginx(t, peer);
    const proxy = await startTinyproxy(t);
    const gateway = start(t, [nginx.origin + peer.path, "--cacert", nginx.ca, "--bearer-token", "secret-token"], {
      env: { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` },
    });
    assert.ok((await gateway.handshake()).result);
    gateway.end();
    assert.equal((await gateway.exit()).code, 0);
    assert.deepEqual([...protocols(nginx)], ["HTTP/2.0"]);
  });
});

// A peer on ::1 alone, and a name that means both loopback addresses.
async function startPeerOnV6(t, peer) {
  const server = net.createServer((socket) => {
    const onward = net.connect(new URL(peer.url).port, "127.0.0.1");
    for (const [one, other] of [[socket, onward], [onward, socket]]) {
      one.on("error", () => {}).on("close", () => other.destroy());
      one.pipe(other);
    }
  });
  server.listen(0, "::1");
  await once(server, "listening");
  afterwards(t, () => server.close());
  return `http://localhost:${server.address().port}${peer.path}`;
}

// libcurl knows localhost by itself, whatever /etc/hosts says of it.
const hasV6 = Object.values(networkInterfaces()).flat().some(({ address }) => address === "::1");

describe("a name with two addresses", { concurrency: 4, skip: !hasV6 && "this machine has no ::1" }, () => {
  test("is reached by the one that listens: IPv6", async (t) => {
    const gateway = start(t, [await startPeerOnV6(t, await startPeer(t))]);
    assert.ok((await gateway.handshake()).result);
  });

  test("is reached by the one that listens: IPv4", async (t) => {
    const peer = await startPeer(t);
    const gateway = start(t, [peer.url.replace("127.0.0.1", "localhost")]);
    assert.ok((await gateway.handshake()).result);
  });

  test("is reached by IPv6 with --ipv6", async (t) => {
    const gateway = start(t, [await startPeerOnV6(t, await startPeer(t)), "--ipv6"]);
    assert.ok((await gateway.handshake()).result);
  });

  test("is not reached by IPv6 with --ipv4, nor by IPv4 with --ipv6", async (t) => {
    const peer = await startPeer(t);
    for (const args of [[await startPeerOnV6(t, peer), "--ipv4"], [peer.url.replace("127.0.0.1", "localhost"), "--ipv6"]]) {
      const { code, output } = await run(t, [...args, "--check"]);
      assert.equal(code, 1);
      assert.match(output, /localhost/);
    }
  });
});

describe("credentials for a server on this machine", { concurrency: 4 }, () => {
  const token = ["--bearer-token", "secret-token"];

  test("do not go to a proxy on another machine: one error, exit code 1", async (t) => {
    const peer = await startPeer(t);
    const { code, stderr } = await run(t, [peer.url, ...token], { env: { HTTP_PROXY: "http://proxy.invalid:3128" } });
    assert.equal(code, 1);
    assert.match(stderr, /NO_PROXY/);
    assert.match(stderr, /--allow-http/);
    assert.equal(peer.requests.length, 0);
  });

  test("go straight to it where NO_PROXY says so", async (t) => {
    const peer = await startPeer(t);
    const env = { HTTP_PROXY: "http://proxy.invalid:3128", NO_PROXY: "127.0.0.1" };
    const gateway = start(t, [peer.url, ...token], { env });
    assert.ok((await gateway.handshake()).result);
    assert.equal(peer.all("initialize")[0].headers.authorization, "Bearer secret-token");
  });
});

test("the password of a proxy that cannot be used is nowhere to be seen", async (t) => {
  const peer = await startPeer(t);
  for (const proxy of ["http://me:SECRET/PASS@proxy.invalid:3128", "me:SECRET/PASS@127.0.0.1:99999", "gopher://me:SECRET/PASS@127.0.0.1:1"]) {
    const gateway = start(t, [peer.url, "--log-level", "trace"], { env: { HTTP_PROXY: proxy } });
    const answer = await gateway.handshake();
    assert.ok(answer.error, "there is no way to the server");
    assert.doesNotMatch(gateway.textOf(answer) + gateway.stderr, /SECRET|PASS/);
  }
});

describe("tinyproxy", { skip: reasonToSkip("tinyproxy") }, () => {
  test("in front of a server that is away is one error", async (t) => {
    const peer = await startPeer(t);
    const proxy = await startTinyproxy(t);
    const gateway = start(t, [peer.url, "--proxy", `http://127.0.0.1:${proxy.port}`]);
    assert.ok((await gateway.handshake()).result);
    await peer.leave();
    assert.ok((await gateway.request("tools/call", {})).error);
  });

  test("lets in whoever knows its password", async (t) => {
    const peer = await startPeer(t);
    const proxy = await startTinyproxy(t, "BasicAuth me pass");
    const gateway = start(t, [peer.url, "--proxy", `http://me:pass@127.0.0.1:${proxy.port}`]);
    assert.ok((await gateway.handshake()).result);
  });

  test("refuses the others, which the error says", async (t) => {
    const peer = await startPeer(t);
    const proxy = await startTinyproxy(t, "BasicAuth me pass");
    const gateway = start(t, [peer.url, "--proxy", `http://me:SECRETPASS@127.0.0.1:${proxy.port}`]);
    const answer = await gateway.handshake();
    assert.match(answer.error.message, /401|407|proxy/i);
    assert.doesNotMatch(gateway.textOf(answer) + gateway.stderr, /SECRETPASS/);
  });
});
