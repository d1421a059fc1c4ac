// SPDX-License-Identifier: MIT
// Tokens without a browser on this machine, at a certified authorization server: by a code for another
// device (RFC 8628), whose user the test plays, and for the client itself (RFC 6749, section 4.4).
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash, generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";

import { afterwards } from "../program/support/cleanup.mjs";
import { within } from "../program/support/deadline.mjs";
import { temporaryDirectory } from "../program/support/temporary.mjs";
import { Application, browser } from "./support/application.mjs";
import { claimsOf, client, startCertified } from "./support/certified_server.mjs";

const kSecret = "a-long secret:with/odd+characters%&=?";
const kBasic = `Basic ${Buffer.from(`the-desktop:${encodeURIComponent(kSecret)}`).toString("base64")}`;
const kDeviceGrant = "urn:ietf:params:oauth:grant-type:device_code";

// --- A code for another device ----------------------------------------------------------------------

// The certified server leaves the pause between two questions to the client, which is 5 s then
// (section 3.2). This long is long enough for a test.
const kQuickly = (body) => ({ ...body, interval: 1 });

async function withDevices(t, { method, args = [], ...desktop }) {
  const secret = method === "none" ? {} : { client_secret: kSecret };
  const registered = client({
    token_endpoint_auth_method: method, grant_types: [kDeviceGrant, "refresh_token"], redirect_uris: [],
    response_types: [], ...secret,
  });
  const world = await startCertified(t, {
    clients: [registered], methods: [method], features: { deviceFlow: { enabled: true } },
  });
  world.server.rewrites["/device/auth"] = kQuickly;
  const application = new Application(t, {
    ...world, args: ["--client-id", "the-desktop", ...args], env: method === "none" ? {} : { MCP_OAUTH_CLIENT_SECRET: kSecret },
    ...desktop,
  });
  return { ...world, application };
}

// The address with the code in it, once it is shown.
async function shownTo(t, gateway) {
  const address = /compare the code:\n\n {4}(http\S+)\n/;
  const isShown = new Promise((done) => {
    const look = () => address.test(gateway.stderr) && done(address.exec(gateway.stderr)[1]);
    gateway.child.stderr.on("data", look);
    look();
  });
  return within(isShown, "a code on stderr", { picture: () => gateway.stderr });
}

// Somebody opens it elsewhere, signs in, and says yes or no.
async function answerOn(t, address, does = "confirm") {
  const device = spawn(process.execPath, [browser, address], { env: { TEST_BROWSER_DOES: does }, stdio: "inherit" });
  afterwards(t, () => device.kill());
  const [code] = await once(device, "exit");
  assert.equal(code, 0);
}

describe("a code for another device", { concurrency: 4 }, () => {
  for (const method of ["none", "client_secret_basic", "client_secret_post"]) {
    test(`is confirmed by its user; the client proves itself by ${method}, with each question`, async (t) => {
      const { server, mcp, application } = await withDevices(t, { method, args: ["--oauth-device"] });
      const gateway = application.open();
      const hello = gateway.handshake();
      const address = await shownTo(t, gateway);
      const asked = server.requests.find(({ path }) => path === "/device/auth");
      const code = new URL(address).searchParams.get("user_code");
      assert.equal(code, asked.answer.user_code);
      assert.match(gateway.stderr, new RegExp(`enter the code ${code}`));
      await server.happened(({ answer }) => answer?.error === "authorization_pending");
      await answerOn(t, address);
      assert.ok((await hello).result, gateway.log());

      const polls = server.tokenRequests(kDeviceGrant);
      assert.equal(polls.at(-1).status, 200);
      for (const { headers, parameters } of [asked, ...polls]) {
        assert.equal(headers.authorization, method === "client_secret_basic" ? kBasic : undefined);
        assert.equal(parameters.client_secret, method === "client_secret_post" ? kSecret : undefined);
        if (method !== "client_secret_basic") assert.equal(parameters.client_id, "the-desktop");
      }
      assert.equal(claimsOf(application.credential().access_token).aud, mcp.url);

      mcp.refused.add(application.credential().access_token);
      assert.ok((await gateway.request("tools/list")).result);
      assert.deepEqual(server.tokenRequests("refresh_token").map(({ status }) => status), [200]);
    });
  }

  test("is chosen by itself where no browser can be", async (t) => {
    const { application } = await withDevices(t, { method: "none", browser: null });
    const gateway = application.open({ env: { DISPLAY: "" } });
    const hello = gateway.handshake();
    await answerOn(t, await shownTo(t, gateway));
    assert.ok((await hello).result, gateway.log());
  });

  // Left out, response_types would mean "code" (RFC 7591, section 2), for which there is no redirect URI.
  test("needs no client that somebody registered: it registers itself, once, beside the one for a browser", async (t) => {
    const world = await startCertified(t, {
      methods: ["none"], features: { deviceFlow: { enabled: true }, registration: { enabled: true } },
    });
    const { server, mcp } = world;
    server.rewrites["/device/auth"] = kQuickly;
    const application = new Application(t, world);
    const signInOnADevice = async () => {
      const gateway = application.open({ args: ["--oauth-device"] });
      const hello = gateway.handshake();
      await answerOn(t, await shownTo(t, gateway));
      assert.ok((await hello).result, gateway.log());
      gateway.end();
      await gateway.exit();
      return application.credential();
    };
    const forgetLogin = async (credential) => {
      mcp.refused.add(credential.access_token);
      await server.forgetGrants(credential);
    };

    const first = await signInOnADevice();
    const [{ parameters, status, answer }] = server.registrations();
    assert.equal(status, 201);
    assert.deepEqual(parameters.response_types, []);
    assert.deepEqual(parameters.grant_types, [kDeviceGrant, "refresh_token"]);
    assert.equal(parameters.redirect_uris, undefined);
    assert.equal(first.client_id, answer.client_id);

    await forgetLogin(first);
    await application.visit();
    assert.equal(server.registrations().length, 2);
    await forgetLogin(application.credential());
    assert.equal((await signInOnADevice()).client_id, first.client_id);
    assert.equal(server.registrations().length, 2);
  });

  test("that its user says no to is an error that says so", async (t) => {
    const { server, application } = await withDevices(t, { method: "none", args: ["--oauth-device"] });
    const gateway = application.open();
    const hello = gateway.handshake();
    await answerOn(t, await shownTo(t, gateway), "deny");
    assert.match((await hello).error.message, /access_denied/);
    assert.equal(server.tokenRequests(kDeviceGrant).at(-1).answer.error, "access_denied");
  });
});

// --- For the client itself --------------------------------------------------------------------------

async function withItself(t, method, { more = {}, args = [], env = {} } = {}) {
  const registered = client({
    token_endpoint_auth_method: method, grant_types: ["client_credentials"], redirect_uris: [], response_types: [], ...more,
  });
  const world = await startCertified(t, {
    clients: [registered], methods: [method], features: { clientCredentials: { enabled: true } },
  });
  const application = new Application(t, { ...world, args: ["--client-id", "the-desktop", "--grant", "client-credentials", ...args], env });
  return { ...world, application };
}

async function getTwice({ server, mcp, application }) {
  await application.visit();
  const first = application.credential();
  assert.equal(claimsOf(first.access_token).aud, mcp.url);
  assert.equal(claimsOf(first.access_token).sub, "the-desktop");
  mcp.refused.add(first.access_token);
  await application.visit();
  assert.notEqual(application.credential().access_token, first.access_token);
  assert.equal(server.logins().length, 0);
  assert.equal(server.registrations().length, 0);
  const requests = server.tokenRequests("client_credentials");
  assert.deepEqual(requests.map(({ status }) => status), [200, 200]);
  const before = server.requests.length;
  await application.visit();
  assert.equal(server.requests.length, before);
  return requests;
}

describe("client credentials", { concurrency: 4 }, () => {
  for (const method of ["client_secret_basic", "client_secret_post", "client_secret_jwt"]) {
    test(`by ${method}`, async (t) => {
      const world = await withItself(t, method, { more: { client_secret: kSecret }, env: { MCP_OAUTH_CLIENT_SECRET: kSecret } });
      for (const { headers, parameters } of await getTwice(world)) {
        assert.equal(headers.authorization, method === "client_secret_basic" ? kBasic : undefined);
        assert.equal(parameters.client_secret, method === "client_secret_post" ? kSecret : undefined);
        assert.equal(parameters.client_assertion !== undefined, method === "client_secret_jwt");
      }
    });
  }

  test("by a key", async (t) => {
    const { privateKey, publicKey } = generateKeyPairSync("ed25519");
    const file = join(temporaryDirectory(t), "key.pem");
    writeFileSync(file, privateKey.export({ format: "pem", type: "pkcs8" }), { mode: 0o600 });
    // Known by its thumbprint, unless it is given another name (RFC 7638, section 3; RFC 8037, section 2).
    const { crv, kty, x } = publicKey.export({ format: "jwk" });
    const kid = createHash("sha256").update(JSON.stringify({ crv, kty, x })).digest("base64url");
    const world = await withItself(t, "private_key_jwt", {
      more: { jwks: { keys: [{ crv, kty, x, kid }] }, token_endpoint_auth_signing_alg: "EdDSA" },
      args: ["--client-key", file],
    });
    for (const { parameters } of await getTwice(world)) assert.ok(parameters.client_assertion);
  });

  test("that are wrong are an error, and nobody is asked to sign in", async (t) => {
    const { server, application } = await withItself(t, "client_secret_basic", {
      more: { client_secret: kSecret }, env: { MCP_OAUTH_CLIENT_SECRET: "another" },
    });
    assert.match(await application.failure(), /invalid_client/);
    assert.equal(server.logins().length, 0);
  });
});
