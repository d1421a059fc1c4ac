// SPDX-License-Identifier: MIT
// Many calls against a server that fails in every way it can: each id is answered exactly once, no
// tool call is executed twice, and neither memory nor descriptors grow. The number of calls is in
// MCP_STDIO_SOAK_CALLS, the seed of the faults in MCP_STDIO_SOAK_SEED.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import http from "node:http";
import { createInterface } from "node:readline";
import { test } from "node:test";

import { binary } from "./support/gateway.mjs";

const kCalls = Number(process.env.MCP_STDIO_SOAK_CALLS ?? 4000);
const kInFlight = 64;
const seed = Number(process.env.MCP_STDIO_SOAK_SEED ?? Date.now() % 1_000_000);

// Mulberry32: the same faults for the same seed.
let state = seed;
function random() {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}

const kJson = { "content-type": "application/json" };
const kStream = { "content-type": "text/event-stream" };
const answer = (id) => JSON.stringify({ jsonrpc: "2.0", id, result: { content: [{ type: "text", text: `#${id}` }] } });
const kChanged = JSON.stringify({ jsonrpc: "2.0", method: "notifications/tools/list_changed" });
const progress = (id) =>
  JSON.stringify({ jsonrpc: "2.0", method: "notifications/progress", params: { progressToken: id, progress: 1 } });

class FaultyServer {
  executed = new Map(); // call id -> how often it was executed
  kept = new Map(); // event id -> the call whose answer it leads to
  #session = 1;
  #events = 0;

  async listen() {
    this.server = http.createServer((request, response) => this.#serve(request, response));
    this.server.keepAliveTimeout = 60_000;
    this.server.listen(0, "127.0.0.1");
    await once(this.server, "listening");
    return `http://127.0.0.1:${this.server.address().port}/mcp`;
  }

  #serve(request, response) {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      if (request.method === "GET") return this.#resume(request, response);
      if (request.method === "DELETE") return response.writeHead(200).end();
      this.#take(JSON.parse(Buffer.concat(chunks).toString()), request, response);
    });
    request.on("error", () => {});
    response.on("error", () => {});
  }

  #take(message, request, response) {
    if (message.method === "initialize") {
      const result = { protocolVersion: "2025-11-25", capabilities: { tools: {} }, serverInfo: { name: "s", version: "1" } };
      response.writeHead(200, { ...kJson, "mcp-session-id": `${this.#session}` });
      return response.end(JSON.stringify({ jsonrpc: "2.0", id: message.id, result }));
    }
    if (request.headers["mcp-session-id"] !== `${this.#session}`) return response.writeHead(404).end();
    if (message.method !== "tools/call") return response.writeHead(202).end();
    return this.#call(message.id, request, response);
  }

  #call(id, request, response) {
    const what = random();
    if (what < 0.01) return response.writeHead(503, { "retry-after": "0" }).end(); // refused, not executed
    if (what < 0.0105) return ++this.#session, response.writeHead(404).end(); // nor here
    this.executed.set(id, (this.executed.get(id) ?? 0) + 1);
    if (what < 0.55) return response.writeHead(200, kJson).end(answer(id));
    if (what < 0.75) return response.writeHead(200, kStream).end(`data: ${progress(id)}\n\ndata: ${answer(id)}\n\n`);
    if (what < 0.78) return setTimeout(() => response.writeHead(200, kJson).end(answer(id)), random() * 20);
    if (what < 0.8) return this.#breakResumable(id, response);
    if (what < 0.82) return request.socket.destroy();
    if (what < 0.84) return request.socket.resetAndDestroy();
    if (what < 0.86) return response.writeHead(500).end("no");
    if (what < 0.88) return response.writeHead(200, kJson).end(answer(-id));
    if (what < 0.9) return response.writeHead(200, kStream).end(`data: ${answer(id)}\n\ndata: ${answer(id)}\n\n`);
    if (what < 0.92) return response.writeHead(202).end();
    if (what < 0.94) return response.writeHead(200, kJson).end('{"jsonrpc":"2.0","id":1,"res');
    if (what < 0.96) return response.writeHead(200, { "content-type": "text/html" }).end("<html><title>Oh</title>");
    if (what < 0.98) return response.writeHead(200, kStream).end(`data: ${progress(id)}\n\n`);
    response.writeHead(200, { ...kJson, "content-length": 1000 }).write(answer(id));
    return setImmediate(() => request.socket.destroy());
  }

  // An event with an id, then nothing: the client may come back for the rest.
  #breakResumable(id, response) {
    const event = `e${++this.#events}`;
    this.kept.set(event, id);
    response.writeHead(200, kStream).write(`id: ${event}\nretry: 5\ndata:\n\n`);
    setImmediate(() => response.end());
  }

  #resume(request, response) {
    const id = this.kept.get(request.headers["last-event-id"]);
    if (id === undefined) return this.#speak(response);
    this.kept.delete(request.headers["last-event-id"]);
    return response.writeHead(200, kStream).end(`data: ${answer(id)}\n\n`);
  }

  // The server's own stream: it has something to say, and breaks off sooner or later.
  #speak(response) {
    response.writeHead(200, kStream).write(`retry: 5\ndata: ${kChanged}\n\n`);
    setTimeout(() => (random() < 0.5 ? response.end() : response.destroy()), random() * 50);
  }
}

const residentKilobytes = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]);
const descriptors = (pid) => readdirSync(`/proc/${pid}/fd`).length;

test(`${kCalls} calls with random faults (seed ${seed}) are answered once each`, { timeout: 3_600_000 }, async () => {
  const server = new FaultyServer();
  const url = await server.listen();
  const child = spawn(binary, [url, "--log-level", "error"], { stdio: ["pipe", "pipe", "inherit"] });
  const answers = new Map();
  const cancelled = new Set();
  let next = 1;
  let open = 0;
  let early;
  let heard = 0; // of what the server says unasked
  const tell = (message) => child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  const { promise: finished, resolve: finish } = Promise.withResolvers();

  const settle = () => {
    --open;
    while (open < kInFlight && next <= kCalls) {
      const id = next++;
      ++open;
      tell({ id, method: "tools/call", params: { name: "x", _meta: { progressToken: id } } });
      if (random() < 0.02) {
        cancelled.add(id);
        tell({ method: "notifications/cancelled", params: { requestId: id } });
        --open;
      }
      if (id === Math.ceil(kCalls / 4)) early = { memory: residentKilobytes(child.pid), descriptors: descriptors(child.pid) };
    }
    if (open === 0) finish();
  };
  createInterface({ input: child.stdout }).on("line", (line) => {
    const message = JSON.parse(line);
    if (message.method === "notifications/tools/list_changed") ++heard;
    if (message.method) return;
    answers.set(message.id, (answers.get(message.id) ?? 0) + 1);
    if (message.id === "open") {
      tell({ method: "notifications/initialized" });
      open = 1;
      return settle();
    }
    if (!cancelled.has(message.id)) settle();
  });
  tell({ id: "open", method: "initialize", params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "c", version: "1" } } });
  await finished;

  const late = { memory: residentKilobytes(child.pid), descriptors: descriptors(child.pid) };
  child.stdin.end();
  assert.deepEqual(await once(child, "exit"), [0, null]);
  server.server.closeAllConnections();
  server.server.close();

  const wrong = [];
  for (let id = 1; id <= kCalls; ++id) {
    const count = answers.get(id) ?? 0;
    if (cancelled.has(id) ? count > 1 : count !== 1) wrong.push(`${id}: ${count} answers`);
    if ((server.executed.get(id) ?? 0) > 1) wrong.push(`${id}: executed ${server.executed.get(id)} times`);
  }
  assert.deepEqual(wrong.slice(0, 10), []);
  assert.ok(heard > 0, "the server's own stream is heard");
  assert.equal([...answers.keys()].filter((id) => id !== "open" && (id < 1 || id > kCalls)).length, 0);
  console.log(`memory ${early.memory} -> ${late.memory} kB, descriptors ${early.descriptors} -> ${late.descriptors}`);
  // Sanitizers keep freed memory on purpose; without them nothing may be left behind.
  if (!process.env.MCP_STDIO_SANITIZED) assert.ok(late.memory < early.memory * 1.25 + 2048, "memory grows");
  assert.ok(late.descriptors <= early.descriptors + kInFlight, "descriptors grow");
});
