// SPDX-License-Identifier: MIT
// The authorization request and its answer, at a certified authorization server: pushed or not (RFC 9126),
// for one resource (RFC 8707), with the issuer in the answer (RFC 9207), and with a person who says no.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";

import { startAuthorizationServer, startProtectedPeer, visitor } from "../program/support/authorization_server.mjs";
import { run } from "../program/support/gateway.mjs";
import { temporaryDirectory } from "../program/support/temporary.mjs";
import { Application } from "./support/application.mjs";
import { claimsOf, client, startCertified } from "./support/certified_server.mjs";

const kSecret = "another-long-secret:of/a+client";

async function begin(t, { secret, args = [], env = {}, ...options } = {}) {
  const method = secret ? "client_secret_basic" : "none";
  const registered = client({ token_endpoint_auth_method: method, ...(secret ? { client_secret: secret } : {}) });
  const world = await startCertified(t, { clients: [registered], methods: [method], ...options });
  const application = new Application(t, {
    ...world,
    args: ["--client-id", "the-desktop", ...args],
    env: { ...(secret ? { MCP_OAUTH_CLIENT_SECRET: secret } : {}), ...env },
  });
  return { ...world, application };
}

const pushing = (enabled, required = false) => ({
  features: { pushedAuthorizationRequests: { enabled, requirePushedAuthorizationRequests: required } },
});
const pushed = (server) => server.requests.filter(({ path }) => path === "/request");
// What the browser was given to carry.
const opened = (log) => new URL(/^ {4}(http\S+)$/m.exec(log)[1]).searchParams;

describe("a pushed authorization request", { concurrency: 4 }, () => {
  for (const secret of [undefined, kSecret]) {
    const whose = secret ? "with a secret" : "without a secret";
    test(`is made where it is required, ${whose}`, async (t) => {
      const { server, application } = await begin(t, { secret, ...pushing(true, true) });
      const log = await application.visit();
      const [{ headers, status }] = pushed(server);
      assert.equal(status, 201);
      assert.equal(headers.authorization !== undefined, secret !== undefined);
      assert.deepEqual([...opened(log).keys()].sort(), ["client_id", "request_uri"]);
    });
  }
  test("is made where it is offered", async (t) => {
    const { server, application } = await begin(t, pushing(true));
    assert.ok(opened(await application.visit()).has("request_uri"));
    assert.equal(pushed(server).length, 1);
  });
  test("is not made where it is offered, with --no-par", async (t) => {
    const { server, application } = await begin(t, { ...pushing(true), args: ["--no-par"] });
    assert.equal(opened(await application.visit()).get("code_challenge_method"), "S256");
    assert.equal(pushed(server).length, 0);
  });
  test("is missed where it is required, with --no-par", async (t) => {
    const { server, application } = await begin(t, { ...pushing(true, true), args: ["--no-par"] });
    assert.match(await application.failure(), /takes pushed authorization requests only \(RFC 9126\); leave --no-par out/);
    assert.equal(pushed(server).length, 0);
  });
  test("is not made where it is not", async (t) => {
    const { server, application } = await begin(t, pushing(false));
    const parameters = opened(await application.visit());
    assert.equal(parameters.get("code_challenge_method"), "S256");
    assert.equal(pushed(server).length, 0);
  });
});

describe("the resource", { concurrency: 4 }, () => {
  test("is named in the request for the code and in both requests for tokens", async (t) => {
    const { server, mcp, application } = await begin(t, pushing(false));
    const log = await application.visit();
    assert.equal(opened(log).get("resource"), mcp.url);
    mcp.refused.add(application.credential().access_token);
    await application.visit();
    for (const grant of ["authorization_code", "refresh_token"])
      assert.equal(server.tokenRequests(grant)[0].parameters.resource, mcp.url);
    assert.equal(claimsOf(application.credential().access_token).aud, mcp.url);
  });
  test("that the server does not know is a refusal, in the browser and in the application", async (t) => {
    const { application } = await begin(t, { knows: (resource) => resource.startsWith("https://elsewhere.") });
    const text = await application.failure();
    assert.match(text, /invalid_target/);
    await application.pageTitled("Signing in did not work");
  });
});

describe("the answer", { concurrency: 4 }, () => {
  test("names the issuer that was asked", async (t) => {
    const { server, application } = await begin(t);
    await application.visit();
    assert.equal(application.credential().iss_parameter_supported, true);
    assert.equal(application.credential().issuer, server.issuer);
  });
  test("of a person who says no ends the login; the page and the error say so", async (t) => {
    const { server, application } = await begin(t, { env: { TEST_BROWSER_DOES: "deny" } });
    const text = await application.failure();
    assert.match(text, /access_denied/);
    assert.match(text, new RegExp(server.issuer));
    await application.pageTitled("Signing in did not work");
    assert.equal(server.tokenRequests("authorization_code").length, 0);
  });
});

// Pushed or not, nobody signs in for what could only be refused afterwards.
for (const [how, features] of Object.entries({ "where it would be pushed": pushing(true), "before a browser opens": pushing(false) })) {
  test(`a foreign assertion that is for another server ends the login ${how}`, async (t) => {
    const part = (json) => Buffer.from(JSON.stringify(json)).toString("base64url");
    const file = join(temporaryDirectory(t), "assertion");
    writeFileSync(file, `${part({ alg: "ES256" })}.${part({ aud: "https://elsewhere.example/token" })}.c2ln`, { mode: 0o600 });
    const { server, application } = await begin(t, {
      ...features, methods: ["private_key_jwt", "none"], args: ["--client-assertion-file", file],
    });
    assert.match(await application.failure(), /client assertion is for https:\/\/elsewhere\.example\/token, not for .*, and is not sent/);
    assert.deepEqual(application.pages(), []);
    assert.ok(server.requests.every(({ path }) => path.startsWith("/.well-known/")));
  });
}

// As in a container whose port is published: the redirect URI stays, others than this machine can knock.
test("the answer is heard on --callback-bind, and a warning says who else can come", async (t) => {
  const { application } = await begin(t, { args: ["--callback-bind", "0.0.0.0"] });
  const log = await application.visit();
  assert.match(log, /warning: --callback-bind 0\.0\.0\.0: whoever can reach this machine/);
});
test("the answer is heard on --callback-bind alone", async (t) => {
  const { application } = await begin(t, { args: ["--callback-bind", "127.0.0.2", "--oauth-timeout", "1"] });
  assert.match(await application.failure(), /nobody signed in within 1 s/); // the redirect URI is that of 127.0.0.1
});

test("a login that nobody finishes says so, to each request and run, and is not offered again at once", async (t) => {
  // The server shows a page that leads nowhere: it knows another redirect URI.
  const elsewhere = client({ token_endpoint_auth_method: "none", redirect_uris: ["http://localhost/callback"] });
  const world = await startCertified(t, { clients: [elsewhere], methods: ["none"] });
  const application = new Application(t, { ...world, args: ["--client-id", "the-desktop", "--oauth-timeout", "1"] });
  assert.match(await application.failure(), /nobody signed in within 1 s/);
  assert.match(await application.failure(), /a sign-in was offered less than a minute ago/);
  assert.equal((await application.lastPage()).status, 400);
  assert.equal(application.pages().length, 1);
});

test("what is granted is written down: scopes and lifetime", async (t) => {
  const { application } = await begin(t, { lifetimes: [600] });
  await application.visit();
  const { scope, expires_at: expiry } = application.credential();
  assert.deepEqual(scope.split(" ").sort(), ["tools:read", "tools:write"]);
  assert.ok(Math.abs(expiry - Date.now() / 1000 - 600) < 60);
});

test("the challenge's scope is asked for rather than the resource's", async (t) => {
  const { application } = await begin(t, { ...pushing(false), challenge: ', scope="tools:read"' });
  assert.equal(opened(await application.visit()).get("scope"), "tools:read offline_access");
});

// At a server that answers every request for authorization at once.
describe("an option decides", { concurrency: 4 }, () => {
  async function login(t, ...args) {
    const authority = await startAuthorizationServer(t);
    authority.metadata.scopes_supported = ["tools", "offline_access"];
    const peer = await startProtectedPeer(t, authority);
    const { code, output } = await run(t, ["login", peer.url, "--browser", visitor, ...args]);
    assert.equal(code, 0, output);
    return { asked: authority.all("/authorize")[0].query, redeemed: authority.all("/token")[0].form };
  }

  test("whether offline_access is asked for: --no-offline-access", async (t) => {
    assert.equal((await login(t)).asked.scope, "tools offline_access");
    assert.equal((await login(t, "--no-offline-access")).asked.scope, "tools");
  });

  test("where the answer is waited for: --callback-path", async (t) => {
    const { asked, redeemed } = await login(t, "--callback-path", "/back/here");
    assert.equal(new URL(asked.redirect_uri).pathname, "/back/here");
    assert.equal(redeemed.redirect_uri, asked.redirect_uri);
  });

  test("what else token requests say: --token-param", async (t) => {
    const { asked, redeemed } = await login(t, "--token-param", "audience=https://api.example/", "--token-param", "tenant=a b&c");
    assert.deepEqual([redeemed.audience, redeemed.tenant], ["https://api.example/", "a b&c"]);
    assert.deepEqual([asked.audience, asked.tenant], [undefined, undefined]);
  });
});
