// SPDX-License-Identifier: MIT
// The main job on real input: the official SDK's client, through the program, to the official
// server-everything, every feature, on both transports.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import net from "node:net";
import { after, before, describe, test } from "node:test";

import { within } from "./support/deadline.mjs";
import { binary } from "./support/gateway.mjs";
import { everything } from "./support/npm_packages.mjs";

const { Client } = await import("@modelcontextprotocol/sdk/client/index.js");
const { StdioClientTransport } = await import("@modelcontextprotocol/sdk/client/stdio.js");
const types = await import("@modelcontextprotocol/sdk/types.js");

const kAnswer = { role: "assistant", model: "test-model", content: { type: "text", text: "sampled text" } };
const kRoots = [{ uri: "file:///tmp/project", name: "project" }];

async function freePort() {
  const probe = net.createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  await once(probe, "close");
  return port;
}

// The server takes no port 0; if somebody takes the free one first, another is tried.
async function startEverything(mode) {
  for (let attempt = 0; ; ++attempt) {
    const port = await freePort();
    const env = { PATH: process.env.PATH, PORT: String(port) };
    const child = spawn(process.execPath, [everything, mode], { env, stdio: ["ignore", "ignore", "pipe"] });
    child.stderr.setEncoding("utf8");
    const ready = new Promise((done) => child.stderr.on("data", (text) => /on port \d+/.test(text) && done(true)));
    const failed = once(child, "exit").then(() => false);
    if (await within(Promise.race([ready, failed]), "server-everything to listen")) return { child, port };
    if (attempt === 4) throw new Error("server-everything does not start");
  }
}

// Notifications of one method, to be waited for.
class Heard {
  #all = [];
  #wake = () => {};
  push(params) {
    this.#all.push(params);
    this.#wake();
  }
  async until(predicate, what) {
    const arrived = (async () => {
      while (!this.#all.some(predicate)) await new Promise((done) => (this.#wake = done));
      return this.#all.find(predicate);
    })();
    return within(arrived, what);
  }
}

async function connect(url, args) {
  const client = new Client(
    { name: "program-test", version: "1.0" },
    { capabilities: { sampling: {}, elicitation: { form: {}, url: {} }, roots: { listChanged: true } } },
  );
  const heard = { log: new Heard(), updated: new Heard(), lists: new Heard(), roots: new Heard() };
  client.setRequestHandler(types.CreateMessageRequestSchema, () => kAnswer);
  client.setRequestHandler(types.ElicitRequestSchema, (request) => {
    heard.elicited = request.params;
    return { action: "accept", content: { name: "Ada", check: true } };
  });
  client.setRequestHandler(types.ListRootsRequestSchema, () => {
    heard.roots.push(heard.rootsNow ?? kRoots);
    return { roots: heard.rootsNow ?? kRoots };
  });
  client.setNotificationHandler(types.LoggingMessageNotificationSchema, (n) => heard.log.push(n.params));
  client.setNotificationHandler(types.ResourceUpdatedNotificationSchema, (n) => heard.updated.push(n.params));
  client.setNotificationHandler(types.ToolListChangedNotificationSchema, (n) => heard.lists.push(n.method));
  const transport = new StdioClientTransport({ command: binary, args: [url, ...args], stderr: "pipe" });
  await within(client.connect(transport), "the handshake");
  heard.lines = recordLines(transport);
  return { client, heard };
}

// The SDK drops a progress notification that comes with its answer in one piece: so listen before it.
function recordLines(transport) {
  const lines = [];
  const { onmessage } = transport;
  transport.onmessage = (message, extra) => {
    lines.push(message);
    onmessage(message, extra);
  };
  return lines;
}

const textOf = (result) => result.content.map((one) => one.text ?? "").join("\n");

for (const { mode, path, args } of [
  { mode: "streamableHttp", path: "/mcp", args: [] },
  { mode: "sse", path: "/sse", args: ["--transport", "sse"] },
  { mode: "sse", path: "/sse", args: [] }, // found out by --transport auto
]) {
  describe(`server-everything by ${mode} (${args.join(" ") || "--transport auto"})`, () => {
    let server, client, heard;
    const call = (name, parameters = {}, options) =>
      client.callTool({ name, arguments: parameters }, undefined, options);

    before(async () => {
      server = await startEverything(mode);
      ({ client, heard } = await connect(`http://127.0.0.1:${server.port}${path}`, args));
    });
    after(async () => {
      await client?.close();
      server?.child.kill("SIGKILL");
    });

    test("says who it is and what it can do", () => {
      assert.match(client.getServerVersion().name, /everything/);
      const { tools, resources, prompts, logging, completions } = client.getServerCapabilities();
      assert.ok(tools && resources.subscribe && prompts && logging && completions);
      assert.ok(client.getInstructions().length > 0);
    });

    test("answers a ping", async () => {
      assert.deepEqual(await client.ping(), {});
    });

    // Some tools are registered only after notifications/initialized.
    test("lists its tools, those for this client's capabilities too", async () => {
      const { tools } = await client.listTools();
      const names = tools.map((tool) => tool.name);
      for (const name of ["echo", "get-sum", "trigger-long-running-operation", "trigger-sampling-request",
        "trigger-elicitation-request", "get-roots-list"]) assert.ok(names.includes(name), `${name} in ${names}`);
    });

    test("calls tools: text", async () => {
      assert.match(textOf(await call("echo", { message: "héllo \u2028 wörld" })), /héllo \u2028 wörld/);
      assert.match(textOf(await call("get-sum", { a: 2, b: 40 })), /42/);
    });

    test("calls tools: image, annotations, links, embedded resources", async () => {
      const image = (await call("get-tiny-image")).content.find((one) => one.type === "image");
      assert.ok(image.data.length > 100);
      const annotated = await call("get-annotated-message", { messageType: "error", includeImage: true });
      assert.ok(annotated.content[0].annotations.priority > 0);
      const links = await call("get-resource-links", { count: 5 });
      assert.equal(links.content.filter((one) => one.type === "resource_link").length, 5);
      const reference = await call("get-resource-reference", { resourceType: "Text", resourceId: 1 });
      assert.ok(reference.content.some((one) => one.type === "resource"));
    });

    test("calls tools: structured content", async () => {
      const { structuredContent } = await call("get-structured-content", { location: "Chicago" });
      assert.equal(typeof structuredContent.temperature, "number");
    });

    test("calls tools: a large answer (its whole environment), and one that fails", async () => {
      assert.match(textOf(await call("get-env")), /PORT/);
      assert.ok((await call("no-such-tool")).isError);
    });

    test("runs a long operation with progress", async () => {
      const before = heard.lines.length;
      const options = { onprogress: () => {} };
      const result = await call("trigger-long-running-operation", { duration: 0.5, steps: 5 }, options);
      assert.match(textOf(result), /completed/i);
      const lines = heard.lines.slice(before);
      const progress = lines.filter((m) => m.method === "notifications/progress").map((m) => m.params.progress);
      assert.deepEqual(progress, [1, 2, 3, 4, 5]);
      assert.ok(lines.findLastIndex((m) => m.method) < lines.findIndex((m) => m.result), "the answer is last");
    });

    test("runs long operations side by side", async () => {
      const began = performance.now();
      const all = [1, 2, 3, 4, 5, 6].map(() => call("trigger-long-running-operation", { duration: 1, steps: 2 }));
      await Promise.all(all);
      assert.ok(performance.now() - began < 5000, "six seconds one after the other");
    });

    test("stops a long operation that the client gives up", async () => {
      const controller = new AbortController();
      const options = { signal: controller.signal, onprogress: () => controller.abort("enough") };
      await assert.rejects(call("trigger-long-running-operation", { duration: 60, steps: 600 }, options));
      assert.deepEqual(await client.ping(), {});
    });

    test("asks the client for sampling", async () => {
      const result = await call("trigger-sampling-request", { prompt: "say something", maxTokens: 10 });
      assert.match(textOf(result), /sampled text/);
    });

    test("asks the client's user: elicitation", async () => {
      const result = await call("trigger-elicitation-request");
      assert.ok(heard.elicited.requestedSchema.properties.name);
      assert.match(textOf(result), /Ada/);
    });

    test("asks the client for its roots, and again when they change", async () => {
      await heard.roots.until((roots) => roots.length === 1, "a question for the roots");
      assert.match(textOf(await call("get-roots-list")), /project/);
      heard.rootsNow = [...kRoots, { uri: "file:///tmp/second", name: "second" }];
      await client.sendRootsListChanged();
      await heard.roots.until((roots) => roots.length === 2, "a second question for the roots");
    });

    test("lists and reads resources, static and dynamic", async () => {
      const { resources } = await client.listResources();
      assert.ok(resources.length > 0);
      const { contents } = await client.readResource({ uri: resources[0].uri });
      assert.ok(contents[0].text.length > 0);
      const { resourceTemplates } = await client.listResourceTemplates();
      assert.equal(resourceTemplates.length, 2);
      const text = await client.readResource({ uri: "demo://resource/dynamic/text/7" });
      assert.match(text.contents[0].text, /Resource 7/);
      const blob = await client.readResource({ uri: "demo://resource/dynamic/blob/8" });
      assert.match(Buffer.from(blob.contents[0].blob, "base64").toString(), /Resource 8/);
    });

    test("tells of updates to a resource that was subscribed to", async () => {
      const uri = "demo://resource/dynamic/text/3";
      await client.subscribeResource({ uri });
      await call("toggle-subscriber-updates");
      await heard.updated.until((params) => params.uri === uri, "an update");
      await client.unsubscribeResource({ uri });
      await call("toggle-subscriber-updates");
    });

    test("lists and gets prompts", async () => {
      const { prompts } = await client.listPrompts();
      assert.deepEqual(prompts.map((prompt) => prompt.name).sort(),
        ["args-prompt", "completable-prompt", "resource-prompt", "simple-prompt"]);
      assert.equal((await client.getPrompt({ name: "simple-prompt" })).messages.length, 1);
      const withArguments = await client.getPrompt({ name: "args-prompt", arguments: { city: "Sofia" } });
      assert.match(withArguments.messages[0].content.text, /Sofia/);
      const embedded = await client.getPrompt({
        name: "resource-prompt", arguments: { resourceType: "Text", resourceId: "4" },
      });
      assert.equal(embedded.messages[1].content.type, "resource");
    });

    test("completes arguments of prompts and resource templates", async () => {
      const department = await client.complete({
        ref: { type: "ref/prompt", name: "completable-prompt" }, argument: { name: "department", value: "S" },
      });
      assert.deepEqual(department.completion.values.sort(), ["Sales", "Support"]);
      const name = await client.complete({
        ref: { type: "ref/prompt", name: "completable-prompt" }, argument: { name: "name", value: "A" },
        context: { arguments: { department: "Engineering" } },
      });
      assert.deepEqual(name.completion.values, ["Alice"]);
      const id = await client.complete({
        ref: { type: "ref/resource", uri: "demo://resource/dynamic/text/{resourceId}" },
        argument: { name: "resourceId", value: "5" },
      });
      assert.deepEqual(id.completion.values, ["5"]);
    });

    test("logs to the client, at the level it asks for", async () => {
      await client.setLoggingLevel("debug");
      await call("toggle-simulated-logging");
      await heard.log.until((params) => /-level message|level-message/.test(params.data), "a log message");
      await call("toggle-simulated-logging");
    });

    test("runs a research task: created, polled, fetched", async () => {
      const { tools } = await client.listTools();
      assert.ok(tools.some((tool) => tool.name === "simulate-research-query"));
      const params = { name: "simulate-research-query", arguments: { topic: "bridges" } };
      const stream = client.experimental.tasks.callToolStream(params, undefined, { task: { ttl: 60_000 } });
      const kinds = [];
      let result;
      for await (const message of stream) {
        kinds.push(message.type);
        if (message.type === "error") throw message.error;
        if (message.type === "result") result = message.result;
      }
      assert.ok(kinds.includes("taskCreated"));
      assert.match(textOf(result), /bridges/);
    });
  });
}
