// SPDX-License-Identifier: MIT
// Layers that change messages for a stated reason: tool filter, arguments that are null.
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { connect } from "./support/gateway.mjs";
import { startPeer } from "./support/peer.mjs";

const kTools = ["read_file", "read_dir", "write_file", "delete", "Read_file", "a.b"];

async function filtered(t, ...args) {
  const peer = await startPeer(t);
  peer.answers("tools/list", { tools: kTools.map((name) => ({ name, inputSchema: { type: "object" } })) });
  peer.answers("tools/call", { ok: true });
  return { peer, gateway: await connect(t, peer, args) };
}

const cases = [
  [["--allow-tool", "read_*"], ["read_file", "read_dir"]],
  [["--allow-tool", "read_file"], ["read_file"]],
  [["--allow-tool", "read_*", "--allow-tool", "delete"], ["read_file", "read_dir", "delete"]],
  [["--allow-tool", "?ead_file"], ["read_file", "Read_file"]],
  [["--allow-tool", "a.b"], ["a.b"]],
  [["--allow-tool", "a?b"], ["a.b"]],
  [["--allow-tool", "nothing"], []],
  [["--allow-tool", "*"], kTools],
  [["--ignore-tool", "delete"], kTools.filter((name) => name !== "delete")],
  [["--ignore-tool", "*_*"], ["delete", "a.b"]],
  [["--allow-tool", "*_file", "--ignore-tool", "write*"], ["read_file", "Read_file"]],
];

describe("the tool filter", { concurrency: 4 }, () => {
  for (const [args, expected] of cases) {
    test(`${args.join(" ")} shows ${expected.join(", ") || "nothing"} and refuses calls to the others`, async (t) => {
      const { peer, gateway } = await filtered(t, ...args);
      const { result } = await gateway.request("tools/list");
      assert.deepEqual(result.tools.map((tool) => tool.name), expected);
      for (const name of kTools) {
        const answer = await gateway.request("tools/call", { name, arguments: {} });
        assert.equal(Boolean(answer.result), expected.includes(name), name);
      }
      assert.deepEqual(peer.all("tools/call").map((x) => x.params.name), expected);
    });
  }

  test("names the refused tool and nothing else of the call", async (t) => {
    const { gateway } = await filtered(t, "--ignore-tool", "delete");
    const answer = await gateway.request("tools/call", { name: "delete", arguments: { path: "PRIVATE" } });
    assert.match(answer.error.message, /delete/);
    assert.doesNotMatch(gateway.textOf(answer) + gateway.stderr, /PRIVATE/);
  });

  test("sees through escapes in a tool's name", async (t) => {
    const { peer, gateway } = await filtered(t, "--ignore-tool", "delete");
    gateway.send('{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"d\\u0065lete"}}');
    assert.ok((await gateway.answer(7)).error);
    assert.equal(peer.count("tools/call"), 0);
  });

  for (const [what, line] of [
    ["a tool's name in capital letters", '"id":7,"method":"tools/call","params":{"name":"a.b","Name":"delete"}'],
    ["a tool's name under an escaped name", '"id":7,"method":"tools/call","params":{"name":"a.b","n\\u0061me":"delete"}'],
    ["a method under an escaped name", '"id":7,"method":"ping","m\\u0065thod":"tools/call","params":{"name":"delete"}'],
    ["a name that ends early for some", '"id":7,"method":"tools/call","params":{"name":"a.b","name\\u0000":"delete"}'],
    ["a method in capital letters", '"id":7,"method":"ping","METHOD":"tools/call","params":{"name":"delete"}'],
    ["an answer that is a call too", '"id":7,"result":{},"Method":"tools/call","params":{"name":"delete"}'],
    ["a call without an id", '"method":"tools/call","params":{"name":"delete"}'],
    ["params in an array", '"id":7,"method":"tools/call","params":["delete"]'],
    ["a name in an array", '"id":7,"method":"tools/call","params":{"name":["delete"]}'],
  ]) {
    test(`cannot be walked around by ${what}`, async (t) => {
      const { peer, gateway } = await filtered(t, "--ignore-tool", "delete");
      const before = peer.requests.length;
      if (line.startsWith('"id":7,"method"')) gateway.expect(7);
      gateway.write(`{"jsonrpc":"2.0",${line}}\n`);
      await gateway.barrier();
      const seen = peer.requests.slice(before).map((x) => x.text).filter((text) => text.includes("delete"));
      assert.deepEqual(seen, []);
    });
  }

  // PHP's json_encode and Apple's Foundation write every slash as an escape.
  test("lets names with an escape pass that it does not decide on", async (t) => {
    const { peer, gateway } = await filtered(t, "--ignore-tool", "delete");
    const params = '{"name":"a.b","_meta":{"io.modelcontextprotocol\\/related-task":{"taskId":"1"}},"x\\/y":1}';
    gateway.send(`{"jsonrpc":"2.0","id":7,"method":"tools/call","params":${params}}`);
    assert.ok((await gateway.answer(7)).result);
    assert.ok(peer.all("tools/call")[0].text.includes(params));
  });

  test("filters every page of a merged list", async (t) => {
    const { peer, gateway } = await filtered(t, "--allow-tool", "read_*");
    peer.on("tools/list",
      (x) => x.result({ tools: [{ name: "delete" }, { name: "read_a" }], nextCursor: "2" }),
      (x) => x.result({ tools: [{ name: "read_b" }, { name: "delete" }] }));
    assert.deepEqual((await gateway.request("tools/list")).result.tools.map((tool) => tool.name), ["read_a", "read_b"]);
  });

  test("filters a page the client asks for, and keeps its cursor", async (t) => {
    const { peer, gateway } = await filtered(t, "--allow-tool", "read_*");
    peer.answers("tools/list", { tools: [{ name: "delete" }, { name: "read_a" }], nextCursor: "9" });
    const { result } = await gateway.request("tools/list", { cursor: "8" });
    assert.deepEqual(result, { tools: [{ name: "read_a" }], nextCursor: "9" });
  });

  test("keeps the bytes of the tools it shows", async (t) => {
    const { peer, gateway } = await filtered(t, "--ignore-tool", "delete");
    const shown = '{"name":"a","n":1.0,"big":12345678901234567890,"s":"\\u0041"}';
    peer.on("tools/list", (x) =>
      x.json(`{"jsonrpc":"2.0","id":${x.id},"result":{"tools":[{"name":"delete"},${shown}],"k":1.50}}`));
    const text = gateway.textOf(await gateway.request("tools/list"));
    assert.ok(text.includes(shown) && text.includes('"k":1.50') && !text.includes("delete"), text);
  });

  test("leaves other methods alone", async (t) => {
    const { peer, gateway } = await filtered(t, "--allow-tool", "nothing");
    peer.answers("prompts/get", { messages: [] });
    assert.ok((await gateway.request("prompts/get", { name: "delete" })).result);
  });
});

describe("arguments that are null", { concurrency: 4 }, () => {
  async function seen(t, args, method, paramsText) {
    const peer = await startPeer(t);
    peer.answers(method, {});
    const gateway = await connect(t, peer, args);
    gateway.send(`{"jsonrpc":"2.0","id":7,"method":"${method}","params":${paramsText}}`);
    await gateway.answer(7);
    return peer.all(method)[0].text;
  }

  test("become an empty object in tools/call (item 197)", async (t) => {
    const text = await seen(t, [], "tools/call", '{"name":"a","arguments":null,"n":1.0}');
    assert.deepEqual(JSON.parse(text).params, { name: "a", arguments: {}, n: 1 });
    assert.ok(text.includes('"n":1.0'), "the rest stays as it was");
  });

  test("stay with --no-normalize-arguments", async (t) => {
    const text = await seen(t, ["--no-normalize-arguments"], "tools/call", '{"name":"a","arguments":null}');
    assert.equal(JSON.parse(text).params.arguments, null);
  });

  for (const [what, method, params] of [
    ["in prompts/get", "prompts/get", '{"name":"a","arguments":null}'],
    ["inside a string", "tools/call", '{"name":"a","arguments":{"text":"\\"arguments\\":null"}}'],
    ["deeper inside", "tools/call", '{"name":"a","arguments":{"arguments":null}}'],
    ["that are not there", "tools/call", '{"name":"a"}'],
    ["that are not null", "tools/call", '{"name":"a","arguments":{ "a" : null }}'],
  ]) {
    test(`stay ${what} (item 198)`, async (t) => {
      assert.ok((await seen(t, [], method, params)).includes(params));
    });
  }
});
