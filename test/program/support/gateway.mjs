// SPDX-License-Identifier: MIT
// The program under test, as the MCP client that started it sees it: lines in, lines out.
//
// Whatever a test is about, every gateway is also held to what always holds: stdout carries complete
// JSON-RPC lines and nothing else, no id is answered more often than it was asked, and no sanitizer
// complains. A breach fails the test that started the gateway.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { resolve } from "node:path";

import { afterwards } from "./cleanup.mjs";
import { Arrivals, within } from "./deadline.mjs";
import { temporaryDirectory } from "./temporary.mjs";

export const binary = resolve(process.env.MCP_STDIO_BINARY ?? "build/release/mcp-stdio");

const kClient = { name: "program-test", version: "1.0" };
const kLatest = "2025-11-25";

// What the gateway inherits: nothing that changes its behaviour behind the test's back.
function environment(home, extra) {
  const kept = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (name === "PATH" || /^(ASAN|UBSAN|LSAN|TSAN)_OPTIONS$/.test(name)) kept[name] = value;
  }
  return { ...kept, HOME: home, ...extra };
}

export class Gateway {
  messages = []; // every message on stdout, in order
  stderr = "";
  breaches = [];

  #texts = new WeakMap();
  #inbox = new Arrivals();
  #logs = [];
  #asked = new Map(); // id as JSON -> how many times asked
  #answered = new Map();
  #pieces = []; // of the line that is still arriving
  #nextId = 10_001; // far from the ids that tests choose

  constructor(args, { env = {}, home, command = [binary] } = {}) {
    this.child = spawn(command[0], [...command.slice(1), ...args], {
      env: environment(home, env),
      cwd: home,
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.child.stdin.on("error", () => {}); // it may be gone already: the exit code tells
    this.child.stdout.setEncoding("utf8");
    this.child.stdout.on("data", (text) => this.#read(text));
    this.child.stderr.setEncoding("utf8");
    this.child.stderr.on("data", (text) => this.#log(text));
    this.exited = new Promise((done, fail) => {
      this.child.on("error", fail);
      this.child.on("close", (code, signal) => done({ code, signal }));
    });
    this.exited.catch(() => {});
  }

  // An object is written as JSON, a string or a Buffer as it is; each becomes one line.
  send(message) {
    const isText = typeof message === "string" || Buffer.isBuffer(message);
    this.#expectAnswers(message);
    this.child.stdin.write(isText ? message : JSON.stringify(message));
    this.child.stdin.write("\n");
  }

  // Bytes for stdin, without a line end; returns when the pipe has them. What they ask for must be
  // announced with expect().
  write(bytes) {
    return new Promise((done) => this.child.stdin.write(bytes, done));
  }
  expect(id) {
    const key = JSON.stringify(id);
    this.#asked.set(key, (this.#asked.get(key) ?? 0) + 1);
  }

  // Asks and waits for the answer, a result or an error.
  request(method, params, { id = this.#nextId++ } = {}) {
    this.send({ jsonrpc: "2.0", id, method, ...(params === undefined ? {} : { params }) });
    return this.answer(id);
  }
  notify(method, params) {
    this.send({ jsonrpc: "2.0", method, ...(params === undefined ? {} : { params }) });
  }
  reply(question, result) {
    this.send({ jsonrpc: "2.0", id: question.id, result });
  }
  cancel(requestId) {
    this.notify("notifications/cancelled", { requestId });
  }

  // The next message not yet taken that the predicate likes.
  next(predicate, what = "that message") {
    const picture = () => this.picture();
    return within(this.#inbox.take(predicate), `${what} on stdout`, { picture });
  }
  answer(id) {
    const key = JSON.stringify(id);
    const fits = (m) => !Array.isArray(m) && !("method" in m) && JSON.stringify(m.id) === key;
    return this.next(fits, `an answer to ${key}`);
  }
  notification(method) {
    return this.next((m) => m.method === method && !("id" in m), `notification ${method}`);
  }
  question(method) {
    return this.next((m) => m.method === method && "id" in m, `request ${method}`);
  }

  // All messages so far with that id as answer; to be asked behind a barrier.
  answers(id) {
    return this.messages.filter((m) => !("method" in m) && m.id === id);
  }
  // The line as it was written.
  textOf(message) {
    return this.#texts.get(message);
  }

  // Everything sent before it has been read when it returns, and what the gateway answers at once
  // has been answered.
  async barrier() {
    await this.request("ping");
  }

  async handshake({ version = kLatest, capabilities = {}, clientInfo = kClient } = {}) {
    const params = { protocolVersion: version, capabilities, clientInfo };
    const answer = await this.request("initialize", params, { id: "initialize" });
    this.notify("notifications/initialized");
    return answer;
  }

  // Waits until stderr contains the pattern.
  logged(pattern) {
    if (pattern.test(this.stderr)) return Promise.resolve();
    const found = new Promise((done) => this.#logs.push({ pattern, done }));
    return within(found, `${pattern} on stderr`, { picture: () => this.picture() });
  }

  end() {
    this.child.stdin.end();
  }
  signal(name) {
    this.child.kill(name);
  }
  exit() {
    return within(this.exited, "the end of the program", { picture: () => this.picture() });
  }

  picture() {
    const lines = this.messages.slice(-20).map((m) => this.textOf(m).slice(0, 300));
    return `stdout:\n${lines.join("\n")}\nstderr:\n${this.stderr.slice(-4000)}`;
  }

  #read(text) {
    const lines = text.split("\n");
    this.#pieces.push(lines.shift());
    for (const next of lines) {
      this.#line(this.#pieces.join(""));
      this.#pieces = [next];
    }
  }

  #line(line) {
    let message;
    try {
      message = JSON.parse(line);
    } catch {
      this.breaches.push(`stdout has a line that is not JSON: ${line.slice(0, 200)}`);
      return;
    }
    if (/[\r\u2028\u2029]/.test(line)) this.breaches.push(`a line break inside a line: ${line}`);
    this.messages.push(message);
    this.#texts.set(message, line);
    for (const one of Array.isArray(message) ? message : [message]) this.#count(one);
    this.#inbox.push(message);
  }

  #count(message) {
    if (message?.jsonrpc !== "2.0") this.breaches.push(`no JSON-RPC: ${JSON.stringify(message)}`);
    if (message === null || "method" in message || message.id === null) return;
    const key = JSON.stringify(message.id);
    const count = (this.#answered.get(key) ?? 0) + 1;
    this.#answered.set(key, count);
    if (count > (this.#asked.get(key) ?? 0)) this.breaches.push(`one answer too many for ${key}`);
  }

  #expectAnswers(message) {
    let parsed = message;
    try {
      if (typeof message === "string" || Buffer.isBuffer(message)) parsed = JSON.parse(message);
    } catch {
      return;
    }
    for (const one of Array.isArray(parsed) ? parsed : [parsed]) {
      if (one && typeof one === "object" && "id" in one) this.expect(one.id);
    }
  }

  #log(text) {
    this.stderr += text;
    this.#logs = this.#logs.filter(({ pattern, done }) => !pattern.test(this.stderr) || done());
  }

  // Ends it, whatever it is doing, and reports what must never happen.
  async stop() {
    this.child.stdout.resume();
    this.child.kill("SIGKILL");
    await this.exited.catch((error) => this.breaches.push(`${binary}: ${error.message}`));
    if (/AddressSanitizer|LeakSanitizer|runtime error:/.test(this.stderr)) {
      this.breaches.push(`a sanitizer complained:\n${this.stderr.slice(-6000)}`);
    }
    assert.deepEqual(this.breaches, [], this.picture());
  }
}

// A gateway that lives as long as the test.
export function start(t, args, options = {}) {
  const gateway = new Gateway(args, { home: temporaryDirectory(t), ...options });
  afterwards(t, () => gateway.stop());
  return gateway;
}

// A gateway that has shaken hands with the peer.
export async function connect(t, peer, args = [], { env, command, ...hello } = {}) {
  const gateway = start(t, [peer.url, ...args], { env, command });
  const answer = await gateway.handshake(hello);
  assert.ok(answer.result, `initialize failed: ${JSON.stringify(answer)}\n${gateway.picture()}`);
  await peer.received("notifications/initialized");
  return gateway;
}

// Runs the program to its end, without a client.
export async function run(t, args, options = {}) {
  const gateway = start(t, args, options);
  gateway.end();
  let stdout = "";
  gateway.child.stdout.removeAllListeners("data");
  gateway.child.stdout.on("data", (text) => (stdout += text));
  const { code, signal } = await gateway.exit();
  return { code, signal, stdout, stderr: gateway.stderr, output: stdout + gateway.stderr };
}
