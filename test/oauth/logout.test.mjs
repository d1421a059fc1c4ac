// SPDX-License-Identifier: MIT
// The commands about signing in, at a certified authorization server: what they say was done was done
// there, too (RFC 7009, RFC 7592).
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { Application } from "./support/application.mjs";
import { client, startCertified } from "./support/certified_server.mjs";

const kSecret = "the-secret-of-a-desktop";
const revocation = { revocation: { enabled: true } };
const registration = { ...revocation, registration: { enabled: true }, registrationManagement: { enabled: true } };

async function signedIn(t, { method = "none", features = revocation, byHand = true } = {}) {
  const secret = method === "none" ? {} : { client_secret: kSecret };
  const clients = byHand ? [client({ token_endpoint_auth_method: method, ...secret })] : [];
  const world = await startCertified(t, { clients, methods: [method], features });
  const application = new Application(t, {
    ...world,
    args: byHand ? ["--client-id", "the-desktop"] : [],
    env: method === "none" ? {} : { MCP_OAUTH_CLIENT_SECRET: kSecret },
  });
  const { code, log } = await application.run("login");
  assert.equal(code, 0, log);
  return { ...world, application, credential: application.credential() };
}

describe("login and token", { concurrency: 4 }, () => {
  test("a login is there for the relay, which asks nobody", async (t) => {
    const { server, application } = await signedIn(t);
    const before = server.requests.length;
    await application.visit();
    assert.equal(server.requests.length, before);
  });

  test("token prints the token; one that the relay refreshed is the new one", async (t) => {
    const { server, mcp, application, credential } = await signedIn(t);
    assert.equal((await application.run("token")).stdout.trim(), credential.access_token);
    mcp.refused.add(credential.access_token);
    await application.visit();
    const { stdout } = await application.run("token");
    assert.equal(stdout.trim(), application.credential().access_token);
    assert.notEqual(stdout.trim(), credential.access_token);
    assert.equal(server.logins().length, 1);
  });
});

describe("logout", { concurrency: 4 }, () => {
  for (const method of ["none", "client_secret_basic", "client_secret_post", "client_secret_jwt"]) {
    test(`revokes the tokens, authenticated by ${method}`, async (t) => {
      const { server, application, credential } = await signedIn(t, { method });
      const { code, log } = await application.run("logout");
      assert.equal(code, 0, log);
      const revoked = server.requests.filter(({ path }) => path === "/token/revocation");
      assert.equal(revoked[0].parameters.token, credential.refresh_token);
      assert.equal(revoked[0].status, 200);
      for (const { headers } of revoked) assert.equal(headers.authorization !== undefined, method === "client_secret_basic");
      // This server cannot take back what it has signed, and says so (RFC 7009, section 2.2.1).
      assert.deepEqual(revoked.slice(1).map(({ answer }) => answer.error), ["unsupported_token_type"]);
      assert.equal(await server.provider.RefreshToken.find(credential.refresh_token), undefined);
      assert.throws(() => application.credential());
    });
  }

  test("with --forget gives the registration back", async (t) => {
    const { server, application, credential } = await signedIn(t, { features: registration, byHand: false });
    assert.ok(await server.provider.Client.find(credential.client_id));
    const { code, log } = await application.run("logout", { args: ["--forget"] });
    assert.equal(code, 0, log);
    assert.equal(await server.provider.Client.find(credential.client_id), undefined);
    await application.visit();
    assert.equal(server.registrations().length, 2);
  });

  test("without it keeps the registration for the next login", async (t) => {
    const { server, application } = await signedIn(t, { features: registration, byHand: false });
    assert.equal((await application.run("logout")).code, 0);
    await application.visit();
    assert.equal(server.registrations().length, 1);
    assert.equal(server.logins().length, 2);
  });
});
