// SPDX-License-Identifier: MIT
// Where the authorization server is looked for, if the MCP server does not say so as it should. Only one
// that says nothing at all is taken for a server of MCP 2025-03-26, which is its own authorization server.
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { imitate } from "./support/imitate.mjs";

const kHome = "https://mcp.contoso.example";
const kMetadata = "/.well-known/oauth-protected-resource";

const documentOf = (issuer) => ({
  issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token`,
  registration_endpoint: `${issuer}/register`, code_challenge_methods_supported: ["S256"],
});

// An MCP server whose authorization server is on its own host. `answer` is for each request for resource
// metadata.
async function begin(t, answer, { issuer = kHome, documents } = {}) {
  const provider = {
    mcp: { url: `${kHome}/mcp`, metadata: { authorization_servers: [issuer] } },
    quirks: {
      documents: documents ?? { [`${kHome}/.well-known/oauth-authorization-server`]: documentOf(issuer) },
      authorize: `${issuer}/authorize`, token: `${issuer}/token`, register: `${issuer}/register`,
      registers: () => ({}),
      authenticate: () => undefined,
    },
    args: [],
  };
  const { server, mcp, application } = await imitate(t, provider);
  const guard = mcp.guard.bind(mcp);
  mcp.guard = (exchange) => {
    if (!exchange.path.startsWith(kMetadata)) return guard(exchange);
    answer(exchange);
    return true;
  };
  return { server, mcp, application: application(provider) };
}

describe("a server of MCP 2025-03-26", { concurrency: 4 }, () => {
  const kSaysNothing = {
    "answers 404": (x) => x.send(404),
    "answers 401, as to everything": (x) => x.send(401),
    "answers with a page": (x) => x.send(200, "<!doctype html>", { "content-type": "text/html" }),
    "answers with half a document": (x) => x.send(200, '{"authorization_servers": [', { "content-type": "application/json" }),
  };
  for (const [what, answer] of Object.entries(kSaysNothing))
    test(`${what} where its resource metadata would be`, async (t) => {
      const { mcp, application } = await begin(t, answer);
      await application.visit();
      const asked = mcp.requests.map(({ path }) => path).filter((path) => path.startsWith(kMetadata));
      assert.deepEqual(asked, [`${kMetadata}/mcp`, kMetadata]); // the challenge names the first one, too
      assert.equal(application.credential().issuer, kHome);
    });

  test("may have an issuer with the path of its URL", async (t) => {
    const issuer = `${kHome}/mcp`;
    const documents = { [`${kHome}/.well-known/oauth-authorization-server/mcp`]: { ...documentOf(kHome), issuer } };
    const { application } = await begin(t, (x) => x.send(404), { documents });
    await application.visit();
    assert.equal(application.credential().issuer, issuer);
  });

  test("may have no metadata at all: then its endpoints have the names they had", async (t) => {
    const { server, application } = await begin(t, (x) => x.send(404), { documents: {} });
    await application.visit();
    assert.equal(application.credential().token_endpoint, `${kHome}/token`);
    assert.equal(server.logins().length, 1);
  });
});

describe("no server of MCP 2025-03-26 is one that", { concurrency: 4 }, () => {
  const json = (members) => (x) => x.json(members);
  const kSays = {
    "fails": [(x) => x.send(500), /resource metadata answered 500/],
    "redirects elsewhere": [(x) => x.send(302, "", { location: "https://elsewhere.example/" }), /no resource metadata.*answered 302.*--oauth-metadata/],
    "has a document without a server": [json({ resource: `${kHome}/mcp` }), /no resource metadata.*names no authorization server/],
    "has another kind of JSON": [json([]), /no resource metadata.*is no JSON object/],
    "names a server that must not be asked": [json({ authorization_servers: ["http://as.contoso.example"] }), /names no usable authorization server/],
    "describes another server": [
      json({ resource: "https://other.example/mcp", authorization_servers: [kHome] }),
      /the resource metadata is for https:\/\/other\.example\/mcp.*--oauth-resource.*--no-resource-indicator/,
    ],
  };
  for (const [what, [answer, says]] of Object.entries(kSays))
    test(what, async (t) => {
      const { server, application } = await begin(t, answer);
      assert.match(await application.failure(), says);
      assert.equal(server.requests.length, 0);
    });
});

describe("the address in the challenge", { concurrency: 4 }, () => {
  // What is at the server's own address is good; the challenge names another one.
  async function named(t, address, isThere = false) {
    const resource = { resource: `${kHome}/mcp`, authorization_servers: [kHome] };
    const own = (x) => x.json(resource);
    const known = { [`${kHome}/.well-known/oauth-authorization-server`]: documentOf(kHome), ...(isThere && { [address]: resource }) };
    const { mcp, application } = await begin(t, own, { documents: known });
    const guard = mcp.guard.bind(mcp);
    mcp.guard = (exchange) => {
      const send = exchange.send.bind(exchange);
      exchange.send = (status, body, headers) =>
        send(status, body, status === 401 ? { "www-authenticate": `Bearer resource_metadata="${address}"` } : headers);
      return guard(exchange);
    };
    return { mcp, application };
  }

  test("is asked first (item 251)", async (t) => {
    const address = `${kHome}${kMetadata}/here`;
    const { mcp, application } = await named(t, address);
    await application.visit();
    assert.deepEqual(mcp.all("GET", ({ path }) => path.startsWith(kMetadata)).map(({ path }) => path), [`${kMetadata}/here`]);
  });

  test("is named if it is on another origin (item 251)", async (t) => {
    const { application } = await named(t, `https://docs.contoso.example${kMetadata}`, true);
    assert.match(await application.visit(), /https:\/\/mcp\.contoso\.example says that its resource metadata are at https:\/\/docs\.contoso\.example$/m);
  });

  for (const address of ["http://mcp.contoso.example/plain", "ftp://mcp.contoso.example/", "https://user:pass@mcp.contoso.example/", "nothing"])
    test(`is not asked if it is ${address}, with a warning (items 251 and 263)`, async (t) => {
      const { mcp, application } = await named(t, address);
      assert.match(await application.visit(), /resource_metadata.*; it is not asked/);
      assert.deepEqual(mcp.all("GET", ({ path }) => path.startsWith(kMetadata)).map(({ path }) => path), [`${kMetadata}/mcp`]);
    });
});

test("an authorization server or an endpoint of it on another origin is named (items 251 and 261)", async (t) => {
  const provider = {
    mcp: { url: `${kHome}/mcp`, metadata: { authorization_servers: ["https://as.contoso.example"] } },
    quirks: {
      documents: { "https://as.contoso.example/.well-known/oauth-authorization-server": { ...documentOf("https://as.contoso.example"), registration_endpoint: "https://api.contoso.example/register" } },
      authorize: "https://as.contoso.example/authorize", token: "https://as.contoso.example/token",
      register: "https://api.contoso.example/register", registers: () => ({}), authenticate: () => undefined,
    },
    args: [],
  };
  const { application } = await imitate(t, provider);
  const log = await application(provider).visit();
  assert.match(log, /https:\/\/mcp\.contoso\.example says that its logins are at https:\/\/as\.contoso\.example/);
  assert.match(log, /https:\/\/as\.contoso\.example has endpoints elsewhere: registration_endpoint at https:\/\/api\.contoso\.example$/m);
});

test("the next place is asked where the first one is of no use", async (t) => {
  const { application } = await begin(t, (x) =>
    x.path === kMetadata ? x.json({ resource: `${kHome}/mcp`, authorization_servers: [kHome] }) : x.json({}));
  await application.visit();
});
