// SPDX-License-Identifier: MIT
// Tokens that are bound to a key (RFC 9449), at a certified authorization server that wants nonces, and
// before an MCP server that looks at every proof.
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";

import { Application } from "./support/application.mjs";
import { claimsOf, client, startCertified } from "./support/certified_server.mjs";
import { Proofs } from "./support/proof.mjs";

async function begin(t, { isRequired = true, args = [], wantsNonces = true, ...options } = {}) {
  const proofs = new Proofs();
  const wrongs = [];
  const registered = client({ token_endpoint_auth_method: "none" });
  const world = await startCertified(t, {
    clients: [registered], methods: ["none"],
    resourceMetadata: isRequired ? { dpop_bound_access_tokens_required: true } : {},
    features: { dPoP: { enabled: true, nonceSecret: Buffer.alloc(32, 7), requireNonce: () => wantsNonces, allowReplay: false } },
    alsoWants: ({ token, claims, scheme, exchange, mcp }) => {
      if (scheme === "Bearer" && !isRequired && !claims.cnf) return true;
      const wrong = scheme === "DPoP" ? proofs.wrong({ exchange, token, claims, url: mcp.url }) : `the scheme ${scheme}`;
      if (wrong) wrongs.push(wrong);
      return wrong === undefined;
    },
    ...options,
  });
  if (isRequired) world.mcp.scheme = "DPoP";
  const application = new Application(t, { ...world, args: ["--client-id", "the-desktop", ...args] });
  return { ...world, application, proofs, wrongs };
}

describe("a token is bound to a key", { concurrency: 4 }, () => {
  const reasons = { "because the resource wants it": {}, "because of --dpop": { isRequired: false, args: ["--dpop"] } };
  for (const [why, options] of Object.entries(reasons)) {
    test(why, async (t) => {
      const { server, mcp, application, proofs, wrongs } = await begin(t, options);
      await application.visit();
      const first = application.credential();
      assert.ok(claimsOf(first.access_token).cnf.jkt);
      assert.ok(server.logins()[0].parameters.dpop_jkt || server.requests.some(({ parameters }) => parameters.dpop_jkt));

      // A later run has the same key; the refreshed token is bound to it, too.
      mcp.refused.add(first.access_token);
      await application.visit();
      const second = application.credential();
      assert.equal(claimsOf(second.access_token).cnf.jkt, claimsOf(first.access_token).cnf.jkt);
      assert.equal(server.logins().length, 1);
      const before = server.requests.length;
      await application.visit();
      assert.equal(server.requests.length, before);
      assert.ok(proofs.seen.size >= 6);
      assert.deepEqual(wrongs, []);
    });
  }
  test("only if somebody wants it", async (t) => {
    const { application } = await begin(t, { isRequired: false });
    await application.visit();
    assert.equal(claimsOf(application.credential().access_token).cnf, undefined);
  });
});

describe("a nonce", { concurrency: 4 }, () => {
  test("of the authorization server is taken up without a failure, and kept", async (t) => {
    const { server, application } = await begin(t);
    await application.visit();
    const statuses = server.tokenRequests("authorization_code").map(({ status }) => status);
    assert.ok(statuses.length <= 2, statuses.join());
    assert.equal(statuses.at(-1), 200);
  });

  test("of the MCP server is taken up, each time that it changes", async (t) => {
    const { mcp, application, proofs, server } = await begin(t);
    let nonce = 0;
    mcp.demands = (exchange) => {
      const proof = [...proofs.seen.values()].at(-1);
      if (exchange.kind === "initialize" && nonce === 0) nonce = 1;
      if (exchange.kind === "tools/list" && nonce === 1) nonce = 2;
      if (nonce === 0 || proof.nonce === `nonce-${nonce}`) return undefined;
      return { status: 401, challenge: 'error="use_dpop_nonce"', headers: { "dpop-nonce": `nonce-${nonce}` } };
    };
    await application.visit();
    assert.equal(nonce, 2);
    assert.equal(server.logins().length, 1);
  });
});

test("without its key a token is of no use: there is one new login", async (t) => {
  const { server, application } = await begin(t);
  await application.visit();
  rmSync(join(application.home, ".config/mcp-stdio/state.json"));
  await application.visit();
  assert.equal(server.logins().length, 2);
});
