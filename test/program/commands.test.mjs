// SPDX-License-Identifier: MIT
// The commands about signing in: login, logout, status, token, client-metadata.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { describe, test } from "node:test";

import { startAuthorizationServer, startProtectedPeer, visitor } from "./support/authorization_server.mjs";
import { afterwards } from "./support/cleanup.mjs";
import { run, start } from "./support/gateway.mjs";
import { freePort } from "./support/programs.mjs";
import { temporaryDirectory } from "./support/temporary.mjs";

// One person's home, one authorization server, one MCP server.
async function world(t) {
  const authority = await startAuthorizationServer(t);
  const peer = await startProtectedPeer(t, authority);
  const home = temporaryDirectory(t);
  const folder = join(home, ".config/mcp-stdio");
  const read = (name) => (existsSync(join(folder, name)) ? JSON.parse(readFileSync(join(folder, name), "utf8")) : {});
  return {
    authority, peer, home, folder,
    run: (args, env) => run(t, args, { home, env }),
    login: (args = [], env) => run(t, ["login", peer.url, "--browser", visitor, ...args], { home, env }),
    entry: () => read("tokens.json")[peer.url],
    state: () => read("state.json"),
    // Puts an entry there as if somebody had signed in long ago.
    signedIn: (more = {}) => {
      const tokens = authority.issue();
      const entry = {
        access_token: tokens.access_token, refresh_token: tokens.refresh_token, token_type: "Bearer",
        expires_at: Date.now() / 1000 + 3600, client_id: "the-client", issuer: authority.issuer,
        token_endpoint: `${authority.issuer}/token`, token_endpoint_auth_method: "none", scope: "tools", ...more,
      };
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      writeFileSync(join(folder, "tokens.json"), JSON.stringify({ [peer.url]: entry }), { mode: 0o600 });
      return entry;
    },
  };
}

// A server that knows nothing of OAuth, and answers everything else than /mcp with 404.
async function startStranger(t, status, headers = {}) {
  const server = createServer((request, response) => {
    request.resume().on("end", () => {
      const isMcp = request.url === "/mcp";
      response.writeHead(isMcp ? status : 404, isMcp ? headers : {}).end();
    });
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  afterwards(t, () => new Promise((closed) => { server.close(closed); server.closeAllConnections(); }));
  return `http://127.0.0.1:${server.address().port}/mcp`;
}

describe("login where nobody signs people in", { concurrency: 4 }, () => {
  const cases = [
    [401, {}, /wants credentials and does not say how to sign in: give it a token \(MCP_BEARER_TOKEN/],
    [401, { "WWW-Authenticate": 'Basic realm="x"' }, /does not say how to sign in/],
    [200, { "Content-Type": "text/html" }, /\/mcp is a web page and no MCP server; is the URL right\?/],
    [404, {}, /\/mcp answered 404; is the URL right\?/],
  ];
  for (const [status, headers, says] of cases)
    test(`says what answered with ${status} ${JSON.stringify(headers)}`, async (t) => {
      const { code, stderr } = await run(t, ["login", await startStranger(t, status, headers)], { home: temporaryDirectory(t) });
      assert.equal(code, 1);
      assert.match(stderr, says);
      assert.doesNotMatch(stderr, /\/register/);
    });

  test("is not taken for one that was offered", async (t) => {
    const url = await startStranger(t, 401);
    const home = temporaryDirectory(t);
    await run(t, ["login", url], { home });
    const { stdout } = await run(t, [url, "--check"], { home });
    assert.match(stdout, /does not say how to sign in/);
    assert.match(stdout, /try: .*MCP_BEARER_TOKEN/);
    assert.doesNotMatch(stdout, /was offered/);
  });

  test("names the next step where nobody answers", async (t) => {
    const url = `http://127.0.0.1:${await freePort()}/mcp`;
    const { stderr } = await run(t, ["login", url], { home: temporaryDirectory(t) });
    assert.match(stderr, /cannot connect to /);
    assert.ok(stderr.includes(`mcp-stdio ${url} --check`), stderr);
  });
});

describe("login", { concurrency: 4 }, () => {
  test("signs in and says what was stored where", async (t) => {
    const w = await world(t);
    const { code, stdout, stderr } = await w.login();
    assert.equal(code, 0, stderr);
    const entry = w.entry();
    assert.ok(w.authority.accepts(entry.access_token));
    const last = stdout.trimEnd().split("\n").at(-1);
    for (const part of [w.peer.url, w.authority.issuer, entry.client_id, join(w.folder, "tokens.json")]) assert.ok(last.includes(part), last);
    assert.ok(!(stdout + stderr).includes(entry.access_token));
  });

  test("asks for the scope of the server's challenge", async (t) => {
    const w = await world(t);
    w.peer.challenge = ', scope="from-the-challenge"';
    await w.login();
    assert.equal(w.authority.all("/authorize")[0].query.scope, "from-the-challenge");
  });

  test("begins no session at the server", async (t) => {
    const w = await world(t);
    await w.login();
    assert.equal(w.peer.count("initialize"), 0);
  });

  test("signs in again although there is a good token, and leaves the next relay nothing to do", async (t) => {
    const w = await world(t);
    const before = w.signedIn();
    assert.equal((await w.login()).code, 0);
    assert.notEqual(w.entry().access_token, before.access_token);
    const gateway = start(t, [w.peer.url], { home: w.home });
    assert.ok((await gateway.handshake()).result);
    assert.equal(w.authority.count("/authorize"), 1);
  });

  // Item 287, and RFC 6749, section 3.3.
  test("says that another scope was granted than asked for, once", async (t) => {
    const w = await world(t);
    w.authority.on("/token", () => [200, { access_token: "the-access-token", token_type: "Bearer", scope: "read" }]);
    const said = /the login asked for the scope read write, and read was granted/g;
    assert.equal((await w.login(["--oauth-scope", "read write"])).stderr.match(said)?.length, 1);
    assert.equal((await w.login(["--oauth-scope", "read write"])).stderr.match(said), null);
    assert.doesNotMatch((await w.login(["--oauth-scope", "read"])).stderr, /asked for the scope/);
  });

  // GitHub, and others whose tokens do not expire.
  test("is content with the token that is stored already, where the server gives it again", async (t) => {
    const w = await world(t);
    const before = w.signedIn();
    w.authority.on("/token", () => [200, { access_token: before.access_token, token_type: "Bearer" }]);
    const { code, stdout, stderr } = await w.login();
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^Signed in to .*not said/m);
    assert.equal(w.entry().expires_at, null);
  });

  test("takes the options of signing in", async (t) => {
    const w = await world(t);
    w.authority.metadata = { token_endpoint_auth_methods_supported: ["client_secret_basic"] };
    const { code, stderr } = await w.login(["--client-id", "mine", "--oauth-scope", "a b"], { MCP_OAUTH_CLIENT_SECRET: "the-secret" });
    assert.equal(code, 0, stderr);
    assert.equal(w.authority.count("/register"), 0);
    assert.equal(w.authority.all("/authorize")[0].query.scope, "a b");
    assert.equal(w.authority.all("/token")[0].headers.authorization, `Basic ${btoa("mine:the-secret")}`);
  });

  test("sends the user's headers to the server, and not to the authorization server", async (t) => {
    const w = await world(t);
    assert.equal((await w.login(["-H", "X-Tenant: blue", "-H", "Authorization: Basic abcd"])).code, 0);
    assert.equal(w.peer.all("ping")[0].headers["x-tenant"], "blue");
    assert.equal(w.peer.all("ping")[0].headers.authorization, undefined);
    for (const { headers } of w.authority.requests) assert.equal(headers["x-tenant"], undefined);
  });

  test("fails with the step and the reason, and stores nothing", async (t) => {
    const w = await world(t);
    w.authority.on("/token", () => [400, { error: "invalid_grant", error_description: "no such luck" }]);
    const { code, stdout, stderr } = await w.login();
    assert.equal(code, 1);
    assert.equal(stdout, "");
    assert.match(stderr, /error: .*signing in.*invalid_grant: no such luck/);
    assert.equal(w.entry(), undefined);
  });

  test("fails at once where nobody listens", async (t) => {
    const w = await world(t);
    await w.peer.leave();
    const { code, stderr } = await w.login();
    assert.equal(code, 1);
    assert.match(stderr, /error: .*cannot connect/);
  });
});

describe("token", { concurrency: 4 }, () => {
  test("prints the token and nothing else", async (t) => {
    const w = await world(t);
    const { access_token } = w.signedIn();
    const { code, stdout } = await w.run(["token", w.peer.url]);
    assert.deepEqual([code, stdout], [0, `${access_token}\n`]);
    assert.equal(w.authority.requests.length + w.peer.requests.length, 0);
  });

  test("refreshes one that has expired, and saves the new one", async (t) => {
    const w = await world(t);
    w.signedIn({ expires_at: 1 });
    const { code, stdout } = await w.run(["token", w.peer.url]);
    assert.equal(code, 0);
    assert.equal(stdout, `${w.entry().access_token}\n`);
    assert.ok(w.authority.accepts(stdout.trim()));
    assert.equal(w.authority.refreshes().length, 1);
  });

  // Item 287.
  for (const [what, scope, says] of [
    ["another scope", "a c", /the refresh of a token for the scope a b gave one for a c/],
    ["the same scope in another order", "b a", undefined],
    ["no scope", undefined, undefined],
  ])
    test(`of a refresh for ${what} is ${says ? "said" : "not said"} to be for another scope`, async (t) => {
      const w = await world(t);
      w.signedIn({ expires_at: 1, scope: "a b" });
      w.authority.on("/token", () => [200, { access_token: "the-new-token", token_type: "Bearer", expires_in: 600, ...(scope && { scope }) }]);
      const { code, stderr } = await w.run(["token", w.peer.url]);
      assert.equal(code, 0, stderr);
      if (says) assert.match(stderr, says);
      else assert.doesNotMatch(stderr, /for the scope/);
      assert.equal(w.entry().scope, scope ?? "a b");
    });

  const kNone = [
    ["without a login", () => {}],
    ["with an expired token that cannot be refreshed", (w) => w.signedIn({ expires_at: 1, refresh_token: null })],
    ["with a refresh that is refused", (w) => w.signedIn({ expires_at: 1, refresh_token: "spent" })],
  ];
  for (const [name, prepare] of kNone) {
    test(`${name} fails with the command to run, and opens no browser`, async (t) => {
      const w = await world(t);
      prepare(w);
      const { code, stdout, stderr } = await w.run(["token", w.peer.url, "--browser", visitor]);
      assert.deepEqual([code, stdout], [1, ""]);
      assert.ok(stderr.includes(`mcp-stdio login ${w.peer.url}`), stderr);
      assert.equal(w.authority.count("/authorize"), 0);
    });
  }

  test("signs in if it is asked to", async (t) => {
    const w = await world(t);
    const { code, stdout } = await w.run(["token", w.peer.url, "--oauth", "--browser", visitor]);
    assert.equal(code, 0);
    assert.ok(w.authority.accepts(stdout.trim()));
  });

  test("keeps what there is when the refresh fails", async (t) => {
    const w = await world(t);
    const before = w.signedIn({ expires_at: 1 });
    w.authority.on("/token", () => [503, "down"]);
    const { code, stdout } = await w.run(["token", w.peer.url]);
    assert.deepEqual([code, stdout], [1, ""]);
    assert.deepEqual(w.entry().refresh_token, before.refresh_token);
  });
});

describe("logout", { concurrency: 4 }, () => {
  test("revokes both tokens with the stored method and removes the entry", async (t) => {
    const w = await world(t);
    const entry = w.signedIn({ client_secret: "s3cret/", token_endpoint_auth_method: "client_secret_basic" });
    const { code, stdout, stderr } = await w.run(["logout", w.peer.url]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /revoked/);
    const revocations = w.authority.all("/revoke");
    assert.deepEqual(revocations.map(({ form }) => [form.token, form.token_type_hint]), [
      [entry.refresh_token, "refresh_token"], [entry.access_token, "access_token"],
    ]);
    for (const { headers } of revocations) assert.equal(headers.authorization, `Basic ${btoa("the-client:s3cret%2F")}`);
    assert.equal(w.entry(), undefined);
  });

  test("removes the entry though the revocation fails, says so, and exits with 1", async (t) => {
    const w = await world(t);
    w.signedIn();
    w.authority.on("/revoke", () => [503, { error: "temporarily_unavailable" }]);
    const { code, stderr } = await w.run(["logout", w.peer.url]);
    assert.equal(code, 1);
    assert.match(stderr, /not revoked.*temporarily_unavailable/);
    assert.equal(w.entry(), undefined);
  });

  test("removes the entry though the authorization server is gone", async (t) => {
    const w = await world(t);
    w.signedIn({ issuer: "http://127.0.0.1:1" });
    assert.equal((await w.run(["logout", w.peer.url])).code, 1);
    assert.equal(w.entry(), undefined);
  });

  test("says that a server offers no revocation", async (t) => {
    const w = await world(t);
    w.signedIn();
    w.authority.metadata = { revocation_endpoint: undefined };
    const { code, stderr } = await w.run(["logout", w.peer.url]);
    assert.equal(code, 1);
    assert.match(stderr, /offers no revocation/);
  });

  test("is content with a server that revokes refresh tokens only (RFC 7009, section 2.2.1)", async (t) => {
    const w = await world(t);
    w.signedIn();
    w.authority.on("/revoke", () => [200], () => [400, { error: "unsupported_token_type" }]);
    assert.equal((await w.run(["logout", w.peer.url])).code, 0);
  });

  test("keeps the registration", async (t) => {
    const w = await world(t);
    await w.login();
    await w.run(["logout", w.peer.url]);
    assert.equal(w.authority.clients.size, 1);
    await w.login();
    assert.equal(w.authority.count("/register"), 1);
  });

  test("deletes the registration with --forget (RFC 7592)", async (t) => {
    const w = await world(t);
    await w.login();
    const { code, stdout, stderr } = await w.run(["logout", w.peer.url, "--forget"]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /registration/);
    assert.equal(w.authority.clients.size, 0);
    assert.deepEqual(w.state().registrations, {});
  });

  test("forgets a registration that the server will not delete, and says so", async (t) => {
    const w = await world(t);
    await w.login();
    const [id] = w.authority.clients.keys();
    w.authority.on(`/register/${id}`, () => [403]);
    const { code, stderr } = await w.run(["logout", w.peer.url, "--forget"]);
    assert.equal(code, 1);
    assert.match(stderr, /not deleted/);
    assert.deepEqual(w.state().registrations, {});
  });

  test("names the other logins that the registration was for", async (t) => {
    const w = await world(t);
    const other = await startProtectedPeer(t, w.authority);
    await w.login();
    assert.equal((await w.run(["login", other.url, "--browser", visitor])).code, 0);
    assert.equal(w.authority.count("/register"), 1);
    const { stderr } = await w.run(["logout", w.peer.url, "--forget"]);
    assert.ok(stderr.includes(`mcp-stdio login ${other.url}`), stderr);
  });

  test("without a login says so and is no failure", async (t) => {
    const w = await world(t);
    const { code, stdout } = await w.run(["logout", w.peer.url]);
    assert.equal(code, 0);
    assert.match(stdout, /no login/);
    assert.equal(w.authority.requests.length, 0);
  });
});

describe("status", { concurrency: 4 }, () => {
  test("says where nobody is signed in", async (t) => {
    const w = await world(t);
    const { code, stdout } = await w.run(["status"]);
    assert.equal(code, 0);
    assert.match(stdout, /mcp-stdio login URL/);
  });

  test("shows each login in a line, and no token", async (t) => {
    const w = await world(t);
    const entry = w.signedIn({ expires_at: Date.now() / 1000 + 3630 });
    const { code, stdout } = await w.run(["status"], { MCP_STDIO_URL: "https://elsewhere.example/mcp" });
    assert.equal(code, 0);
    const [head, line, ...more] = stdout.trimEnd().split("\n");
    assert.deepEqual(head.split(/ {2,}/), ["SERVER", "ISSUER", "CLIENT", "METHOD", "SCOPES", "EXPIRES", "STORE"]);
    assert.deepEqual(line.split(/ {2,}/), [
      w.peer.url, w.authority.issuer, "the-client", "none", "tools", "in 60 min", join(w.folder, "tokens.json"),
    ]);
    assert.deepEqual(more, []);
    for (const secret of [entry.access_token, entry.refresh_token]) assert.ok(!stdout.includes(secret));
  });

  test("is one JSON object with --json", async (t) => {
    const w = await world(t);
    const { expires_at } = w.signedIn();
    const { stdout } = await w.run(["status", "--json"]);
    assert.deepEqual(JSON.parse(stdout), {
      logins: [{
        server: w.peer.url, issuer: w.authority.issuer, client: "the-client", method: "none", scopes: "tools",
        expiresAt: expires_at, isExpired: false, canRefresh: true, store: join(w.folder, "tokens.json"), profile: null,
      }],
    });
  });
});

describe("client-metadata", { concurrency: 4 }, () => {
  const kUrl = "https://tools.example/mcp-client.json";
  test("prints a document that names its own address", async (t) => {
    const { code, stdout } = await run(t, ["client-metadata", kUrl]);
    assert.equal(code, 0);
    const document = JSON.parse(stdout);
    assert.equal(document.client_id, kUrl);
    assert.equal(document.token_endpoint_auth_method, "none");
    assert.deepEqual(document.redirect_uris, ["http://127.0.0.1/callback", "http://localhost/callback"]);
  });

  test("has the redirect URI that the options make", async (t) => {
    const { stdout } = await run(t, ["client-metadata", kUrl, "--callback-port", "8765", "--callback-path", "/back"]);
    assert.deepEqual(JSON.parse(stdout).redirect_uris, ["http://127.0.0.1:8765/back", "http://localhost:8765/back"]);
  });

  test("refuses an address that cannot be a client id", async (t) => {
    const { code, stderr } = await run(t, ["client-metadata", "http://tools.example/mcp-client.json"]);
    assert.equal(code, 2);
    assert.match(stderr, /URL: must be an https URL/);
  });
});

describe("each command", { concurrency: 4 }, () => {
  for (const name of ["login", "logout", "status", "token", "client-metadata"]) {
    test(`${name} explains itself`, async (t) => {
      const { code, stdout } = await run(t, [name, "--help"]);
      assert.equal(code, 0);
      assert.ok(stdout.startsWith(`mcp-stdio ${name} `), stdout);
      assert.ok(!stdout.includes("--ping-interval"));
    });
    test(`${name} says all mistakes at once`, async (t) => {
      const { code, stdout, stderr } = await run(t, [name, "--ping-interval", "3", "--oauth-timeout", "soon", "--nonsense"]);
      assert.equal(code, 2);
      assert.equal(stdout, "");
      assert.match(stderr, new RegExp(`${name} takes no --ping-interval`));
      assert.match(stderr, /unknown option --nonsense/);
    });
  }
});

test("a relay that may not ask again names the command to run", async (t) => {
  const w = await world(t);
  const first = start(t, [w.peer.url, "--no-browser", "--oauth-timeout", "1"], { home: w.home });
  assert.ok((await first.handshake()).error);
  const second = start(t, [w.peer.url, "--no-browser"], { home: w.home });
  const { error } = await second.handshake();
  assert.ok(error.message.includes(`mcp-stdio login ${w.peer.url}`), error.message);
});
