// SPDX-License-Identifier: MIT
// The application in front of the program, as the conformance suite starts it: the official SDK's
// client, which talks to mcp-stdio over stdio. Whatever the scenario is about, it is mcp-stdio that
// has to do it; only answers that are the application's own (what a user said) are given here.
//
//   client.mjs SERVER_URL      with MCP_CONFORMANCE_SCENARIO and MCP_CONFORMANCE_CONTEXT set
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js";

const url = process.argv.at(-1);
const scenario = process.env.MCP_CONFORMANCE_SCENARIO ?? "";
const here = fileURLToPath(new URL(".", import.meta.url));
const binary = resolve(process.env.MCP_STDIO_BINARY ?? join(here, "../../build/release/mcp-stdio"));

// What a scenario wants done once the connection stands.
const kDeeds = {
  initialize: callFirstTool,
  tools_call: callFirstTool,
  "elicitation-sep1034-client-defaults": (client) => call(client, "test_client_elicitation_defaults"),
  "sse-retry": (client) => call(client, "test_reconnection"),
  "json-schema-2020-12-preservation": echoSchema,
};

// How a scenario wants the token to be got; files are made in `home`.
const kGrants = {
  "auth/client-credentials-basic": () => ["--grant", "client-credentials"],
  "auth/client-credentials-jwt": ({ private_key_pem, signing_algorithm }, home) => [
    ...["--grant", "client-credentials", "--client-key", privateFile(home, "key.pem", private_key_pem)],
    ...["--client-key-alg", signing_algorithm],
  ],
  "auth/wif-jwt-bearer": ({ valid_jwt }, home) => [
    ...["--grant", "jwt-bearer", "--assertion-file", privateFile(home, "workload.jwt", valid_jwt)],
  ],
  "auth/enterprise-managed-authorization": (context, home) => [
    ...["--grant", "id-jag", "--idp-issuer", context.idp_issuer],
    ...["--idp-token-endpoint", context.idp_token_endpoint, "--idp-client-id", context.idp_client_id],
    ...["--id-token-file", privateFile(home, "id-token.jwt", context.idp_id_token)],
  ],
};

function privateFile(home, name, text) {
  const path = join(home, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

async function call(client, name, args = {}) {
  return client.callTool({ name, arguments: args });
}

async function callFirstTool(client) {
  const { tools } = await client.listTools();
  if (tools.length > 0) await call(client, tools[0].name, { a: 2, b: 3 });
}

async function echoSchema(client) {
  const { tools } = await client.listTools();
  const tool = tools.find(({ name }) => name === "json_schema_2020_12_tool");
  await call(client, "json_schema_echo", { schema: tool.inputSchema });
}

async function listAndCall(client) {
  const { tools } = await client.listTools();
  if (tools.length > 0) await call(client, tools[0].name);
}

async function main() {
  const home = mkdtempSync(join(tmpdir(), "conformance-"));
  const context = JSON.parse(process.env.MCP_CONFORMANCE_CONTEXT ?? "{}");
  const args = [url, "--browser", join(here, "browser.mjs")];
  if (context.client_id) args.push("--client-id", context.client_id);
  const env = { PATH: process.env.PATH, HOME: home, DISPLAY: ":0" };
  if (context.client_secret) env.MCP_OAUTH_CLIENT_SECRET = context.client_secret;
  if (scenario === "auth/basic-cimd")
    args.push("--client-metadata-url", "https://conformance-test.local/client-metadata.json");
  args.push(...(kGrants[scenario]?.(context, home) ?? []));
  const transport = new StdioClientTransport({
    command: binary,
    args: scenario.startsWith("auth/") ? args : [url],
    env,
    stderr: "inherit",
  });
  const client = new Client(
    { name: "conformance", version: "1.0" },
    { capabilities: { elicitation: { form: { applyDefaults: true } } } },
  );
  client.setRequestHandler(ElicitRequestSchema, () => ({ action: "accept", content: {} }));
  try {
    await client.connect(transport);
    await (kDeeds[scenario] ?? listAndCall)(client);
  } finally {
    await client.close();
    rmSync(home, { recursive: true, force: true });
  }
}

main().then(
  () => process.exit(0),
  (error) => {
    console.error(error.message);
    process.exit(1);
  },
);
