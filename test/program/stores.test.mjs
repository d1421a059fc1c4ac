// SPDX-License-Identifier: MIT
// Where tokens rest: the system's keychain, profiles, and what was brought from older places.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";

import { startAuthorizationServer, startProtectedPeer, visitor } from "./support/authorization_server.mjs";
import { run, start } from "./support/gateway.mjs";
import { temporaryDirectory } from "./support/temporary.mjs";

const kHelpers = dirname(fileURLToPath(new URL("support/docker-credential-test", import.meta.url)));

async function world(t) {
  const authority = await startAuthorizationServer(t);
  const peer = await startProtectedPeer(t, authority);
  const home = temporaryDirectory(t);
  const folder = join(home, ".config/mcp-stdio");
  const keychain = join(home, "keychain");
  return {
    authority, peer, home, folder,
    keychain: () => Object.values(JSON.parse(readFileSync(keychain, "utf8"))),
    run: (args, env = {}) => run(t, args, { home, env: { PATH: `${kHelpers}:${process.env.PATH}`, TEST_KEYCHAIN: keychain, ...env } }),
    login: (...args) => ["login", peer.url, "--browser", visitor, ...args],
  };
}

describe("the system's keychain", { concurrency: 4 }, () => {
  const kStore = ["--token-store", "helper:test"];

  test("holds the token, and no file does", async (t) => {
    const w = await world(t);
    const { code, stdout, stderr } = await w.run(w.login(...kStore));
    assert.equal(code, 0, stderr);
    assert.match(stdout, /docker-credential-test/);
    const [entry] = w.keychain();
    assert.equal(entry.Username, "mcp-stdio");
    const { access_token } = JSON.parse(entry.Secret);
    assert.ok(w.authority.accepts(access_token));
    assert.ok(!existsSync(join(w.folder, "tokens.json")));
    assert.ok(!readFileSync(join(w.folder, "state.json"), "utf8").includes(access_token));
  });

  test("is where token, status and logout look", async (t) => {
    const w = await world(t);
    await w.run(w.login(...kStore));
    const { access_token } = JSON.parse(w.keychain()[0].Secret);
    const env = { MCP_STDIO_TOKEN_STORE: "helper:test" };
    assert.equal((await w.run(["token", w.peer.url], env)).stdout, `${access_token}\n`);
    const { logins: [login] } = JSON.parse((await w.run(["status", "--json"], env)).stdout);
    assert.equal(login.server, w.peer.url);
    assert.equal(login.store, "docker-credential-test");
    assert.equal((await w.run(["logout", w.peer.url], env)).code, 0);
    assert.deepEqual(w.keychain(), []);
    assert.equal((await w.run(["token", w.peer.url], env)).code, 1);
  });

  test("gives the relay its token", async (t) => {
    const w = await world(t);
    await w.run(w.login(...kStore));
    const env = { PATH: `${kHelpers}:${process.env.PATH}`, TEST_KEYCHAIN: join(w.home, "keychain") };
    const gateway = start(t, [w.peer.url, ...kStore], { home: w.home, env });
    assert.ok((await gateway.handshake()).result);
    assert.equal(w.authority.count("/authorize"), 1);
  });

  test("that takes nothing is an error, although the login itself went well", async (t) => {
    const w = await world(t);
    const { code, stdout, stderr } = await w.run(w.login(...kStore), { TEST_KEYCHAIN: join(w.home, "no-such-folder/keychain") });
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, /signed in, but the token could not be stored in docker-credential-test/);
    assert.equal(w.authority.count("/token"), 1);
  });

  test("without its helper is an error that names it", async (t) => {
    const w = await world(t);
    const { code, stderr } = await w.run(["status", "--token-store", "helper:nowhere"]);
    assert.equal(code, 1);
    assert.match(stderr, /docker-credential-nowhere.*--token-store/);
  });
});

describe("memory as the store leaves no file behind", { concurrency: 4 }, () => {
  const register = ({ body }) => [201, { ...JSON.parse(body), client_id: "the-client", client_secret: "the-client-secret" }];
  const homes = { "an empty home": {}, "no home": { HOME: undefined } };
  const renewals = {
    "a refresh": { answers: [], logins: 1 },
    // With the same client: this process knows it.
    "another login": { answers: [() => [400, { error: "invalid_grant" }]], logins: 2 },
  };
  for (const [home, env] of Object.entries(homes))
    for (const [renewal, { answers, logins }] of Object.entries(renewals))
      test(`with ${home}, after a registration, a login and ${renewal}`, async (t) => {
        const w = await world(t);
        w.authority.metadata.token_endpoint_auth_methods_supported = ["client_secret_post"];
        w.authority.on("/register", register).on("/token", () => undefined, ...answers, () => undefined);
        const args = [w.peer.url, "--token-store", "memory", "--browser", visitor];
        const gateway = start(t, args, { home: w.home, env });
        assert.ok((await gateway.handshake()).result, gateway.picture());
        w.authority.expire(w.peer.all("initialize").at(-1).headers.authorization.split(" ")[1]);
        assert.ok((await gateway.request("ping")).result, gateway.picture());
        assert.ok(w.authority.all("/token").every(({ form }) => form.client_secret === "the-client-secret"));
        assert.equal(w.authority.refreshes().length, 1);
        assert.equal(w.authority.count("/token", ({ form }) => form.grant_type === "authorization_code"), logins);
        assert.equal(w.authority.count("/register"), 1);
        assert.deepEqual(readdirSync(w.home, { recursive: true }), []);
        gateway.end();
        assert.equal((await gateway.exit()).code, 0);
        assert.deepEqual(readdirSync(w.home, { recursive: true }), []);
        assert.doesNotMatch(gateway.stderr, /lock/);
      });
});

describe("a profile", { concurrency: 4 }, () => {
  test("has a login of its own at the same server", async (t) => {
    const w = await world(t);
    await w.run(w.login());
    assert.equal((await w.run(w.login("--profile", "office"))).code, 0);
    const token = async (...args) => (await w.run(["token", w.peer.url, ...args])).stdout.trim();
    const [mine, office] = [await token(), await token("--profile", "office")];
    assert.notEqual(mine, office);
    assert.ok(w.authority.accepts(mine) && w.authority.accepts(office));
    assert.equal((await w.run(["token", w.peer.url, "--profile", "other"])).code, 1);
    await w.run(["logout", w.peer.url, "--profile", "office"]);
    assert.equal(await token(), mine);
  });

  test("leaves the shared file as it was", async (t) => {
    const w = await world(t);
    await w.run(w.login());
    const before = readFileSync(join(w.folder, "tokens.json"), "utf8");
    await w.run(w.login("--profile", "office"));
    assert.equal(readFileSync(join(w.folder, "tokens.json"), "utf8"), before);
    for (const name of ["", "profiles", "profiles/office", "profiles/office/locks"])
      assert.equal(statSync(join(w.folder, name)).mode & 0o777, 0o700, name);
    assert.equal(statSync(join(w.folder, "profiles/office/tokens.json")).mode & 0o777, 0o600);
  });

  test("is a column of status", async (t) => {
    const w = await world(t);
    await w.run(w.login());
    await w.run(w.login("--profile", "office"));
    const profiles = async (...args) => JSON.parse((await w.run(["status", "--json", ...args])).stdout).logins.map((x) => x.profile);
    assert.deepEqual(await profiles(), [null, "office"]);
    assert.deepEqual(await profiles("--profile", "office"), ["office"]);
    assert.match((await w.run(["status"])).stdout, /PROFILE\n/);
  });
});

test("what the Python program keeps in ~/.config is taken over once where XDG_CONFIG_HOME points elsewhere", async (t) => {
  const w = await world(t);
  const tokens = w.authority.issue();
  mkdirSync(w.folder, { recursive: true, mode: 0o700 });
  const entry = { access_token: tokens.access_token, token_type: "Bearer", expires_at: null };
  writeFileSync(join(w.folder, "tokens.json"), JSON.stringify({ [w.peer.url]: entry }), { mode: 0o600 });
  const env = { XDG_CONFIG_HOME: join(w.home, "elsewhere") };
  const gateway = start(t, [w.peer.url], { home: w.home, env });
  assert.ok((await gateway.handshake()).result);
  const copy = join(w.home, "elsewhere/mcp-stdio/tokens.json");
  assert.equal(statSync(copy).mode & 0o777, 0o600);
  // A copy: from now on each program keeps its own.
  assert.ok(existsSync(join(w.folder, "tokens.json")));
  await w.run(["logout", w.peer.url], env);
  assert.equal((await w.run(["token", w.peer.url], env)).code, 1);
});
