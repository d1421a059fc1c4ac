// SPDX-License-Identifier: MIT
// Whole logins at imitations of the providers that users have, under their real names, with what
// docs/oauth.md tells them to type.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";

import { afterwards } from "../program/support/cleanup.mjs";
import { freePort } from "../program/support/programs.mjs";
import { temporaryDirectory } from "../program/support/temporary.mjs";
import { Application } from "./support/application.mjs";
import { Imitation } from "./support/imitation.mjs";
import { openLedger } from "./support/ledger.mjs";
import { ProtectedServer } from "./support/protected_server.mjs";
import { providers } from "./support/providers.mjs";
import { startWeb } from "./support/web.mjs";

async function imitate(t, provider) {
  const ledger = openLedger(t);
  const { accepts = ({ kind }) => kind === "access_token" } = provider;
  const redirects = [];
  const quirks = { ...provider.quirks };
  const args = [...provider.args];
  if (provider.fixedPort) {
    const port = await freePort();
    args.push("--callback-port", String(port));
    quirks.redirect = (uri) => redirects.push(uri) && uri === `http://localhost:${port}/callback`;
  }
  if (provider.file) {
    const file = join(temporaryDirectory(t), "metadata.json");
    writeFileSync(file, JSON.stringify(provider.file), { mode: 0o600 });
    args.push("--oauth-metadata", file);
  }
  const server = new Imitation(quirks, ledger);
  const mcp = new ProtectedServer({
    ledger,
    path: new URL(provider.mcp.url).pathname,
    metadata: provider.mcp.metadata,
    accepts: (token) => server.granted.has(token) && accepts(server.granted.get(token)),
  });
  mcp.url = provider.mcp.url;
  afterwards(t, () => mcp.stop());
  const isOfMcp = ({ url }) => /^\/\.well-known\/oauth-protected-resource/.test(url) || url.split("?")[0] === mcp.path;
  const hosts = new Map([...server.hosts()].map((host) => [host, (request, response) => server.answer(request, response)]));
  const { host } = new URL(mcp.url);
  const beside = hosts.get(host); // Atlassian and Slack have both on one host
  hosts.set(host, (request, response) =>
    isOfMcp(request) || !beside ? mcp.server.emit("request", request, response) : beside(request, response));
  const web = await startWeb(t, hosts);
  const application = (more) =>
    new Application(t, { url: mcp.url, ledger, args: [...web.args, ...more.args], env: { ...web.env, ...more.env } });
  return { server, mcp, application, args };
}

describe("a login at", { concurrency: 4 }, () => {
  for (const provider of providers) {
    test(provider.name, async (t) => {
      const { server, mcp, application: make, args } = await imitate(t, provider);
      const application = make({ ...provider, args });
      const log = await application.visit();
      const [asked] = server.logins();
      const sent = asked.parameters.request_uri ? server.requests.find(({ url }) => url === provider.quirks.push).parameters : asked.parameters;
      for (const [name, value] of Object.entries(provider.sends ?? {})) assert.equal(sent[name], value);
      for (const name of provider.keepsQuiet ?? []) assert.equal(sent[name], undefined);
      const statuses = server.tokenRequests("authorization_code").map(({ status }) => status);
      assert.deepEqual(statuses, provider.attempts ?? [200], log);
      const first = application.credential();
      assert.equal(first.token_endpoint_auth_method, provider.method);
      assert.equal((await application.lastPage()).title, "You are signed in - mcp-stdio");

      if (!provider.isFinal) {
        for (const token of [first.access_token, first.id_token]) mcp.refused.add(token);
        const before = server.requests.length;
        await application.visit();
        const later = server.requests.slice(before);
        assert.deepEqual(later.map(({ url, status }) => `${url} ${status}`), [`${provider.quirks.token} 200`]);
        assert.notEqual(application.credential().access_token, first.access_token);
        assert.ok(application.credential().refresh_token);
      }
      const before = server.requests.length;
      await application.visit();
      assert.equal(server.requests.length, before);
    });

    for (const { what, says, ...given } of provider.without ?? []) {
      test(`${provider.name}; without ${what}`, async (t) => {
        const { application } = await imitate(t, provider);
        assert.match(await application(given).failure(), says);
      });
    }
  }
});
