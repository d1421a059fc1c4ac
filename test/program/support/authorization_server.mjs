// SPDX-License-Identifier: MIT
// A small authorization server whose every answer the test may decide, and an MCP server that trusts it.
//
// It does metadata, registration and its management, authorization that redirects at once (nobody has to say
// yes), codes with PKCE, refresh tokens that are good for one use, and revocation. Every request is
// recorded by its path: `count("/token")`, `all("/token")`. `on(path, handler)` takes one over: the handler gets
// the request and returns [status, body, headers], or nothing to leave it to the server. Handlers take turns;
// the last one stays.
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import http from "node:http";
import { fileURLToPath } from "node:url";

import { afterwards } from "./cleanup.mjs";
import { Peer } from "./peer.mjs";

// A program for --browser: fetches the address, and what it redirects to.
export const visitor = fileURLToPath(new URL("visitor.mjs", import.meta.url));

const fresh = (what) => `${what}-${randomBytes(12).toString("hex")}`;
const challengeOf = (verifier) => createHash("sha256").update(verifier).digest("base64url");
const basicId = ({ authorization = "" }) => decodeURIComponent(atob(authorization.split(" ")[1] ?? "").split(":")[0]);
const oauthError = (error, description, status = 400) => [status, { error, ...(description ? { error_description: description } : {}) }];

export class AuthorizationServer {
  requests = [];
  clients = new Map(); // id -> what it registered with
  lifetime = 3600;
  metadata = {}; // more members; undefined takes one away
  #codes = new Map();
  #refreshTokens = new Set();
  #accessTokens = new Set();
  #handlers = new Map();
  #holds = new Map();

  constructor() {
    this.server = http.createServer((request, response) => this.#receive(request, response));
  }

  async listen() {
    this.server.listen(0, "127.0.0.1");
    await once(this.server, "listening");
    this.issuer = `http://127.0.0.1:${this.server.address().port}`;
    return this;
  }
  async stop() {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, "close");
  }

  on(path, ...handlers) {
    this.#handlers.set(path, handlers);
    return this;
  }
  // Keeps the next answer at that path back: it is made, tokens are issued and spent, and nobody hears of it before
  // release(). `made` says when.
  hold(path) {
    const hold = {};
    hold.made = new Promise((done) => (hold.isMade = done));
    hold.released = new Promise((done) => (hold.release = done));
    this.#holds.set(path, hold);
    return hold;
  }
  all(path, predicate = () => true) {
    return this.requests.filter((request) => request.path === path && predicate(request));
  }
  count(path, predicate) {
    return this.all(path, predicate).length;
  }
  refreshes() {
    return this.all("/token", ({ form }) => form.grant_type === "refresh_token");
  }

  accepts(token) {
    return this.#accessTokens.has(token);
  }
  // A token that is not good any more, as after its time.
  expire(token) {
    this.#accessTokens.delete(token);
  }
  // What a login would have left behind.
  issue(scope) {
    const tokens = { access_token: fresh("access"), refresh_token: fresh("refresh"), token_type: "Bearer" };
    this.#accessTokens.add(tokens.access_token);
    this.#refreshTokens.add(tokens.refresh_token);
    return { ...tokens, ...(this.lifetime === undefined ? {} : { expires_in: this.lifetime }), ...(scope ? { scope } : {}) };
  }

  async #receive(incoming, response) {
    const chunks = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString("utf8");
    const url = new URL(incoming.url, this.issuer);
    const request = {
      method: incoming.method, path: url.pathname, query: Object.fromEntries(url.searchParams),
      headers: incoming.headers, body, form: Object.fromEntries(new URLSearchParams(body)),
    };
    this.requests.push(request);
    const handlers = this.#handlers.get(request.path) ?? [];
    const handler = handlers.length > 1 ? handlers.shift() : handlers[0];
    const [status, answer, headers = {}] = (await handler?.(request)) ?? this.#answer(request);
    await this.#keepBack(request.path);
    const text = answer === undefined ? "" : typeof answer === "string" ? answer : JSON.stringify(answer);
    response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store", ...headers });
    response.end(text);
  }

  async #keepBack(path) {
    const hold = this.#holds.get(path);
    this.#holds.delete(path);
    hold?.isMade();
    await hold?.released;
  }

  #answer(request) {
    const { path, method } = request;
    if (path === "/.well-known/oauth-authorization-server") return [200, this.document()];
    if (path === "/register" && method === "POST") return this.#register(JSON.parse(request.body));
    if (path.startsWith("/register/")) return this.#manage(request);
    if (path === "/authorize") return this.#authorize(request.query);
    if (path === "/token") return this.#token(request.form, request.headers);
    if (path === "/revoke") return this.#revoke(request.form);
    return [404];
  }

  document() {
    return {
      issuer: this.issuer,
      authorization_endpoint: `${this.issuer}/authorize`,
      token_endpoint: `${this.issuer}/token`,
      registration_endpoint: `${this.issuer}/register`,
      revocation_endpoint: `${this.issuer}/revoke`,
      response_types_supported: ["code"],
      grant_types_supported: ["authorization_code", "refresh_token"],
      code_challenge_methods_supported: ["S256"],
      token_endpoint_auth_methods_supported: ["none"],
      authorization_response_iss_parameter_supported: true,
      ...this.metadata,
    };
  }

  #register(wanted) {
    const id = fresh("client");
    const registration = {
      ...wanted, client_id: id, registration_client_uri: `${this.issuer}/register/${id}`,
      registration_access_token: fresh("management"),
    };
    this.clients.set(id, registration);
    return [201, registration];
  }
  // RFC 7592, section 2.3.
  #manage({ method, path, headers }) {
    const client = this.clients.get(path.split("/")[2]);
    if (!client || headers.authorization !== `Bearer ${client.registration_access_token}`) return [401];
    if (method === "DELETE") this.clients.delete(client.client_id);
    return method === "DELETE" ? [204] : [200, client];
  }

  #authorize(query) {
    const answer = new URL(query.redirect_uri);
    const code = fresh("code");
    this.#codes.set(code, query);
    for (const [name, value] of Object.entries({ code, state: query.state, iss: this.issuer })) answer.searchParams.set(name, value);
    return [302, "", { location: answer.href }];
  }

  #token(form, headers) {
    if (form.grant_type === "refresh_token") {
      // Good once (RFC 9700, section 4.14.2).
      return this.#refreshTokens.delete(form.refresh_token) ? [200, this.issue()] : oauthError("invalid_grant", "spent");
    }
    const asked = this.#codes.get(form.code);
    this.#codes.delete(form.code);
    const matches = asked && challengeOf(form.code_verifier ?? "") === asked.code_challenge &&
      asked.redirect_uri === form.redirect_uri && asked.client_id === (form.client_id ?? basicId(headers));
    return matches ? [200, this.issue(asked.scope)] : oauthError("invalid_grant");
  }

  #revoke({ token }) {
    this.#accessTokens.delete(token);
    this.#refreshTokens.delete(token);
    return [200];
  }
}

export async function startAuthorizationServer(t) {
  const server = await new AuthorizationServer().listen();
  afterwards(t, () => server.stop());
  return server;
}

// An MCP server that lets in whoever has a token of `authority`. Its tokens go under `headers.authorization`.
class ProtectedPeer extends Peer {
  scopes = ["tools"];
  challenge = ""; // more parameters, each after a comma

  constructor(authority, options) {
    super(options);
    this.authority = authority;
  }
  guard(exchange) {
    const wellKnown = "/.well-known/oauth-protected-resource";
    if (exchange.path === wellKnown + this.path) {
      exchange.json({ resource: this.url, authorization_servers: [this.authority.issuer], scopes_supported: this.scopes });
      return true;
    }
    const [scheme, token] = (exchange.headers.authorization ?? "").split(" ");
    if (scheme === "Bearer" && this.authority.accepts(token)) return super.guard(exchange);
    exchange.send(401, "", {
      "www-authenticate": `Bearer resource_metadata="${this.origin}${wellKnown}${this.path}"${this.challenge}`,
    });
    return true;
  }
}

export async function startProtectedPeer(t, authority, options) {
  const peer = await new ProtectedPeer(authority, options).listen();
  afterwards(t, () => peer.stop());
  return peer;
}
