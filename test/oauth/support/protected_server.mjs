// SPDX-License-Identifier: MIT
// An MCP server behind OAuth: it publishes its resource metadata (RFC 9728), and answers 401 to whoever
// has no token that the test's `accepts` likes.
import { afterwards } from "../../program/support/cleanup.mjs";
import { Peer } from "../../program/support/peer.mjs";

const kWellKnown = "/.well-known/oauth-protected-resource";

export class ProtectedServer extends Peer {
  refused = new Set(); // tokens that were good once
  scheme = "Bearer";
  // Of a request that was let in: {status, challenge, headers} if it wants more than this token stands
  // for.
  demands = () => undefined;

  // `metadata` without `resource`, which is the server's URL. `accepts(token, scheme)` tells who may in.
  constructor({ metadata, accepts, challenge = "", ledger, ...options }) {
    super(options);
    Object.assign(this, { metadata, accepts, challenge, ledger });
  }

  get resource() {
    return this.metadata.resource ?? this.url;
  }

  guard(exchange) {
    const path = exchange.path.split("?")[0];
    if (path === kWellKnown + this.path) {
      exchange.json({ resource: this.resource, ...this.metadata });
      return true;
    }
    if (path !== this.path) {
      exchange.send(404);
      return true;
    }
    const [scheme, token = ""] = (exchange.headers.authorization ?? "").split(" ");
    this.ledger.received({ headers: exchange.headers });
    if (!this.refused.has(token) && this.accepts(token, { scheme, exchange })) return this.#let(exchange, token);
    const origin = new URL(this.url).origin;
    const error = token ? ', error="invalid_token"' : "";
    exchange.send(401, "", {
      "www-authenticate": `${this.scheme} resource_metadata="${origin}${kWellKnown}${this.path}"${error}${this.challenge}`,
    });
    return true;
  }

  #let(exchange, token) {
    const demand = this.demands(exchange, token);
    if (!demand) return super.guard(exchange);
    exchange.send(demand.status, "", { "www-authenticate": `${this.scheme} ${demand.challenge}`, ...demand.headers });
    return true;
  }

  // Requests of MCP that were let in.
  served(kind) {
    return this.count(kind, (exchange) => exchange.response.statusCode < 400);
  }
  refusals() {
    return this.requests.filter((exchange) => exchange.response.statusCode === 401).length;
  }
}

export async function startProtected(t, options) {
  const server = await new ProtectedServer(options).listen();
  afterwards(t, () => server.stop());
  return server;
}
