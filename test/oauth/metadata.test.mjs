// SPDX-License-Identifier: MIT
// --oauth-metadata: the authorization server's metadata come from where the user says.
import assert from "node:assert/strict";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";

import { Application } from "./support/application.mjs";
import { client, startCertified } from "./support/certified_server.mjs";

async function begin(t, options) {
  const registered = client({ token_endpoint_auth_method: "none" });
  const world = await startCertified(t, { clients: [registered], methods: ["none"], ...options });
  const application = new Application(t, { ...world, args: ["--client-id", "the-desktop"] });
  const published = await (await fetch(`${world.server.issuer}/.well-known/openid-configuration`)).json();
  world.server.requests.length = 0;
  const file = join(application.home, "metadata.json");
  writeFileSync(file, JSON.stringify(published), { mode: 0o600 });
  return { ...world, application, published, file };
}

describe("--oauth-metadata", { concurrency: 4 }, () => {
  test("with a file: the server is not asked for its metadata, the resource still is", async (t) => {
    const { server, mcp, application, file } = await begin(t);
    await application.visit({ args: ["--oauth-metadata", file] });
    assert.equal(server.metadataRequests().length, 0);
    assert.equal(mcp.count("GET", ({ path }) => path.includes("oauth-protected-resource")), 1);
    assert.equal(application.credential().issuer, server.issuer);
  });

  test("with an address: that document is read, and no other", async (t) => {
    const { server, application } = await begin(t);
    const address = `${server.issuer}/.well-known/openid-configuration`;
    await application.visit({ args: ["--oauth-metadata", address] });
    assert.deepEqual(server.metadataRequests().map(({ path }) => path), ["/.well-known/openid-configuration"]);
  });

  test("works where the resource metadata name a server that is not there", async (t) => {
    const { mcp, application, file } = await begin(t);
    mcp.metadata.authorization_servers = ["http://127.0.0.1:9/nobody"];
    await application.visit({ args: ["--oauth-metadata", file] });
  });

  test("does not go behind --oauth-issuer", async (t) => {
    const { server, application, file } = await begin(t);
    const text = await application.failure({ args: ["--oauth-metadata", file, "--oauth-issuer", "https://elsewhere.example"] });
    assert.match(text, /https:\/\/elsewhere\.example is trusted/);
    assert.equal(server.requests.length, 0);
  });

  test("with an address where there is nothing says so", async (t) => {
    const { server, application } = await begin(t);
    const text = await application.failure({ args: ["--oauth-metadata", `${server.issuer}/nothing`] });
    assert.match(text, /--oauth-metadata: .* answered 404/);
  });

  test("with a file that names no issuer says so", async (t) => {
    const { application, published, file } = await begin(t);
    writeFileSync(file, JSON.stringify({ ...published, issuer: undefined }));
    assert.match(await application.failure({ args: ["--oauth-metadata", file] }), /--oauth-metadata: .*issuer/);
  });

  test("with a file that others may write is refused", async (t) => {
    const { application, file } = await begin(t);
    chmodSync(file, 0o666);
    const gateway = application.open({ args: ["--oauth-metadata", file] });
    assert.equal((await gateway.exit()).code, 1);
    assert.match(gateway.stderr, /can be written by others/);
  });
});
