// SPDX-License-Identifier: MIT
// Every test of this folder looks for secrets in all that the program shows (support/ledger.mjs). Here is
// what that is worth: that all kinds of secrets are known to the ledger, and that it finds one.
import assert from "node:assert/strict";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";

import { temporaryDirectory } from "../program/support/temporary.mjs";
import { Application } from "./support/application.mjs";
import { client, startCertified } from "./support/certified_server.mjs";
import { Ledger } from "./support/ledger.mjs";

const kSecret = "a-long-secret-that-nobody-sees";

describe("the ledger", { concurrency: 4 }, () => {
  const leaks = {
    "stderr": (ledger, value) => ledger.saw("stderr", `token ${value} is wrong`),
    "stderr, percent-encoded": (ledger, value) => ledger.saw("stderr", encodeURIComponent(value)),
    "arguments": (ledger, value) => ledger.saw("arguments", `--token\0${value}\0`),
  };
  for (const [where, leak] of Object.entries(leaks)) {
    test(`finds a secret in ${where}`, () => {
      const ledger = new Ledger();
      ledger.answered({ access_token: "an/access+token=" });
      leak(ledger, "an/access+token=");
      assert.equal(ledger.leaks().length, 1);
    });
  }
  test("lets the printed address alone have a state", () => {
    const ledger = new Ledger();
    ledger.received({ parameters: { state: "the-state-of-a-login" } });
    const address = "https://a.example/authorize?state=the-state-of-a-login";
    ledger.saw("stderr", `To sign in, open this address in a browser:\n\n    ${address}\n\n`);
    assert.deepEqual(ledger.leaks(), []);
    ledger.saw("stderr", `opened ${address}\n`);
    assert.equal(ledger.leaks().length, 1);
  });
});

test("knows every kind of secret that a login, a refresh and a registration have", async (t) => {
  const features = { registration: { enabled: true }, registrationManagement: { enabled: true } };
  const world = await startCertified(t, {
    features, methods: ["client_secret_basic"], issueRefreshToken: () => true, scopes: "openid tools:read",
  });
  const application = new Application(t, world);
  await application.visit();
  world.mcp.refused.add(application.credential().access_token);
  await application.visit();
  const kinds = world.ledger.kinds();
  for (const kind of [
    "state", "code", "code_verifier", "access_token", "refresh_token", "client_secret", "registration_access_token",
    "Basic credentials",
  ])
    assert.ok(kinds.has(kind), `${kind} is not among ${[...kinds]}`);
});

describe("a secret that the user gave", { concurrency: 4 }, () => {
  const registered = client({ token_endpoint_auth_method: "client_secret_post", client_secret: kSecret });
  const given = { args: ["--client-id", "the-desktop"], env: { MCP_OAUTH_CLIENT_SECRET: kSecret } };

  test("is in no message of a login that goes wrong", async (t) => {
    const world = await startCertified(t, { clients: [registered], methods: ["client_secret_post"] });
    const wrong = { ...given, env: { MCP_OAUTH_CLIENT_SECRET: "not-the-secret-that-is-known" } };
    world.ledger.keep("client_secret", "not-the-secret-that-is-known");
    const text = await new Application(t, { ...world, ...wrong }).failure();
    assert.match(text, /invalid_client/);
  });

  test("in a file that others can read is warned of; one that others can write is refused", async (t) => {
    const world = await startCertified(t, { clients: [registered], methods: ["client_secret_post"] });
    const file = join(temporaryDirectory(t), "secret");
    writeFileSync(file, kSecret);
    const application = new Application(t, { ...world, args: ["--client-id", "the-desktop", "--client-secret-file", file] });
    chmodSync(file, 0o644);
    assert.match(await application.visit(), /warning: .* others can read it/);
    chmodSync(file, 0o666);
    const gateway = application.open();
    assert.equal((await gateway.exit()).code, 1);
    assert.match(gateway.log(), /can be written by others/);
  });

  test("goes to the issuer that it worked with, and to no other", async (t) => {
    const mine = await startCertified(t, { clients: [registered], methods: ["client_secret_post"] });
    const other = await startCertified(t, { clients: [registered], methods: ["client_secret_post"] });
    const application = new Application(t, { ...mine, ...given });
    await application.visit();
    application.url = other.url;
    const text = await application.failure();
    assert.match(text, new RegExp(mine.server.issuer));
    assert.match(text, /--oauth-issuer/);
    assert.ok(other.server.requests.every(({ path }) => path.startsWith("/.well-known/")));
  });
});
