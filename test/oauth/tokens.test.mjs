// SPDX-License-Identifier: MIT
// The life of tokens, at a certified authorization server that rotates its refresh tokens and takes a
// second use of one for a theft.
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { Application } from "./support/application.mjs";
import { client, startCertified } from "./support/certified_server.mjs";

async function begin(t, options = {}) {
  const registered = client({ token_endpoint_auth_method: "none" });
  const world = await startCertified(t, { clients: [registered], methods: ["none"], ...options });
  return { ...world, application: new Application(t, { ...world, args: ["--client-id", "the-desktop"] }) };
}

async function ask(gateway, count) {
  return Promise.all(Array.from({ length: count }, () => gateway.request("tools/list")));
}

describe("an access token", { concurrency: 4 }, () => {
  test("that is about to expire is refreshed before it is sent: once, however many want it", async (t) => {
    const { server, mcp, application } = await begin(t, { lifetimes: [30, 3600] });
    await application.visit();
    const gateway = application.open();
    assert.ok((await gateway.handshake()).result);
    for (const answer of await ask(gateway, 8)) assert.ok(answer.result);
    assert.equal(server.tokenRequests("refresh_token").length, 1);
    assert.equal(mcp.refusals(), 1); // the one that began the login
  });

  test("that lives shorter than the leeway is not refreshed with every request", async (t) => {
    const { server, application } = await begin(t, { lifetimes: [30] });
    const gateway = application.open();
    assert.ok((await gateway.handshake()).result);
    for (const answer of await ask(gateway, 8)) assert.ok(answer.result);
    assert.equal(server.tokenRequests("refresh_token").length, 0);
  });

  test("that is refused in the middle of a session is refreshed: once, and every request is answered", async (t) => {
    const { server, mcp, application } = await begin(t);
    const gateway = application.open();
    assert.ok((await gateway.handshake()).result);
    const before = application.credential();
    mcp.refused.add(before.access_token);
    for (const answer of await ask(gateway, 8)) assert.ok(answer.result);
    assert.equal(server.tokenRequests("refresh_token").length, 1);
    const after = application.credential();
    assert.notEqual(after.access_token, before.access_token);
    assert.notEqual(after.refresh_token, before.refresh_token);
    assert.equal(server.logins().length, 1);
  });

  test("that is good costs no request but those of MCP", async (t) => {
    const { server, mcp, application } = await begin(t);
    await application.visit();
    const before = { server: server.requests.length, mcp: mcp.requests.length };
    await application.visit();
    assert.equal(server.requests.length, before.server);
    const kinds = mcp.requests.slice(before.mcp).map(({ kind }) => kind);
    assert.deepEqual(kinds.sort(), ["DELETE", "GET", "initialize", "notifications/initialized", "tools/list"].sort());
  });
});

describe("a refresh token", { concurrency: 4 }, () => {
  test("is rotated through several runs, and each is used once", async (t) => {
    const { server, mcp, application } = await begin(t);
    await application.visit();
    for (let run = 0; run < 3; ++run) {
      mcp.refused.add(application.credential().access_token);
      await application.visit();
    }
    const used = server.tokenRequests("refresh_token").map(({ parameters }) => parameters.refresh_token);
    assert.equal(new Set(used).size, 3);
    assert.equal(server.logins().length, 1);
  });

  test("that is spent leads to one login, whose tokens are kept", async (t) => {
    const { server, mcp, application } = await begin(t);
    const gateway = application.open();
    assert.ok((await gateway.handshake()).result);
    const before = application.credential();
    await server.forgetGrants(before);
    mcp.refused.add(before.access_token);
    for (const answer of await ask(gateway, 4)) assert.ok(answer.result);
    assert.equal(server.logins().length, 2);
    assert.deepEqual(server.tokenRequests("refresh_token").map(({ status }) => status), [400]);
    assert.notEqual(application.credential().refresh_token, before.refresh_token);
  });

  test("survives a server in trouble: the next run refreshes", async (t) => {
    const { server, mcp, application } = await begin(t);
    await application.visit();
    const before = application.credential();
    mcp.refused.add(before.access_token);
    server.isInTrouble = true;
    assert.match(await application.failure(), /503/);
    assert.deepEqual(application.credential(), before);
    server.isInTrouble = false;
    await application.visit();
    assert.equal(server.logins().length, 1);
    assert.notEqual(application.credential().access_token, before.access_token);
  });

  test("that is missing is said so, and the next refusal is a login", async (t) => {
    const { server, mcp, application } = await begin(t, { issueRefreshToken: () => false });
    const log = await application.visit();
    assert.equal(log.match(/gave no refresh token.*--authorize-param prompt=consent/g)?.length, 1);
    assert.equal(application.credential().refresh_token, null);
    mcp.refused.add(application.credential().access_token);
    await application.visit();
    assert.equal(server.logins().length, 2);
  });
});

test("an ID token that is wanted and not there: the access token is sent, with a warning (item 321)", async (t) => {
  const { application } = await begin(t);
  assert.match(await application.visit({ args: ["--oauth-use-id-token"] }), /--oauth-use-id-token: there is no ID token.*openid/);
  assert.equal(application.credential().id_token, null);
});

test("ten programs that start at once on one expired token: one refresh, no login", async (t) => {
  const { server, mcp, application } = await begin(t);
  await application.visit();
  mcp.refused.add(application.credential().access_token);
  await Promise.all(Array.from({ length: 10 }, () => application.visit()));
  assert.deepEqual(server.tokenRequests("refresh_token").map(({ status }) => status), [200]);
  assert.equal(server.logins().length, 1);
});

test("ten programs that start at once without a token: one login", async (t) => {
  const { server, application } = await begin(t);
  await Promise.all(Array.from({ length: 10 }, () => application.visit()));
  assert.equal(server.logins().length, 1);
  assert.equal(server.tokenRequests("authorization_code").length, 1);
});
