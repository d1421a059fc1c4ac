// SPDX-License-Identifier: MIT
// An organisation: its identity provider, and MCP servers whose authorization server believes it
// (enterprise-managed authorization). All three are on hosts of their own.
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterwards } from "../../program/support/cleanup.mjs";
import { temporaryDirectory } from "../../program/support/temporary.mjs";
import { Application } from "./application.mjs";
import { Imitation } from "./imitation.mjs";
import { openLedger } from "./ledger.mjs";
import { ProtectedServer } from "./protected_server.mjs";
import { startWeb } from "./web.mjs";

export const kIdp = "https://idp.contoso.example";
export const kAs = "https://as.contoso.example";
const kIdpSecret = "the-secret-at-the-provider";
const kAsSecret = "the-secret-at-the-server";
const kJag = "urn:ietf:params:oauth:token-type:id-jag";

const encoded = (json) => Buffer.from(JSON.stringify(json)).toString("base64url");
const decoded = (jwt) => JSON.parse(Buffer.from(jwt.split(".")[1], "base64url").toString());
const now = () => Math.floor(Date.now() / 1000);

let made = 0;
const jwt = (claims, typ = "JWT") => `${encoded({ alg: "none", typ })}.${encoded({ ...claims, jti: String(++made) })}.c2ln`;

// The identity provider: it signs people in, and exchanges their ID tokens for grants.
function provider(ledger, { lifetime }) {
  const known = new Set(); // ID tokens that it takes
  const idp = new Imitation({
    documents: {
      [`${kIdp}/.well-known/openid-configuration`]: {
        issuer: kIdp, authorization_endpoint: `${kIdp}/authorize`, token_endpoint: `${kIdp}/token`,
        code_challenge_methods_supported: ["S256"], scopes_supported: ["openid", "offline_access"],
        token_endpoint_auth_methods_supported: ["client_secret_basic"],
      },
    },
    authorize: `${kIdp}/authorize`,
    token: `${kIdp}/token`,
    clients: { "at-the-provider": { secret: kIdpSecret } },
    issues: ({ scope }) => {
      const identity = jwt({ iss: kIdp, aud: "at-the-provider", sub: "alice", exp: now() + lifetime });
      known.add(identity);
      return { expires_in: lifetime, id_token: identity, refresh_token: scope.includes("offline_access") };
    },
    grants: {
      "urn:ietf:params:oauth:grant-type:token-exchange": ({ subject_token: subject, audience, resource, scope }) => {
        if (!known.has(subject)) return { error: "invalid_grant", error_description: "the session is over" };
        const grant = jwt({ iss: kIdp, aud: audience, resource, client_id: "at-the-server", exp: now() + 300 }, "oauth-id-jag+jwt");
        ledger.keep("the grant", grant);
        return { issued_token_type: kJag, access_token: grant, token_type: "N_A", scope, expires_in: 300 };
      },
    },
  }, ledger);
  idp.endSessions = () => known.clear();
  return idp;
}

// The authorization server of the MCP servers. Tokens are for the server that the grant names.
function authority(ledger) {
  const tokens = new Map(); // access token -> resource
  const as = new Imitation({
    documents: {
      [`${kAs}/.well-known/oauth-authorization-server`]: {
        issuer: kAs, token_endpoint: `${kAs}/token`, token_endpoint_auth_methods_supported: ["client_secret_post"],
      },
    },
    token: `${kAs}/token`,
    clients: { "at-the-server": { secret: kAsSecret } },
    grants: {
      "urn:ietf:params:oauth:grant-type:jwt-bearer": ({ assertion }) => {
        const { iss, aud, resource, client_id: client } = decoded(assertion);
        if (iss !== kIdp || aud !== kAs || client !== "at-the-server") return { error: "invalid_grant" };
        const token = `access-token-${++made}-${"x".repeat(16)}`;
        ledger.keep("access_token", token);
        tokens.set(token, resource);
        return { access_token: token, token_type: "Bearer", expires_in: 3600 };
      },
    },
  }, ledger);
  as.tokens = tokens;
  return as;
}

// `lifetime` of ID tokens, in seconds; `servers` are the hosts of MCP servers.
export async function startOrganisation(t, { lifetime = 3600, servers = ["mcp.contoso.example"] } = {}) {
  const ledger = openLedger(t);
  const idp = provider(ledger, { lifetime });
  const as = authority(ledger);
  const hosts = new Map([idp, as].flatMap((server) =>
    [...server.hosts()].map((host) => [host, (request, response) => server.answer(request, response)])));
  const mcps = servers.map((host) => {
    const url = `https://${host}/mcp`;
    const mcp = new ProtectedServer({
      ledger, path: "/mcp", challenge: ', scope="tools:read"', metadata: { authorization_servers: [kAs] },
      accepts: (token) => as.tokens.get(token) === url,
    });
    mcp.url = url;
    afterwards(t, () => mcp.stop());
    hosts.set(host, (request, response) => mcp.server.emit("request", request, response));
    return mcp;
  });
  const web = await startWeb(t, hosts);
  const secret = join(temporaryDirectory(t), "secret");
  writeFileSync(secret, kIdpSecret, { mode: 0o600 });
  const args = [
    ...web.args, "--grant", "id-jag", "--client-id", "at-the-server",
    "--idp-issuer", kIdp, "--idp-client-id", "at-the-provider", "--idp-client-secret-file", secret,
  ];
  const env = { ...web.env, MCP_OAUTH_CLIENT_SECRET: kAsSecret };
  const application = (mcp = mcps[0]) =>
    new Application(t, { url: mcp.url, ledger, args, env });
  return { idp, as, mcps, mcp: mcps[0], application };
}
