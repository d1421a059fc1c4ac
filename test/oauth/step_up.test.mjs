// SPDX-License-Identifier: MIT
// A server that wants more than the token stands for: more scope (403), or a stronger login (RFC 9470).
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { Application } from "./support/application.mjs";
import { claimsOf, client, startCertified } from "./support/certified_server.mjs";
import { imitate } from "./support/imitate.mjs";
import { json } from "./support/imitation.mjs";

async function begin(t, options = {}) {
  const registered = client({ token_endpoint_auth_method: "none" });
  const world = await startCertified(t, {
    clients: [registered], methods: ["none"], challenge: ', scope="tools:read"',
    features: { pushedAuthorizationRequests: { enabled: false } }, ...options,
  });
  world.mcp.answers("tools/call", { content: [] });
  const application = new Application(t, { ...world, args: ["--client-id", "the-desktop"] });
  const gateway = application.open();
  assert.ok((await gateway.handshake()).result);
  const call = () => gateway.request("tools/call", { name: "write" });
  const asked = () => server.logins().map(({ parameters }) => parameters);
  const { server } = world;
  return { ...world, application, gateway, call, asked };
}

const scopesOf = (token) => new Set(claimsOf(token).scope.split(" "));
const wantsToWrite = (exchange, token) =>
  exchange.kind === "tools/call" && !scopesOf(token).has("tools:write")
    ? { status: 403, challenge: 'error="insufficient_scope", scope="tools:write"' }
    : undefined;

describe("more scope", { concurrency: 4 }, () => {
  test("is asked for together with what was granted, once for several calls", async (t) => {
    const { mcp, application, call, asked } = await begin(t);
    mcp.demands = wantsToWrite;
    for (const answer of await Promise.all([call(), call(), call()])) assert.ok(answer.result, JSON.stringify(answer));
    const scopes = asked().map(({ scope }) => new Set(scope.split(" ")));
    assert.equal(scopes.length, 2);
    assert.ok(!scopes[0].has("tools:write"));
    assert.ok(scopes[1].has("tools:read") && scopes[1].has("tools:write"));
    assert.deepEqual(scopesOf(application.credential().access_token), new Set(["tools:read", "tools:write"]));
  });

  test("is kept by a refresh", async (t) => {
    const { server, mcp, application, call } = await begin(t);
    mcp.demands = wantsToWrite;
    assert.ok((await call()).result);
    mcp.refused.add(application.credential().access_token);
    assert.ok((await call()).result);
    assert.equal(server.tokenRequests("refresh_token").length, 1);
    assert.equal(server.logins().length, 2);
  });

  test("is asked for by each tool that wants another one", async (t) => {
    const tools = ["one", "two", "three", "four"];
    const { mcp, gateway, asked } = await begin(t, { scopes: `tools:read ${tools.join(" ")}` });
    mcp.demands = (exchange, token) =>
      exchange.kind === "tools/call" && !scopesOf(token).has(exchange.message.params.name)
        ? { status: 403, challenge: `error="insufficient_scope", scope="${exchange.message.params.name}"` }
        : undefined;
    for (const name of tools) assert.ok((await gateway.request("tools/call", { name })).result, name);
    assert.equal(asked().length, 1 + tools.length);
  });

  test("that the server is never content with is no reason to ask for ever", async (t) => {
    const { server, mcp, call } = await begin(t);
    mcp.demands = (exchange) =>
      exchange.kind === "tools/call"
        ? { status: 403, challenge: 'error="insufficient_scope", scope="tools:write"' }
        : undefined;
    const { error } = await call();
    assert.match(error.message, /403/);
    assert.ok(server.logins().length <= 3);
    const before = server.logins().length;
    assert.ok((await call()).error);
    assert.equal(server.logins().length, before);
  });
});

// RFC 6749, section 6: what it gets is for the scope of its own login again.
test("a refresh token of before is kept where the login for more brings none, and is not taken for more", async (t) => {
  const kIssuer = "https://as.contoso.example";
  let logins = 0;
  const provider = {
    mcp: { url: "https://mcp.contoso.example/mcp", metadata: { authorization_servers: [kIssuer], scopes_supported: ["read"] } },
    quirks: {
      documents: {
        [`${kIssuer}/.well-known/oauth-authorization-server`]: {
          issuer: kIssuer, authorization_endpoint: `${kIssuer}/authorize`, token_endpoint: `${kIssuer}/token`,
          code_challenge_methods_supported: ["S256"], scopes_supported: ["offline_access"],
        },
      },
      authorize: `${kIssuer}/authorize`,
      token: `${kIssuer}/token`,
      clients: { desktop: {} },
      authenticate: () => undefined,
      keepsRefreshTokens: true,
      issues: (_, { grant_type: grant }) => ({
        expires_in: 3600, refresh_token: grant === "authorization_code" && ++logins === 1,
      }),
      success: ({ scope, ...members }) => json(members), // it says what was granted by saying nothing
    },
    args: ["--client-id", "desktop"],
  };
  const { server, mcp, application: applicationOf } = await imitate(t, provider);
  mcp.demands = ({ kind }, token) =>
    kind === "tools/call" && !server.granted.get(token).scope.includes("write")
      ? { status: 403, challenge: 'error="insufficient_scope", scope="write"' }
      : undefined;
  mcp.answers("tools/call", { content: [] });
  const application = applicationOf(provider);
  const gateway = application.open();
  assert.ok((await gateway.handshake()).result);
  const { refresh_token: first } = application.credential();
  assert.ok((await gateway.request("tools/call", { name: "write" })).result);
  assert.equal(application.credential().refresh_token, first);
  assert.equal(application.credential().scope, "read offline_access write");
  assert.equal(server.logins().at(-1).parameters.scope, "read offline_access write");

  mcp.refused.add(application.credential().access_token);
  assert.ok((await gateway.request("tools/list")).result);
  assert.equal(server.tokenRequests("refresh_token").length, 1);
  assert.equal(server.logins().length, 2); // nobody was asked
  assert.equal(application.credential().scope, "read offline_access");
  assert.ok((await gateway.request("tools/call", { name: "write" })).result);
  assert.equal(server.logins().length, 3);
});

test("a stronger login is asked for with its acr_values and max_age (RFC 9470)", async (t) => {
  const { mcp, call, asked } = await begin(t, {
    scopes: "openid tools:read", challenge: ', scope="openid tools:read"', acrValues: ["urn:example:mfa"],
  });
  let isStrong = false;
  mcp.demands = (exchange) => {
    if (exchange.kind !== "tools/call" || isStrong) return undefined;
    isStrong = true;
    const challenge = 'error="insufficient_user_authentication", acr_values="urn:example:mfa", max_age="3600"';
    return { status: 401, challenge };
  };
  const answer = await call();
  assert.ok(answer.result, JSON.stringify(answer));
  const [first, second] = asked();
  assert.equal(first.acr_values, undefined);
  assert.equal(second.acr_values, "urn:example:mfa");
  assert.equal(String(second.max_age), "3600");
});

test("a login that is never strong enough is not asked for for ever", async (t) => {
  const { mcp, call, asked } = await begin(t);
  mcp.demands = ({ kind }) =>
    kind === "tools/call" ? { status: 401, challenge: 'error="insufficient_user_authentication", max_age="60"' } : undefined;
  const { error } = await call();
  assert.match(error.message, /just issued|401/);
  assert.ok(asked().length <= 3, `${asked().length} logins`);
  const before = asked().length;
  assert.ok((await call()).error);
  assert.equal(asked().length, before);
});
