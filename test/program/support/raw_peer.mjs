// SPDX-License-Identifier: MIT
// A server below HTTP: the test writes the bytes, and decides when the connection breaks and how.
import { once } from "node:events";
import net from "node:net";

import { afterwards } from "./cleanup.mjs";
import { Arrivals, within } from "./deadline.mjs";

// One accepted connection.
export class Connection {
  #received = Buffer.alloc(0);
  #more = () => {};

  constructor(socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on("error", () => {});
    this.closed = new Promise((done) => socket.on("close", done));
    socket.on("data", (bytes) => {
      this.#received = Buffer.concat([this.#received, bytes]);
      this.#more();
    });
    socket.on("end", () => this.#more());
    socket.on("close", () => this.#more());
  }

  // The next complete request; undefined when the connection has ended instead.
  async request() {
    for (;;) {
      const request = this.#parse();
      if (request) return request;
      if (this.socket.readableEnded || this.socket.destroyed) return undefined;
      await new Promise((done) => (this.#more = done));
    }
  }

  #parse() {
    const end = this.#received.indexOf("\r\n\r\n");
    if (end < 0) return undefined;
    const [first, ...lines] = this.#received.subarray(0, end).toString("latin1").split("\r\n");
    const fields = lines.map((line) => /^([^:]+):\s*(.*)$/.exec(line).slice(1));
    const headers = Object.fromEntries(fields.map(([name, value]) => [name.toLowerCase(), value]));
    const size = Number(headers["content-length"] ?? 0);
    const total = end + 4 + size;
    if (this.#received.length < total) return undefined;
    const text = this.#received.subarray(end + 4, total).toString("utf8");
    this.#received = this.#received.subarray(total);
    const [method, path] = first.split(" ");
    return { method, path, headers, text, message: text ? JSON.parse(text) : undefined };
  }

  write(bytes) {
    return new Promise((done) => this.socket.write(bytes, done));
  }
  json(body, headers = {}) {
    const text = JSON.stringify(body);
    const all = { "content-type": "application/json", "content-length": Buffer.byteLength(text), ...headers };
    return this.write(head(200, all) + text);
  }
  // The end: orderly, or with a reset.
  close() {
    this.socket.destroy();
  }
  reset() {
    this.socket.resetAndDestroy();
  }
}

export function head(status, headers) {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} Whatever\r\n${lines.join("")}\r\n`;
}

export class RawPeer {
  requests = [];
  #sockets = new Set(); // those that are open
  #arrivals = new Arrivals();
  #mostInOnePiece = Infinity;

  // Each request goes to `serve(request, connection)`; initialize, notifications and GET are answered
  // here, so that a test only writes what it is about.
  constructor(serve) {
    this.serve = serve;
    this.server = net.createServer((socket) => {
      this.#sockets.add(socket.on("error", () => {}));
      socket.on("data", ({ length }) => length >= this.#mostInOnePiece && socket.pause());
      socket.on("close", () => this.#sockets.delete(socket));
      this.onConnection(socket);
    });
  }

  // To be replaced where not even HTTP is spoken.
  onConnection(socket) {
    this.#accept(new Connection(socket));
  }

  async #accept(connection) {
    for (let request; (request = await connection.request()); ) {
      this.requests.push(request);
      this.#arrivals.push(request);
      if (!(await answerHousekeeping(request, connection))) await this.serve(request, connection);
    }
  }

  async listen() {
    this.server.listen(0, "127.0.0.1");
    await once(this.server, "listening");
    this.port = this.server.address().port;
    this.url = `http://127.0.0.1:${this.port}/mcp`;
    return this;
  }
  received(method) {
    const fits = (request) => request.method === method || request.message?.method === method;
    return within(this.#arrivals.take(fits), `${method} at the server`);
  }
  count(method) {
    return this.requests.filter((request) => request.message?.method === method).length;
  }
  // From now on reads nothing more of a request that is large. Small ones, on the same or another
  // connection, are not concerned.
  deafen() {
    this.#mostInOnePiece = 16 * 1024;
  }
  disconnect() {
    for (const socket of this.#sockets) socket.destroy();
  }
  async stop() {
    const closed = new Promise((done) => this.server.close(done));
    this.disconnect();
    await closed;
  }
}

async function answerHousekeeping(request, connection) {
  if (request.method !== "POST") {
    await connection.write(head(405, { "content-length": 0 }));
    return true;
  }
  const { id, method, params } = request.message;
  if (method === "initialize") {
    const serverInfo = { name: "raw-peer", version: "1.0" };
    const result = { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo };
    await connection.json({ jsonrpc: "2.0", id, result }, { "mcp-session-id": "raw" });
    return true;
  }
  if (method === "ping") {
    await connection.json({ jsonrpc: "2.0", id, result: {} });
    return true;
  }
  if (id === undefined) {
    await connection.write(head(202, { "content-length": 0 }));
    return true;
  }
  return false;
}

export async function startRawPeer(t, serve) {
  const peer = await new RawPeer(serve).listen();
  afterwards(t, () => peer.stop());
  return peer;
}
