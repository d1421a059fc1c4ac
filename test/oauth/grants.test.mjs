// SPDX-License-Identifier: MIT
// Tokens for which nobody is asked, at a certified authorization server: client credentials.
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { Application } from "./support/application.mjs";
import { claimsOf, client, startCertified } from "./support/certified_server.mjs";

const kSecret = "the-secret-of-the-machine";
const kExtension = "io.modelcontextprotocol/oauth-client-credentials";

async function begin(t, options = {}) {
  const registered = client({
    client_id: "the-machine", client_secret: kSecret, token_endpoint_auth_method: "client_secret_basic",
    grant_types: ["client_credentials"], redirect_uris: [], response_types: [],
  });
  const world = await startCertified(t, {
    clients: [registered], methods: ["client_secret_basic"], challenge: ', scope="tools:read"',
    features: { clientCredentials: { enabled: true } }, ...options,
  });
  world.mcp.answers("tools/call", { content: [] });
  const application = new Application(t, {
    ...world, args: ["--client-id", "the-machine", "--grant", "client-credentials"],
    env: { MCP_OAUTH_CLIENT_SECRET: kSecret },
  });
  const granted = () => world.server.tokenRequests("client_credentials");
  return { ...world, application, granted };
}

const scopesOf = (token) => new Set(claimsOf(token).scope.split(" "));
const capabilitiesAt = (mcp) => mcp.requests.filter(({ kind }) => kind === "initialize").at(-1).message.params.capabilities;

describe("client credentials", { concurrency: 4 }, () => {
  test("are declared as the extension that they are, beside what the client declares", async (t) => {
    const { mcp, application } = await begin(t);
    const gateway = application.open();
    assert.ok((await gateway.handshake({ capabilities: { roots: {}, extensions: { "org.example/x": {} } } })).result);
    assert.deepEqual(capabilitiesAt(mcp), { roots: {}, extensions: { [kExtension]: {}, "org.example/x": {} } });
  });

  test("are no extension where they are not used", async (t) => {
    const { mcp, application } = await begin(t);
    mcp.accepts = (token) => token === "the-token-of-the-user";
    const gateway = application.open({ env: { MCP_BEARER_TOKEN: "the-token-of-the-user" } });
    assert.ok((await gateway.handshake({ capabilities: {} })).result);
    assert.deepEqual(capabilitiesAt(mcp), {});
  });
});

describe("more scope without a person", { concurrency: 4 }, () => {
  const wantsToWrite = ({ kind }, token) =>
    kind === "tools/call" && !scopesOf(token).has("tools:write")
      ? { status: 403, challenge: 'error="insufficient_scope", scope="tools:write"' }
      : undefined;

  test("is asked for with the same grant, together with what was granted", async (t) => {
    const { mcp, application, granted } = await begin(t);
    mcp.demands = wantsToWrite;
    const gateway = application.open();
    assert.ok((await gateway.handshake()).result);
    assert.ok((await gateway.request("tools/call", { name: "write" })).result);
    assert.deepEqual(granted().map(({ parameters }) => parameters.scope), ["tools:read", "tools:read tools:write"]);
    assert.deepEqual(scopesOf(application.credential().access_token), new Set(["tools:read", "tools:write"]));
  });

  test("is asked for at once with a later token of this run", async (t) => {
    const { mcp, application, granted } = await begin(t);
    mcp.demands = wantsToWrite;
    const gateway = application.open();
    assert.ok((await gateway.handshake()).result);
    assert.ok((await gateway.request("tools/call", { name: "write" })).result);
    mcp.refused.add(application.credential().access_token);
    assert.ok((await gateway.request("tools/call", { name: "write" })).result);
    const both = "tools:read tools:write";
    assert.deepEqual(granted().map(({ parameters }) => parameters.scope), ["tools:read", both, both]);
  });
});
