// SPDX-License-Identifier: MIT
// MCP servers whose every answer the test decides: Streamable HTTP, and HTTP+SSE of 2024-11-05.
//
// A handler is called with an Exchange and answers it, now or later. Several handlers for one method
// take turns; the last one stays. Everything received is recorded and can be waited for.
import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import https from "node:https";

import { afterwards } from "./cleanup.mjs";
import { Arrivals, within } from "./deadline.mjs";

export const kCapabilities = {
  tools: { listChanged: true },
  prompts: { listChanged: true },
  resources: { listChanged: true, subscribe: true },
  logging: {},
};

// An event stream under the test's control.
export class EventStream {
  constructor(response, headers = {}) {
    this.response = response;
    response.writeHead(200, { "content-type": "text/event-stream", ...headers });
    response.flushHeaders();
  }
  event({ id, event, retry, data }) {
    let text = "";
    if (id !== undefined) text += `id: ${id}\n`;
    if (event !== undefined) text += `event: ${event}\n`;
    if (retry !== undefined) text += `retry: ${retry}\n`;
    if (data !== undefined) text += `data: ${data}\n`;
    return this.raw(`${text}\n`);
  }
  message(json, { id } = {}) {
    return this.event({ id, data: JSON.stringify(json) });
  }
  notify(method, params, options) {
    return this.message({ jsonrpc: "2.0", method, params }, options);
  }
  ask(id, method, params, options) {
    return this.message({ jsonrpc: "2.0", id, method, params }, options);
  }
  result(id, result, options) {
    return this.message({ jsonrpc: "2.0", id, result }, options);
  }
  raw(bytes) {
    this.response.write(bytes);
    return this;
  }
  end() {
    this.response.end();
  }
  // The connection goes away in the middle: cleanly closed, or reset.
  break() {
    this.response.socket.destroy();
  }
  reset() {
    this.response.socket.resetAndDestroy();
  }
}

// One HTTP request and the answer it is waiting for.
export class Exchange {
  constructor(peer, request, response, text) {
    this.peer = peer;
    this.request = request;
    this.response = response;
    this.text = text;
    this.method = request.method;
    this.path = request.url;
    this.headers = request.headers;
    try {
      this.message = JSON.parse(text);
    } catch {
      this.message = undefined;
    }
    this.kind = this.#kind();
    this.gone = once(response, "close"); // answered, or the other side has left
    this.gone.catch(() => {});
  }

  #kind() {
    if (this.method !== "POST") return this.method;
    return this.message?.method ?? (this.message === undefined ? "other" : "response");
  }

  get id() {
    return this.message.id;
  }
  get params() {
    return this.message.params;
  }
  get session() {
    return this.headers["mcp-session-id"];
  }
  get version() {
    return this.headers["mcp-protocol-version"];
  }
  // How many header lines of that name there were.
  lines(name) {
    const raw = this.request.rawHeaders;
    return raw.filter((text, at) => at % 2 === 0 && text.toLowerCase() === name.toLowerCase()).length;
  }

  send(status, body = "", headers = {}) {
    const bytes = Buffer.isBuffer(body) ? body : Buffer.from(body);
    const head = status === 204 || status === 304 ? {} : { "content-length": bytes.length };
    this.response.writeHead(status, { ...head, ...headers });
    this.response.end(bytes);
  }
  json(body, { status = 200, headers = {} } = {}) {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    this.send(status, text, { "content-type": "application/json", ...headers });
  }
  result(result, options) {
    this.json({ jsonrpc: "2.0", id: this.id, result }, options);
  }
  error(code, message, options) {
    this.json({ jsonrpc: "2.0", id: this.id, error: { code, message } }, options);
  }
  accept(headers = {}) {
    this.send(202, "", headers);
  }
  stream(headers) {
    return new EventStream(this.response, headers);
  }
  // No answer at all.
  drop() {
    this.request.socket.destroy();
  }
  reset() {
    this.request.socket.resetAndDestroy();
  }
}

// What both kinds of server have in common: listening, recording, handlers that take turns.
class Server {
  requests = [];
  failures = [];
  #arrivals = new Arrivals();
  #handlers = new Map();
  #defaults = new Map();

  // With `tls`, what https.createServer() takes, for the name localhost.
  constructor(path, tls) {
    Object.assign(this, { path, tls });
    const receive = (request, response) => this.#receive(request, response);
    this.server = tls ? https.createServer(tls, receive) : http.createServer(receive);
    // Connections end when the test says so.
    Object.assign(this.server, { keepAliveTimeout: 120_000, requestTimeout: 0, headersTimeout: 0 });
    this.sockets = new Set();
    this.server.on("connection", (socket) => {
      this.connections = (this.connections ?? 0) + 1;
      socket.setNoDelay(true);
      this.sockets.add(socket);
      socket.on("close", () => this.sockets.delete(socket));
      socket.on("error", () => {});
    });
  }

  async listen(port = 0) {
    this.server.listen(port, "127.0.0.1");
    await once(this.server, "listening");
    this.port = this.server.address().port;
    this.origin = this.tls ? `https://localhost:${this.port}` : `http://127.0.0.1:${this.port}`;
    this.url = this.origin + this.path;
    return this;
  }
  // Away: nobody listens, every connection is cut. listen(port) brings it back.
  async leave() {
    const closed = once(this.server, "close");
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }
  async stop() {
    if (this.server.listening) await this.leave();
    assert.deepEqual(this.failures, []);
  }

  // Handlers for a JSON-RPC method, "response", "other", "GET" or "DELETE".
  on(kind, ...handlers) {
    this.#handlers.set(kind, handlers);
    return this;
  }
  byDefault(kind, handler) {
    this.#defaults.set(kind, handler);
  }
  // The same result whenever it is asked.
  answers(kind, result) {
    return this.on(kind, (exchange) => exchange.result(result));
  }

  // The next request of that kind not yet taken.
  received(kind, predicate = () => true) {
    const fits = (exchange) => exchange.kind === kind && predicate(exchange);
    return within(this.#arrivals.take(fits), `${kind} at the server`, { picture: () => this.picture() });
  }
  all(kind, predicate = () => true) {
    return this.requests.filter((exchange) => exchange.kind === kind && predicate(exchange));
  }
  count(kind, predicate) {
    return this.all(kind, predicate).length;
  }
  picture() {
    return `the server saw: ${this.requests.map((x) => x.kind).slice(-50).join(", ")}`;
  }

  handlerFor(kind) {
    const handlers = this.#handlers.get(kind);
    if (!handlers) return this.#defaults.get(kind) ?? this.#defaults.get("*");
    return handlers.length > 1 ? handlers.shift() : handlers[0];
  }
  // May answer instead of the handler.
  guard() {
    return false;
  }
  make(request, response, text) {
    return new Exchange(this, request, response, text);
  }

  async #receive(request, response) {
    response.on("error", () => {});
    const chunks = [];
    try {
      for await (const chunk of request) chunks.push(chunk);
    } catch {
      return; // cut off in the middle of its body
    }
    const exchange = this.make(request, response, Buffer.concat(chunks).toString("utf8"));
    this.requests.push(exchange);
    try {
      const answered = this.guard(exchange);
      const handler = answered ? undefined : this.handlerFor(exchange.kind);
      this.#arrivals.push(exchange);
      await handler?.(exchange);
    } catch (error) {
      this.failures.push(`${exchange.kind}: ${error.stack}`);
      response.destroy();
    }
  }
}

function isNotification(exchange) {
  return exchange.message !== undefined && !("id" in exchange.message);
}

// A Streamable HTTP server. With sessions (the default) it refuses whoever has none or a lost one.
export class Peer extends Server {
  constructor({ sessions = true, version, capabilities = kCapabilities, path = "/mcp", tls } = {}) {
    super(path, tls);
    Object.assign(this, { withSessions: sessions, protocol: version, capabilities });
    this.valid = new Set();
    this.sessionCount = 0;
    this.byDefault("initialize", (x) => this.initialize(x));
    this.byDefault("ping", (x) => x.result({}));
    this.byDefault("tools/list", (x) => x.result({ tools: [] }));
    this.byDefault("response", (x) => x.accept());
    this.byDefault("GET", (x) => x.send(405, "", { allow: "POST, DELETE" }));
    this.byDefault("DELETE", (x) => x.send(200));
    this.byDefault("*", (x) => (isNotification(x) ? x.accept() : x.error(-32601, "Method not found")));
  }

  initialize(exchange, headers = {}) {
    const result = {
      protocolVersion: this.protocol ?? exchange.params.protocolVersion,
      capabilities: this.capabilities,
      serverInfo: { name: "peer", version: "1.0" },
    };
    exchange.result(result, { headers: { ...this.newSession(), ...headers } });
  }
  newSession() {
    if (!this.withSessions) return {};
    const session = `session-${++this.sessionCount}`;
    this.valid.add(session);
    return { "mcp-session-id": session };
  }
  // As a server that was restarted.
  forgetSessions() {
    this.valid.clear();
  }

  guard(exchange) {
    if (!this.withSessions || exchange.kind === "initialize") return false;
    if (exchange.session === undefined && exchange.kind === "server/discover") return false;
    if (this.valid.has(exchange.session)) return false;
    exchange.send(exchange.session === undefined ? 400 : 404, "no such session");
    return true;
  }
}

// A server of revision 2024-11-05: GET opens the stream, answers to POSTs arrive on it.
export class LegacyPeer extends Server {
  #streams = new Arrivals();

  constructor({ endpoint = "/messages?session=1", capabilities = kCapabilities } = {}) {
    super("/sse");
    Object.assign(this, { endpoint, capabilities });
    this.byDefault("GET", (x) => this.open(x));
    this.byDefault("initialize", (x) => {
      const serverInfo = { name: "legacy-peer", version: "1.0" };
      x.result({ protocolVersion: "2024-11-05", capabilities: this.capabilities, serverInfo });
    });
    this.byDefault("ping", (x) => x.result({}));
    this.byDefault("tools/list", (x) => x.result({ tools: [] }));
    this.byDefault("*", (x) => this.otherwise(x));
  }

  open(exchange, endpoint = this.endpoint) {
    this.stream = exchange.stream();
    this.stream.event({ event: "endpoint", data: endpoint });
    this.#streams.push(this.stream);
    return this.stream;
  }
  // The next stream that was opened.
  opened() {
    return within(this.#streams.take(() => true), "a stream opened", { picture: () => this.picture() });
  }
  otherwise(exchange) {
    if (exchange.method !== "POST") return exchange.send(405);
    if (exchange.kind === "response" || isNotification(exchange)) return exchange.accept();
    return exchange.error(-32601, "Method not found");
  }
  make(request, response, text) {
    return new LegacyExchange(this, request, response, text);
  }
}

class LegacyExchange extends Exchange {
  json(body) {
    this.accept();
    this.peer.stream.event({ data: typeof body === "string" ? body : JSON.stringify(body) });
  }
}

export async function startPeer(t, options) {
  const peer = await new Peer(options).listen();
  afterwards(t, () => peer.stop());
  return peer;
}

export async function startLegacyPeer(t, options) {
  const peer = await new LegacyPeer(options).listen();
  afterwards(t, () => peer.stop());
  return peer;
}
