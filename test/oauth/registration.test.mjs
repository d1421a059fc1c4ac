// SPDX-License-Identifier: MIT
// Clients that register themselves (RFC 7591) at a certified authorization server.
import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { describe, test } from "node:test";

import { afterwards } from "../program/support/cleanup.mjs";
import { Application } from "./support/application.mjs";
import { startCertified } from "./support/certified_server.mjs";

const kOpen = { registration: { enabled: true } };
const kManaged = { ...kOpen, registrationManagement: { enabled: true, rotateRegistrationAccessToken: false } };

async function withRegistration(t, { methods, args, features = kOpen, ...configuration }) {
  const world = await startCertified(t, { methods, features, ...configuration });
  return { ...world, application: new Application(t, { ...world, args }) };
}

function registrationOf(application, issuer) {
  return application.state().registrations[issuer];
}

describe("registration asks for a method that the server lists, in our order, and the answer is kept to", { concurrency: 4 }, () => {
  const rows = [
    { methods: ["client_secret_basic", "client_secret_post", "none"], asked: "none" },
    { methods: ["client_secret_basic", "client_secret_post"], asked: "client_secret_post" },
    { methods: ["client_secret_basic"], asked: "client_secret_basic" },
    { methods: ["client_secret_jwt", "client_secret_basic"], asked: "client_secret_basic" },
    {
      methods: ["none", "client_secret_basic"],
      args: ["--token-endpoint-auth-method", "client_secret_basic"],
      asked: "client_secret_basic",
    },
  ];
  for (const { methods, asked, args } of rows) {
    test(`${methods.join(", ")}${args ? ", and one was named" : ""}: ${asked}`, async (t) => {
      const { server, mcp, application } = await withRegistration(t, { methods, args });
      await application.visit();
      const [{ parameters, answer }] = server.registrations();
      assert.equal(parameters.token_endpoint_auth_method, asked);
      assert.equal(parameters.application_type, "native");
      const credential = application.credential();
      assert.equal(credential.token_endpoint_auth_method, asked);
      assert.equal(credential.client_id, answer.client_id);
      assert.equal(credential.client_secret, answer.client_secret ?? null);

      mcp.refused.add(credential.access_token);
      const before = server.requests.length;
      await application.visit();
      assert.deepEqual(server.requests.slice(before).map(({ path, status }) => `${path} ${status}`), ["/token 200"]);
    });
  }
});

describe("a registration", { concurrency: 4 }, () => {
  test("is kept with its redirect URI and its management address (RFC 7592)", async (t) => {
    const { server, application } = await withRegistration(t, { methods: ["none"], features: kManaged });
    await application.visit();
    const [{ parameters, answer }] = server.registrations();
    const kept = registrationOf(application, server.issuer);
    assert.equal(kept.redirect_uri, parameters.redirect_uris[0]);
    assert.equal(kept.registration_client_uri, answer.registration_client_uri);
    assert.equal(kept.registration_access_token, answer.registration_access_token);
    const read = await fetch(kept.registration_client_uri, {
      headers: { authorization: `Bearer ${kept.registration_access_token}` },
    });
    assert.equal((await read.json()).client_id, kept.client_id);
  });

  test("is used for the next login, from the same port", async (t) => {
    const { server, mcp, application } = await withRegistration(t, { methods: ["none"] });
    await application.visit();
    await server.forgetGrants(application.credential());
    mcp.refused.add(application.credential().access_token);
    await application.visit();
    assert.equal(server.registrations().length, 1);
    assert.equal(server.logins().length, 2);
    const [first, second] = server.tokenRequests("authorization_code").map(({ parameters }) => parameters.redirect_uri);
    assert.equal(first, second);
  });

  test("whose port somebody else has by now is made anew for another one", async (t) => {
    const { server, mcp, application } = await withRegistration(t, { methods: ["none"] });
    await application.visit();
    const before = registrationOf(application, server.issuer);
    const visitors = [];
    const squatter = net.createServer((socket) => visitors.push(socket.destroy()));
    squatter.listen(new URL(before.redirect_uri).port, "127.0.0.1");
    await once(squatter, "listening");
    afterwards(t, () => squatter.close());
    await server.forgetGrants(application.credential());
    mcp.refused.add(application.credential().access_token);
    await application.visit();
    const [, { parameters: asked, answer }, ...more] = server.registrations();
    assert.deepEqual(more, []);
    assert.notEqual(asked.redirect_uris[0], before.redirect_uri);
    const { client_id: id, redirect_uri: uri } = registrationOf(application, server.issuer);
    assert.deepEqual([id, uri], [answer.client_id, asked.redirect_uris[0]]);
    assert.equal(server.tokenRequests("authorization_code").at(-1).parameters.redirect_uri, uri);
    assert.deepEqual(visitors, []);
  });

  test("that is refused to anybody is an error that names the option", async (t) => {
    const { server, application } = await withRegistration(t, {
      methods: ["none"],
      features: { registration: { enabled: true, initialAccessToken: "an-initial-access-token" } },
    });
    const text = await application.failure();
    assert.equal(server.logins().length, 0);
    assert.match(text, /registration endpoint/);
    assert.match(text, /--client-id.*--oauth-initial-access-token/);
  });

  test("that is for those who have a token is made with it, and with no other request", async (t) => {
    const world = await startCertified(t, {
      methods: ["none"], features: { registration: { enabled: true, initialAccessToken: "an-initial-access-token" } },
    });
    const env = { MCP_STDIO_OAUTH_INITIAL_ACCESS_TOKEN: "an-initial-access-token" };
    await new Application(t, { ...world, env }).visit();
    const shown = world.server.requests.filter(({ headers }) => headers.authorization?.includes("an-initial-access-token"));
    assert.deepEqual(shown.map(({ path, status }) => `${path} ${status}`), ["/reg 201"]);
  });

  test("where there is none is an error that names the option", async (t) => {
    const { application } = await withRegistration(t, { methods: ["none"], features: {} });
    assert.match(await application.failure(), /--client-id/);
  });
});
