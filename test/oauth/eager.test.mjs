// SPDX-License-Identifier: MIT
// A client that cannot wait for a person: it is answered in the server's place until somebody has signed
// in.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { describe, test } from "node:test";
import { promisify } from "node:util";

import { Application, browser } from "./support/application.mjs";
import { client, startCertified } from "./support/certified_server.mjs";

const kAddress = /https?:\/\/\S+$/;

async function begin(t) {
  const registered = client({ token_endpoint_auth_method: "none" });
  const world = await startCertified(t, { clients: [registered], methods: ["none"] });
  const args = ["--client-id", "the-desktop", "--no-browser", "--oauth-eager"];
  return { ...world, application: new Application(t, { ...world, args }) };
}

const accepted = (mcp, wanted) => mcp.requests.filter(({ kind }) => kind === wanted).length;
const open = (address) => promisify(execFile)(process.execPath, [browser, address]);

describe("--oauth-eager", { concurrency: 4 }, () => {
  test("answers the client until somebody has signed in, then it hears that its lists have changed", async (t) => {
    const { server, mcp, application } = await begin(t);
    const gateway = application.open();
    const hello = await gateway.handshake();
    assert.equal(hello.result.serverInfo.name, "mcp-stdio");
    assert.deepEqual((await gateway.request("tools/list")).result, { tools: [] });
    const refused = await gateway.request("tools/call", { name: "whoami", arguments: {} });
    assert.equal(refused.error.code, -32002);
    assert.match(refused.error.message, kAddress);

    await open(kAddress.exec(refused.error.message)[0]);
    await gateway.notification("notifications/tools/list_changed");
    assert.ok((await gateway.request("tools/list")).result);
    assert.equal(server.logins().length, 1);
    for (const kind of ["notifications/initialized", "tools/list"]) assert.equal(accepted(mcp, kind), 1, kind);
  });

  test("changes nothing for somebody who has signed in before", async (t) => {
    const { mcp, application } = await begin(t);
    const first = application.open();
    await first.handshake();
    const refused = await first.request("tools/call", { name: "whoami", arguments: {} });
    await open(kAddress.exec(refused.error.message)[0]);
    await first.notification("notifications/prompts/list_changed");
    first.end();
    await first.exit();

    const second = application.open();
    assert.notEqual((await second.handshake()).result.serverInfo.name, "mcp-stdio");
    assert.ok((await second.request("tools/list")).result);
    assert.equal(accepted(mcp, "tools/list"), 1);
  });
});
