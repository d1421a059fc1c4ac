// SPDX-License-Identifier: MIT
// Tokens that are bound to a key (RFC 9449), from the login to the next run.
import assert from "node:assert/strict";
import { createHash, createPublicKey, verify } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";

import { startAuthorizationServer, startProtectedPeer, visitor } from "./support/authorization_server.mjs";
import { run, start } from "./support/gateway.mjs";
import { temporaryDirectory } from "./support/temporary.mjs";

const sha256 = (text) => createHash("sha256").update(text).digest("base64url");
const decoded = (part) => JSON.parse(Buffer.from(part, "base64url").toString("utf8"));

// The claims of a proof, and the thumbprint (RFC 7638) of the key that has signed it.
function readProof({ headers }) {
  const [header, claims, signature] = headers.dpop.split(".");
  const { typ, alg, jwk } = decoded(header);
  assert.deepEqual([typ, alg, jwk.d], ["dpop+jwt", "ES256", undefined]);
  const key = { key: createPublicKey({ key: jwk, format: "jwk" }), dsaEncoding: "ieee-p1363" };
  assert.ok(verify("sha256", Buffer.from(`${header}.${claims}`), key, Buffer.from(signature, "base64url")));
  const { crv, kty, x, y } = jwk;
  return { ...decoded(claims), jkt: sha256(JSON.stringify({ crv, kty, x, y })) };
}

// An authorization server that binds tokens, unless `binds` is false, and an MCP server that wants them so.
async function world(t, { binds = true } = {}) {
  const authority = await startAuthorizationServer(t);
  const issue = authority.issue.bind(authority);
  authority.issue = (scope) => ({ ...issue(scope), ...(binds ? { token_type: "DPoP" } : {}) });
  const peer = await startProtectedPeer(t, authority);
  const guard = peer.guard.bind(peer);
  const proofs = []; // that came with requests to the MCP server
  peer.guard = (exchange) => {
    const [scheme, token] = (exchange.headers.authorization ?? "").split(" ");
    if (scheme !== "DPoP") return guard(exchange);
    proofs.push(readProof(exchange));
    assert.equal(proofs.at(-1).ath, sha256(token));
    assert.equal(proofs.at(-1).htm, exchange.method);
    exchange.headers.authorization = `Bearer ${token}`;
    return guard(exchange);
  };
  const home = temporaryDirectory(t);
  const file = (name) => join(home, ".config/mcp-stdio", name);
  const read = (name) => JSON.parse(readFileSync(file(name), "utf8"));
  return {
    authority, peer, proofs, home,
    login: (...args) => run(t, ["login", peer.url, "--browser", visitor, ...args], { home }),
    entry: () => read("tokens.json")[peer.url],
    key: () => read("state.json").dpop?.[peer.url]?.jwk,
    // As when it has expired since.
    age: () => {
      const all = read("tokens.json");
      all[peer.url].expires_at = 1;
      writeFileSync(file("tokens.json"), JSON.stringify(all));
    },
  };
}

describe("DPoP", { concurrency: 4 }, () => {
  test("binds code and token to one key, which is kept", async (t) => {
    const w = await world(t);
    const { code, stderr } = await w.login("--dpop");
    assert.equal(code, 0, stderr);
    const proof = readProof(w.authority.all("/token")[0]);
    assert.deepEqual([proof.htm, proof.htu, proof.ath], ["POST", `${w.authority.issuer}/token`, undefined]);
    assert.equal(w.authority.all("/authorize")[0].query.dpop_jkt, proof.jkt);
    assert.equal(w.entry().token_type, "DPoP");
    assert.ok(w.key().d);
    assert.ok(!stderr.includes(w.key().d));
  });

  test("goes with each request of the next run, with a proof of its own", async (t) => {
    const w = await world(t);
    await w.login("--dpop");
    const gateway = start(t, [w.peer.url], { home: w.home });
    assert.ok((await gateway.handshake()).result);
    await gateway.request("tools/list");
    const jkt = readProof(w.authority.all("/token")[0]).jkt;
    assert.ok(w.proofs.length >= 3);
    for (const proof of w.proofs) assert.deepEqual([proof.htu, proof.jkt], [w.peer.url, jkt]);
    assert.equal(new Set(w.proofs.map(({ jti }) => jti)).size, w.proofs.length);
    assert.equal(w.authority.count("/authorize"), 1);
  });

  test("is refreshed with the key of the login", async (t) => {
    const w = await world(t);
    await w.login("--dpop");
    w.age();
    const gateway = start(t, [w.peer.url], { home: w.home });
    assert.ok((await gateway.handshake()).result);
    const [first, second] = w.authority.all("/token").map(readProof);
    assert.equal(w.authority.refreshes().length, 1);
    assert.equal(second.jkt, first.jkt);
    assert.notEqual(second.jti, first.jti);
  });

  test("is used where the server's challenge is for it", async (t) => {
    const w = await world(t);
    w.authority.metadata = { dpop_signing_alg_values_supported: ["ES256"] };
    w.peer.challenge = ', DPoP algs="ES256"';
    const gateway = start(t, [w.peer.url, "--browser", visitor], { home: w.home });
    assert.ok((await gateway.handshake()).result);
    assert.ok(w.proofs.length > 0);
  });

  // RFC 9449, section 5.
  test("is done without where the server takes both kinds and the authorization server gives the other one", async (t) => {
    const w = await world(t, { binds: false });
    w.authority.metadata = { dpop_signing_alg_values_supported: ["ES256"] };
    w.peer.challenge = ', DPoP algs="ES256"';
    const gateway = start(t, [w.peer.url, "--browser", visitor], { home: w.home });
    assert.ok((await gateway.handshake()).result);
    readProof(w.authority.all("/token")[0]);
    assert.equal(w.proofs.length, 0);
    assert.equal(w.entry().token_type, "Bearer");
    assert.equal(w.key(), undefined);
  });

  test("refuses a bearer token", async (t) => {
    const w = await world(t, { binds: false });
    const { code, stderr } = await w.login("--dpop");
    assert.equal(code, 1);
    assert.match(stderr, /not bound to our key: leave out --dpop/);
  });

  test("takes a bearer token of before for none", async (t) => {
    const w = await world(t, { binds: false });
    await w.login();
    assert.equal(w.entry().token_type, "Bearer");
    const { stdout } = await run(t, ["token", w.peer.url, "--dpop", "--no-browser", "--oauth-timeout", "1"], { home: w.home });
    assert.ok(!stdout.includes(w.entry().access_token));
  });

  test("ends with logout", async (t) => {
    const w = await world(t);
    await w.login("--dpop");
    assert.equal((await run(t, ["logout", w.peer.url], { home: w.home })).code, 0);
    assert.equal(w.key(), undefined);
  });
});
