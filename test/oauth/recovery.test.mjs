// SPDX-License-Identifier: MIT
// Logins that do not work at first: the server has forgotten the client, or does not want it to prove
// itself in the way that was tried. There is one more attempt, and no third.
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { Application } from "./support/application.mjs";
import { startCertified } from "./support/certified_server.mjs";
import { imitate } from "./support/imitate.mjs";

const registration = { registration: { enabled: true } };
const withPushing = (enabled, required = false) => ({
  ...registration, pushedAuthorizationRequests: { enabled, requirePushedAuthorizationRequests: required },
});

// Signed in once, and all tokens are refused from now on.
async function signedIn(t, { methods = ["none"], features }) {
  const world = await startCertified(t, { methods, features });
  const application = new Application(t, world);
  await application.visit();
  const credential = application.credential();
  world.mcp.refused.add(credential.access_token);
  await world.server.forgetGrants(credential);
  return { ...world, application, credential };
}

const openedIn = (log) => (log.match(/^To sign in, open this address/gm) ?? []).length;

describe("a server that has forgotten the client", { concurrency: 4 }, () => {
  const kinds = {
    "takes pushed requests": withPushing(true),
    "wants pushed requests": withPushing(true, true),
    "takes none": withPushing(false),
  };
  for (const [what, features] of Object.entries(kinds)) {
    test(`and ${what}: the client registers again before a browser opens`, async (t) => {
      const { server, application, credential } = await signedIn(t, { features });
      await server.forgetClient(credential);
      const log = await application.visit();
      assert.equal(openedIn(log), 1);
      assert.equal(server.registrations().length, 2);
      assert.notEqual(application.credential().client_id, credential.client_id);
      assert.equal(application.state().registrations[server.issuer].client_id, application.credential().client_id);
    });
  }

  test("for the second time in one login: that is an error", async (t) => {
    const { server, application, credential } = await signedIn(t, { features: withPushing(true, true) });
    await server.forgetClient(credential);
    server.forgetsAtOnce = true;
    assert.match(await application.failure(), /invalid_client/);
    assert.equal(server.registrations().length, 2);
  });
});

test("a new login starts again at the resource metadata", async (t) => {
  const { server, mcp, application } = await signedIn(t, { features: withPushing(false) });
  const another = await startCertified(t, { methods: ["none"], features: withPushing(false) });
  mcp.metadata.authorization_servers = [another.server.issuer];
  mcp.accepts = () => true; // whatever that one gives; what was given before is refused
  const before = server.tokenRequests("authorization_code").length;
  await application.visit();
  assert.equal(application.credential().issuer, another.server.issuer);
  assert.equal(server.tokenRequests("authorization_code").length, before);
  assert.equal(another.server.registrations().length, 1);
});

test("a server that has another secret for the client than we: registered once more, signed in once more", async (t) => {
  const { server, application, credential } = await signedIn(t, { methods: ["client_secret_basic"], features: withPushing(false) });
  await server.changeSecret(credential);
  const log = await application.visit();
  assert.equal(openedIn(log), 2); // it says so at the token endpoint alone
  assert.equal(server.registrations().length, 2);
  await application.pageTitled("One more time, please");
  await application.pageTitled("You are signed in");
});

describe("a server that spends the code on a client that does not prove itself as it wants", { concurrency: 4 }, () => {
  const kIssuer = "https://as.contoso.example";
  const row = (authenticate) => ({
    mcp: { url: "https://mcp.contoso.example/mcp", metadata: { authorization_servers: [kIssuer] } },
    quirks: {
      documents: {
        [`${kIssuer}/.well-known/oauth-authorization-server`]: {
          issuer: kIssuer,
          authorization_endpoint: `${kIssuer}/authorize`,
          token_endpoint: `${kIssuer}/token`,
          code_challenge_methods_supported: ["S256"],
        },
      },
      authorize: `${kIssuer}/authorize`,
      token: `${kIssuer}/token`,
      clients: { desktop: { secret: "the-secret-of-the-desktop" } },
      spendsCodesOnRefusals: true,
      authenticate,
    },
    args: ["--client-id", "desktop"],
    env: { MCP_OAUTH_CLIENT_SECRET: "the-secret-of-the-desktop" },
  });
  const wantsIdBeside = ({ basic, parameters }) =>
    basic && parameters.client_id ? undefined : { error: "invalid_client", error_description: "client_id is missing" };

  test("is signed in to once more, in the way that it took", async (t) => {
    const provider = row(wantsIdBeside);
    const { server, application } = await imitate(t, provider);
    const desktop = application(provider);
    assert.equal(openedIn(await desktop.visit()), 2);
    const answers = () => server.tokenRequests("authorization_code").map(({ status }) => status);
    assert.deepEqual(answers(), [401, 400, 200]);
    // A later login begins in the way that was found out.
    await desktop.run("logout");
    assert.equal(openedIn(await desktop.visit()), 1);
    assert.deepEqual(answers(), [401, 400, 200, 200]);
  });

  test("and that has no secret: the error says which options supply one", async (t) => {
    const provider = { ...row(({ basic }) => (basic ? undefined : { error: "invalid_client" })), env: {} };
    const { server, application } = await imitate(t, provider);
    assert.match(await application(provider).failure(), /a client without a secret: give .*--client-secret-file/);
    assert.equal(server.logins().length, 1);
  });

  test("and wants no way of ours: that is an error after one login", async (t) => {
    const provider = row(() => ({ error: "invalid_client", error_description: "no" }));
    const { server, application } = await imitate(t, provider);
    assert.match(await application(provider).failure(), /invalid_client.*--client-secret/s);
    assert.equal(server.logins().length, 1);
    assert.equal(server.tokenRequests("authorization_code").length, 3);
  });
});
