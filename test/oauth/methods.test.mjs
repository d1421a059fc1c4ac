// SPDX-License-Identifier: MIT
// How the client proves who it is, at a certified authorization server: each method works for the code,
// is remembered, and is used again for the refresh of a later run without asking for metadata.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";

import { temporaryDirectory } from "../program/support/temporary.mjs";
import { Application } from "./support/application.mjs";
import { client, startCertified } from "./support/certified_server.mjs";

// Characters that a form, a URL and Basic each treat in a way of their own (RFC 6749, section 2.3.1).
const kSecret = "a-long secret:with/odd+characters%&=?";
const kById = ["--client-id", "the-desktop"];
const kSecretEnv = { MCP_OAUTH_CLIENT_SECRET: kSecret };
const kBasic = `Basic ${Buffer.from(`the-desktop:${encodeURIComponent(kSecret)}`).toString("base64")}`;

// What a token request of each method looks like.
const kProof = {
  none: ({ headers, parameters }) => {
    assert.equal(parameters.client_id, "the-desktop");
    assert.equal(parameters.client_secret, undefined);
    assert.equal(headers.authorization, undefined);
  },
  client_secret_basic: ({ headers, parameters }) => {
    assert.equal(headers.authorization, kBasic);
    assert.equal(parameters.client_id, undefined);
    assert.equal(parameters.client_secret, undefined);
  },
  client_secret_post: ({ headers, parameters }) => {
    assert.equal(parameters.client_id, "the-desktop");
    assert.equal(parameters.client_secret, kSecret);
    assert.equal(headers.authorization, undefined);
  },
  client_secret_jwt: ({ headers, parameters }) => {
    assert.equal(parameters.client_assertion_type, "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    assert.equal(parameters.client_secret, undefined);
    assert.equal(headers.authorization, undefined);
  },
};

async function proveThrice(t, { method, advertised = [method], args = [], env = {} }) {
  const registered = client({ token_endpoint_auth_method: method, ...(method === "none" ? {} : { client_secret: kSecret }) });
  const world = await startCertified(t, { clients: [registered], methods: advertised });
  const { server, mcp } = world;
  const application = new Application(t, { ...world, args: [...kById, ...args], env });

  await application.visit();
  const exchanges = server.tokenRequests("authorization_code");
  assert.deepEqual(exchanges.map(({ status }) => status), [200]);
  kProof[method](exchanges.at(-1));
  const first = application.credential();
  assert.equal(first.token_endpoint_auth_method, method);

  mcp.refused.add(first.access_token);
  const before = server.requests.length;
  await application.visit();
  assert.deepEqual(server.requests.slice(before).map(({ path }) => path), ["/token"]);
  const [refresh] = server.tokenRequests("refresh_token");
  assert.equal(refresh.status, 200);
  kProof[method](refresh);
  const second = application.credential();
  assert.equal(second.token_endpoint_auth_method, method);
  assert.notEqual(second.refresh_token, first.refresh_token);

  await application.visit();
  assert.equal(server.requests.length, before + 1);
}

describe("a client that was registered by hand", { concurrency: 4 }, () => {
  test("without a secret: none", (t) => proveThrice(t, { method: "none" }));
  test("without a secret: none, whatever else is advertised", (t) =>
    proveThrice(t, { method: "none", advertised: ["client_secret_basic", "none", "client_secret_post"] }));
  test("with a secret: client_secret_basic, if that is all there is", (t) =>
    proveThrice(t, { method: "client_secret_basic", env: kSecretEnv }));
  test("with a secret: client_secret_post", (t) => proveThrice(t, { method: "client_secret_post", env: kSecretEnv }));
  test("with a secret: client_secret_post where both are advertised", (t) =>
    proveThrice(t, {
      method: "client_secret_post", advertised: ["client_secret_basic", "client_secret_post"], env: kSecretEnv,
    }));
  test("with a secret: client_secret_jwt, if nothing else is offered", (t) =>
    proveThrice(t, { method: "client_secret_jwt", env: kSecretEnv }));
  test("with a secret in a file", (t) => {
    const file = join(temporaryDirectory(t), "secret");
    writeFileSync(file, `${kSecret}\n`, { mode: 0o600 });
    return proveThrice(t, { method: "client_secret_post", args: ["--client-secret-file", file] });
  });
  test("with a secret: the one that was named", (t) =>
    proveThrice(t, {
      method: "client_secret_basic",
      advertised: ["client_secret_post", "client_secret_basic"],
      args: ["--token-endpoint-auth-method", "client_secret_basic"],
      env: kSecretEnv,
    }));
});
