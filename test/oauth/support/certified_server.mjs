// SPDX-License-Identifier: MIT
// A certified authorization server (oidc-provider) on loopback, and an MCP server that it protects.
//
// The MCP server takes JWTs that this issuer signed for it, and no others: that a request gets through
// proves the login, the signature, and the resource indicator.
import { createHash, createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import { once } from "node:events";
import http from "node:http";
import https from "node:https";

import { errors, Provider } from "oidc-provider";

import { afterwards } from "../../program/support/cleanup.mjs";
import { Arrivals, within } from "../../program/support/deadline.mjs";
import { openLedger } from "./ledger.mjs";
import { startProtected } from "./protected_server.mjs";

const kSigning = generateKeyPairSync("ec", { namedCurve: "P-256" });
const kSigningKey = { ...kSigning.privateKey.export({ format: "jwk" }), kid: "signing", use: "sig", alg: "ES256" };
const kPublicKey = createPublicKey(kSigning.publicKey.export({ format: "pem", type: "spki" }));
const kScopes = "tools:read tools:write";
const kHour = 3600;

const decode = (part) => JSON.parse(Buffer.from(part, "base64url").toString());

// The claims of an access token that this server signed (RFC 9068); nothing otherwise.
export function claimsOf(token) {
  const [header, payload, signature] = token.split(".");
  if (!signature) return undefined;
  const signed = Buffer.from(`${header}.${payload}`);
  const key = { key: kPublicKey, dsaEncoding: "ieee-p1363" };
  if (!verify("sha256", signed, key, Buffer.from(signature, "base64url"))) return undefined;
  return decode(payload);
}

// A client as somebody registered it by hand.
export function client(more) {
  return {
    client_id: "the-desktop",
    redirect_uris: ["http://127.0.0.1/callback"], // any port: RFC 8252, section 7.3
    application_type: "native",
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    ...more,
  };
}

// Of the certificate that the client has shown on this connection: x5t#S256, as tokens name it (RFC 8705,
// section 3.1).
export function thumbprintOf(certificate) {
  return createHash("sha256").update(certificate.raw).digest("base64url");
}
export const shownOn = (socket) => socket.getPeerX509Certificate?.();

// RFC 4514 has the parts the other way round.
const subjectOf = (certificate) => certificate.subject.split("\n").reverse().join(",");

// What RFC 8705 takes, apart from keys and certificates.
const kMutualTls = {
  enabled: true,
  certificateBoundAccessTokens: true,
  selfSignedTlsClientAuth: true,
  tlsClientAuth: true,
  getCertificate: (context) => shownOn(context.socket)?.toString(),
  certificateAuthorized: (context) => context.socket.authorized,
  certificateSubjectMatches: (context, property, expected) =>
    property === "tls_client_auth_subject_dn" && subjectOf(shownOn(context.socket)) === expected,
};
const kAliased = { token_endpoint: "/token", pushed_authorization_request_endpoint: "/request", revocation_endpoint: "/token/revocation" };

class CertifiedServer {
  requests = []; // {path, method, headers, parameters, status, answer, shown, port}
  isInTrouble = false; // answers 503 to everything
  forgetsAtOnce = false; // whoever registers
  rewrites = {}; // by path: what becomes of an answer's members
  #arrivals = new Arrivals();
  secretsExpireAt = undefined; // of those who register, or so it says

  // With `tls` it is https://localhost, and asks for certificates at another port, unless `tls.everywhere`.
  constructor(ledger, tls) {
    Object.assign(this, { ledger, tls });
    // What is mounted on it needs its address, which it has when it listens.
    const answer = (request, response) => this.answer(request, response);
    const asking = { ...tls, requestCert: true, rejectUnauthorized: false };
    this.server = tls ? https.createServer(tls.everywhere ? asking : tls, answer) : http.createServer(answer);
    this.asking = tls && !tls.everywhere ? https.createServer(asking, answer) : this.server;
  }

  async listen() {
    for (const server of new Set([this.server, this.asking])) {
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
    }
    const { port } = this.server.address();
    this.issuer = this.tls ? `https://localhost:${port}` : `http://127.0.0.1:${port}`;
    this.aliases = Object.fromEntries(Object.entries(kAliased).map(([name, path]) =>
      [name, `https://localhost:${this.asking.address().port}${path}`]));
  }
  async stop() {
    for (const server of new Set([this.server, this.asking])) {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    }
  }

  mount(configuration) {
    this.provider = new Provider(this.issuer, configuration);
    this.provider.use((context, next) => this.#record(context, next));
    this.answer = this.provider.callback();
  }

  async #record(context, next) {
    if (this.isInTrouble) context.status = 503;
    else await next();
    if (this.forgetsAtOnce && context.path === "/reg") await this.forgetClient(context.body);
    if (this.secretsExpireAt && context.path === "/reg") context.body.client_secret_expires_at = this.secretsExpireAt;
    const rewrite = this.rewrites[context.path];
    if (rewrite && context.status === 200) context.body = rewrite(context.body);
    const { body = {}, params = {} } = context.oidc ?? {};
    const parameters = { ...context.query, ...params, ...body };
    const request = {
      path: context.path, method: context.method, headers: context.headers, parameters, status: context.status,
      answer: context.body, shown: shownOn(context.socket)?.subject, port: context.socket.localPort,
    };
    this.requests.push(request);
    this.#arrivals.push(request);
    this.ledger.received({ headers: context.headers, parameters });
    if (context.body?.constructor === Object) this.ledger.answered(context.body);
    const location = context.response.get("location");
    if (/^https?:/.test(location)) this.ledger.redirected(location);
  }

  // The next request that the predicate likes, once it is answered; each is told of once.
  async happened(predicate) {
    const picture = () => JSON.stringify(this.requests.map(({ path, status }) => `${path} ${status}`));
    return within(this.#arrivals.take(predicate), "that request", { picture });
  }
  // Requests for documents about the server.
  metadataRequests() {
    return this.requests.filter(({ path }) => path.startsWith("/.well-known/"));
  }
  tokenRequests(grant) {
    return this.requests.filter(({ path, parameters }) => path === "/token" && parameters.grant_type === grant);
  }
  logins() {
    return this.requests.filter(({ path, status }) => path === "/auth" && status === 303);
  }
  // As if the user had withdrawn consent: the refresh token is spent.
  async forgetGrants({ refresh_token: token }) {
    const { grantId } = await this.provider.RefreshToken.find(token);
    await this.provider.RefreshToken.revokeByGrantId(grantId);
    await (await this.provider.Grant.find(grantId)).destroy();
  }
  // As if the server had been set up anew: it does not know this client, or has another secret for it.
  async forgetClient({ client_id: id }) {
    await this.provider.Client.adapter.destroy(id);
  }
  async changeSecret({ client_id: id }) {
    const { adapter } = this.provider.Client;
    await adapter.upsert(id, { ...(await adapter.find(id)), client_secret: "a-secret-that-nobody-has-heard-of" });
  }
  registrations() {
    return this.requests.filter(({ path, method }) => path === "/reg" && method === "POST");
  }
}

// `knows(resource)`: is it a resource of this server?
// `alsoWants({token, claims, scheme, exchange, mcp})`: what the MCP server wants besides a good token.
// `lifetimes` are those of the access tokens, one after the other; the last one stays.
export async function startCertified(t, options = {}) {
  const {
    tls, mcpTls, clients = [], methods, lifetimes = [kHour], features = {}, scopes = kScopes, challenge, knows = () => true,
    resourceMetadata, alsoWants = () => true, ...configuration
  } = options;
  const ledger = openLedger(t);
  const server = new CertifiedServer(ledger, tls);
  await server.listen();
  afterwards(t, () => server.stop());
  const left = [...lifetimes];
  const mcp = await startProtected(t, {
    ledger,
    tls: mcpTls,
    challenge,
    metadata: { authorization_servers: [server.issuer], scopes_supported: scopes.split(" "), ...resourceMetadata },
    accepts: (token, { scheme, exchange }) => {
      const claims = claimsOf(token);
      const isGood = claims?.iss === server.issuer && claims.aud === mcp.resource && claims.exp * 1000 > Date.now();
      return isGood && alsoWants({ token, claims, scheme, exchange, mcp });
    },
  });
  for (const { client_secret: secret } of clients) ledger.keep("client_secret", secret);
  server.mount({
    clients,
    jwks: { keys: [kSigningKey] },
    clientDefaults: { id_token_signed_response_alg: "ES256" },
    cookies: { keys: ["a key for cookies"] },
    ...(methods ? { clientAuthMethods: methods } : {}),
    issueRefreshToken: () => true,
    rotateRefreshToken: true,
    scopes: ["openid", "offline_access"],
    ttl: { AccessToken: () => (left.length > 1 ? left.shift() : left[0]) },
    ...(tls && !tls.everywhere ? { discovery: { mtls_endpoint_aliases: server.aliases } } : {}),
    ...configuration,
    features: {
      ...(tls ? { mTLS: kMutualTls } : {}),
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_, resource) => {
          if (!knows(resource)) throw new errors.InvalidTarget();
          return {
            audience: resource, scope: scopes, accessTokenFormat: "jwt", jwt: { sign: { alg: "ES256" } },
          };
        },
      },
      ...features,
    },
  });
  return { server, mcp, ledger, url: mcp.url };
}
