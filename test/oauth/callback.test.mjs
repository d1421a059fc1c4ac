// SPDX-License-Identifier: MIT
// The port on which the answer to a login is waited for: anybody on this machine can call it, so it hears
// only what belongs to this login, and is open no longer than needed.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import http from "node:http";
import net from "node:net";
import { describe, test } from "node:test";

import { within } from "../program/support/deadline.mjs";
import { freePort } from "../program/support/programs.mjs";
import { Application, browser } from "./support/application.mjs";
import { client, startCertified } from "./support/certified_server.mjs";
import { imitate } from "./support/imitate.mjs";

// One request as somebody else than the browser might send it.
function visit(url, { method = "GET", host = url.host } = {}) {
  return new Promise((done, fail) => {
    const options = { method, agent: false, hostname: url.hostname, port: url.port, path: url.pathname + url.search, headers: { host } };
    const request = http.request(options, async (response) => {
      let text = "";
      for await (const piece of response) text += piece;
      done({ status: response.statusCode, text });
    });
    request.on("error", fail);
    request.end();
  });
}

const isOpen = (port) =>
  new Promise((done) => {
    const socket = net.connect(port, "127.0.0.1", () => done(true) ?? socket.destroy());
    socket.on("error", () => done(false));
  });

// The last page can be had for a moment.
const closes = (port) =>
  within(
    (async () => {
      while (await isOpen(port)) await new Promise((done) => setTimeout(done, 20));
    })(),
    "the end of the callback's port",
  );

// A login at which nobody has looked yet: its address, and that of the callback.
async function begin(t) {
  const registered = client({ token_endpoint_auth_method: "none" });
  const world = await startCertified(t, {
    clients: [registered], methods: ["none"], features: { pushedAuthorizationRequests: { enabled: false } },
  });
  const application = new Application(t, { ...world, args: ["--client-id", "the-desktop", "--no-browser"] });
  const gateway = application.open();
  const answer = gateway.handshake();
  await gateway.logged(/^ {4}(http\S+)$/m);
  const address = new URL(/^ {4}(http\S+)$/m.exec(gateway.stderr)[1]);
  const callback = new URL(address.searchParams.get("redirect_uri"));
  return { ...world, application, gateway, answer, address, callback, state: address.searchParams.get("state") };
}

// As the server would send the browser back.
function answerOf({ callback, server, state }, members) {
  const url = new URL(callback);
  for (const [name, value] of Object.entries({ state, iss: server.issuer, ...members })) url.searchParams.set(name, value);
  return url;
}

// Somebody opens the address after all, and it works.
async function finish({ address, answer, callback }) {
  spawn(browser, [address.href], { stdio: "ignore" });
  assert.ok((await answer).result);
  await closes(callback.port);
}

describe("what is not the answer", { concurrency: 4 }, () => {
  const kForeign = {
    "another path (item 292)": [(url) => new URL("/favicon.ico", url), {}],
    "a Host that is not this machine (item 293)": [(url) => url, { host: "evil.example" }],
    "another method": [(url) => url, { method: "POST" }],
  };
  for (const [what, [at, options]] of Object.entries(kForeign))
    test(`${what} is 404, and the login goes on`, async (t) => {
      const login = await begin(t);
      const { status } = await visit(at(answerOf(login, { code: "somebody-elses-code" })), options);
      assert.equal(status, 404);
      assert.equal(login.server.tokenRequests("authorization_code").length, 0);
      await finish(login);
    });

  for (const [what, members] of Object.entries({ "a code": { code: "a-code-of-somebody" }, "an error": { error: "access_denied" } }))
    test(`${what} with another state is 400, and the login goes on (items 294 and 296)`, async (t) => {
      const login = await begin(t);
      for (const state of ["not-ours-but-as-long-as-ours-would-be-here-0", ""]) {
        const { status, text } = await visit(answerOf(login, { ...members, state }));
        assert.equal(status, 400);
        assert.doesNotMatch(text, /somebody|access_denied/);
      }
      assert.equal(login.server.tokenRequests("authorization_code").length, 0);
      await finish(login);
    });
});

// Browsers look ahead, and people reload.
test("the answer that comes again gets the same page", async (t) => {
  const world = await startCertified(t, { clients: [client({ token_endpoint_auth_method: "none" })], methods: ["none"] });
  const application = new Application(t, { ...world, args: ["--client-id", "the-desktop"] });
  await application.visit({ env: { TEST_BROWSER_DOES: "again" } });
  await application.lastPage();
  const last = application.pages().filter(({ isLast }) => isLast);
  assert.deepEqual(last.map(({ status, title }) => [status, title]), Array(3).fill([200, "You are signed in - mcp-stdio"]));
  assert.equal(world.server.tokenRequests("authorization_code").length, 1);
});

describe("an error in the answer", { concurrency: 4 }, () => {
  test("is shown with its markup escaped, and ends the login (item 291)", async (t) => {
    const login = await begin(t);
    const { status, text } = await visit(answerOf(login, { error: "server_error", error_description: "<b>no</b>" }));
    assert.equal(status, 200);
    assert.doesNotMatch(text, /<b>no/);
    const { error } = await login.answer;
    assert.match(error.message, /server_error/);
    await closes(login.callback.port);
  });

  test("of another issuer is not shown (item 299)", async (t) => {
    const login = await begin(t);
    const { text } = await visit(answerOf(login, { error: "server_error", iss: "https://evil.example" }));
    assert.doesNotMatch(text, /server_error/);
    const { error } = await login.answer;
    assert.doesNotMatch(error.message, /server_error/);
  });
});

describe("the port is closed (item 300)", { concurrency: 4 }, () => {
  test("when nobody has come in time", async (t) => {
    const world = await startCertified(t, { clients: [client({ token_endpoint_auth_method: "none" })], methods: ["none"] });
    const port = await freePort();
    const args = ["--client-id", "the-desktop", "--no-browser", "--callback-port", String(port), "--oauth-timeout", "1"];
    const gateway = new Application(t, { ...world, args }).open();
    assert.match((await gateway.handshake()).error.message, /nobody signed in within 1 s/);
    assert.equal(await isOpen(port), false);
  });

  test("when the client could not be registered", async (t) => {
    const kHome = "https://mcp.contoso.example";
    const issuer = "https://as.contoso.example";
    const port = await freePort();
    const provider = {
      mcp: { url: `${kHome}/mcp`, metadata: { authorization_servers: [issuer] } },
      quirks: {
        documents: {
          [`${issuer}/.well-known/oauth-authorization-server`]: {
            issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token`,
            registration_endpoint: `${issuer}/register`, code_challenge_methods_supported: ["S256"],
          },
        },
        authorize: `${issuer}/authorize`, token: `${issuer}/token`, register: `${issuer}/register`,
        registers: () => ({ status: 403, error: "access_denied" }),
      },
      args: ["--callback-port", String(port)],
    };
    const { application } = await imitate(t, provider);
    const gateway = application(provider).open();
    assert.match((await gateway.handshake()).error.message, /registering at https:.*403/);
    assert.equal(await isOpen(port), false);
  });
});
