// SPDX-License-Identifier: MIT
// A client metadata document, as `mcp-stdio client-metadata` prints it, at a certified authorization
// server that reads it from where the client id says.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { describe, test } from "node:test";

import { binary } from "../program/support/gateway.mjs";
import { Application } from "./support/application.mjs";
import { startCertified } from "./support/certified_server.mjs";

const kDocument = "https://desktop.example/client.json";

async function begin(t, { methods = ["none"], isAdvertised = true } = {}) {
  const document = execFileSync(binary, ["client-metadata", kDocument], { encoding: "utf8" });
  const fetched = [];
  const world = await startCertified(t, {
    methods,
    features: { clientIdMetadataDocument: { enabled: isAdvertised, ack: "draft-02" }, registration: { enabled: true } },
    fetch: async (url) => {
      fetched.push(String(url));
      return new Response(document, { headers: { "content-type": "application/json" } });
    },
  });
  const application = new Application(t, { ...world, args: ["--client-metadata-url", kDocument] });
  return { ...world, application, fetched };
}

describe("a client metadata document", { concurrency: 4 }, () => {
  test("is the client: nobody registers, and a refresh is made under its address", async (t) => {
    const { server, mcp, application, fetched } = await begin(t);
    await application.visit();
    assert.deepEqual([...new Set(fetched)], [kDocument]);
    assert.equal(server.registrations().length, 0);
    const credential = application.credential();
    assert.equal(credential.client_id, kDocument);
    assert.equal(credential.token_endpoint_auth_method, "none");
    mcp.refused.add(credential.access_token);
    await application.visit();
    assert.equal(server.tokenRequests("refresh_token")[0].parameters.client_id, kDocument);
  });

  test("is tried where it is not advertised, with a warning", async (t) => {
    const { application, fetched } = await begin(t, { isAdvertised: false });
    const gateway = application.open({ args: ["--oauth-timeout", "1"] });
    assert.ok((await gateway.handshake()).error);
    assert.match(gateway.log(), /does not say that it reads client metadata documents/);
    assert.deepEqual(fetched, []);
  });
});
