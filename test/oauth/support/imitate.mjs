// SPDX-License-Identifier: MIT
// A provider, the MCP server that it protects, and an application that knows the way to both.
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterwards } from "../../program/support/cleanup.mjs";
import { freePort } from "../../program/support/programs.mjs";
import { temporaryDirectory } from "../../program/support/temporary.mjs";
import { Application } from "./application.mjs";
import { Imitation } from "./imitation.mjs";
import { openLedger } from "./ledger.mjs";
import { ProtectedServer } from "./protected_server.mjs";
import { startWeb } from "./web.mjs";

// `provider` is a row of providers.mjs. `args` are what its user types, with what only this run knows.
export async function imitate(t, provider) {
  const ledger = openLedger(t);
  const { accepts = ({ kind }) => kind === "access_token" } = provider;
  const quirks = { ...provider.quirks };
  const args = [...provider.args];
  if (provider.fixedPort) {
    const port = await freePort();
    args.push("--callback-port", String(port));
    quirks.redirect = (uri) => uri === `http://localhost:${port}/callback`;
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
