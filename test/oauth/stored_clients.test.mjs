// SPDX-License-Identifier: MIT
// Whose a stored login is: what this run uses of it, when another client signs in, and at which of several
// authorization servers.
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";

import { freePort } from "../program/support/programs.mjs";
import { Application } from "./support/application.mjs";
import { client, startCertified } from "./support/certified_server.mjs";
import { imitate } from "./support/imitate.mjs";
import { providers } from "./support/providers.mjs";

const kSecret = "a-secret-of-some-length";
const kById = ["--client-id", "the-desktop"];
const kConfidential = client({ token_endpoint_auth_method: "client_secret_basic", client_secret: kSecret });
const kPublic = client({ token_endpoint_auth_method: "none" });
const kGiven = { args: kById, env: { MCP_OAUTH_CLIENT_SECRET: kSecret } };
const registration = { features: { registration: { enabled: true } } };

const forgetTokens = ({ home }) => rmSync(join(home, ".config/mcp-stdio/tokens.json"));

describe("the login of a client that was registered by hand", { concurrency: 4 }, () => {
  test("does for a run that names no client, and is refreshed where no secret is needed", async (t) => {
    const world = await startCertified(t, { clients: [kPublic], methods: ["none"], ...registration });
    const { server, mcp } = world;
    const application = new Application(t, world);
    await application.visit({ args: kById });
    const before = server.requests.length;
    await application.visit();
    assert.equal(server.requests.length, before);

    mcp.refused.add(application.credential().access_token);
    await application.visit();
    const [refresh] = server.tokenRequests("refresh_token");
    assert.deepEqual([refresh.status, refresh.parameters.client_id], [200, "the-desktop"]);
    assert.equal(server.registrations().length, 0);
  });

  test("is not refreshed without its secret: the run signs in as a client of its own", async (t) => {
    const methods = ["client_secret_basic", "none"];
    const world = await startCertified(t, { clients: [kConfidential], methods, ...registration });
    const { server, mcp } = world;
    const application = new Application(t, world);
    await application.visit(kGiven);
    const before = server.requests.length;
    await application.visit();
    assert.equal(server.requests.length, before);

    mcp.refused.add(application.credential().access_token);
    const log = await application.visit();
    assert.match(log, /that of the client the-desktop, whose secret is not given.*signing in again/);
    assert.equal(server.tokenRequests("refresh_token").length, 0);
    assert.equal(server.registrations().length, 1);
    assert.notEqual(application.credential().client_id, "the-desktop");
  });
});

test("the login of a client that registered itself is not that of a run that names one", async (t) => {
  const world = await startCertified(t, { clients: [kPublic], methods: ["none"], ...registration });
  const { server, mcp } = world;
  const application = new Application(t, world);
  await application.visit();
  const first = application.credential();
  assert.notEqual(first.client_id, "the-desktop");
  const before = mcp.requests.length;
  await application.visit({ args: kById });
  assert.equal(application.credential().client_id, "the-desktop");
  assert.equal(server.tokenRequests("authorization_code").length, 2);
  assert.equal(server.tokenRequests("refresh_token").length, 0);
  const shown = mcp.requests.slice(before).map(({ headers }) => headers.authorization);
  assert.ok(shown.every((authorization) => authorization !== `Bearer ${first.access_token}`));
});

test("a registered secret that has expired is not sent: the client registers anew, and signs in", async (t) => {
  const world = await startCertified(t, { methods: ["client_secret_basic"], ...registration });
  const { server, mcp } = world;
  server.secretsExpireAt = 1;
  const application = new Application(t, world);
  await application.visit();
  const first = application.credential();
  assert.equal(first.client_secret_expires_at, 1);
  mcp.refused.add(first.access_token);
  const log = await application.visit();
  assert.match(log, /the secret of the registered client has expired; signing in again/);
  assert.equal(server.tokenRequests("refresh_token").length, 0);
  assert.equal(server.registrations().length, 2);
  assert.notEqual(application.credential().client_id, first.client_id);
});

describe("of several authorization servers", { concurrency: 4 }, () => {
  test("the one is taken that the secret belongs to", async (t) => {
    const home = await startCertified(t, { clients: [kConfidential], methods: ["client_secret_basic"] });
    const other = await startCertified(t, { clients: [kConfidential], methods: ["client_secret_basic"] });
    const application = new Application(t, { ...home, ...kGiven });
    await application.visit();
    forgetTokens(application);
    home.mcp.metadata.authorization_servers = [other.server.issuer, home.server.issuer];
    await application.visit();
    assert.equal(home.server.tokenRequests("authorization_code").length, 2);
    assert.deepEqual(other.server.requests, []);
  });

  test("the one is taken where the client has registered", async (t) => {
    const home = await startCertified(t, registration);
    const other = await startCertified(t, registration);
    const application = new Application(t, home);
    await application.visit();
    forgetTokens(application);
    home.mcp.metadata.authorization_servers = [other.server.issuer, home.server.issuer];
    await application.visit();
    assert.equal(home.server.tokenRequests("authorization_code").length, 2);
    assert.deepEqual(other.server.requests, []);
  });

  test("the first is taken by whoever is nobody anywhere; one that is away is passed over", async (t) => {
    const home = await startCertified(t, registration);
    const other = await startCertified(t, registration);
    const application = new Application(t, home);
    home.mcp.metadata.authorization_servers = [`http://127.0.0.1:${await freePort()}`, home.server.issuer, other.server.issuer];
    await application.visit();
    assert.equal(home.server.registrations().length, 1);
    assert.deepEqual(other.server.requests, []);
  });
});

// Auth0's documents name the issuer with a slash that the resource metadata leave out. What the document
// says is what the secret belongs to, from the first login on.
test("a slash makes no other issuer of the one that a secret belongs to, whatever the run", async (t) => {
  const provider = providers.find(({ name }) => name.startsWith("Auth0: a client with a secret"));
  const { server, application: make, args } = await imitate(t, provider);
  const application = make({ ...provider, args });
  for (let logins = 1; logins <= 2; ++logins) {
    await application.visit();
    assert.equal(application.credential().issuer, "https://contoso.eu.auth0.com/");
    assert.equal(server.tokenRequests("authorization_code").length, logins);
    forgetTokens(application);
  }
});
