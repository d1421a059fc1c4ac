// SPDX-License-Identifier: MIT
// Enterprise-managed authorization without an ID token at hand: one login at the organisation's identity
// provider, which serves every MCP server and every later run.
import assert from "node:assert/strict";
import { generateKeyPairSync, verify } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";

import { temporaryDirectory } from "../program/support/temporary.mjs";
import { kAs, startOrganisation } from "./support/organisation.mjs";

const kExchange = "urn:ietf:params:oauth:grant-type:token-exchange";
const kJwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const kKept = "https://idp.contoso.example/.well-known/openid-configuration";
// Ends before anybody would present it again.
const kShort = { lifetime: 30 };

const grants = (server) => server.requests.filter(({ method }) => method === "POST").map(({ parameters }) => parameters.grant_type);

// A later run, whose token for the MCP server is not good any more.
async function visitAgain({ mcp, as }, application) {
  for (const token of as.tokens.keys()) mcp.refused.add(token);
  return application.visit();
}

describe("a login at the identity provider", { concurrency: 4 }, () => {
  test("is exchanged for a token, and nothing of it goes elsewhere", async (t) => {
    const { idp, as, mcp, application } = await startOrganisation(t);
    await application().visit();
    assert.deepEqual(grants(idp), ["authorization_code", kExchange]);
    assert.deepEqual(grants(as), [kJwtBearer]);
    const [login] = idp.logins();
    assert.equal(login.parameters.scope, "openid offline_access");
    assert.equal(login.parameters.client_id, "at-the-provider");
    assert.equal(login.parameters.resource, undefined);
    const [{ parameters: asked }] = idp.tokenRequests(kExchange);
    assert.deepEqual([asked.audience, asked.resource, asked.scope], [kAs, mcp.url, "tools:read"]);
    const elsewhere = JSON.stringify([as.requests, mcp.requests.map(({ headers, text }) => ({ headers, text }))]);
    for (const secret of [asked.subject_token, ...idp.granted.keys(), "the-secret-at-the-provider"])
      assert.ok(!elsewhere.includes(secret));
    assert.ok(!JSON.stringify(idp.requests).includes("the-secret-at-the-server"));
    assert.deepEqual(mcp.all("initialize").at(-1).message.params.capabilities.extensions, {
      "io.modelcontextprotocol/enterprise-managed-authorization": {},
    });
  });

  test("is by the client's key there: --idp-client-key", async (t) => {
    const { idp, as, application } = await startOrganisation(t);
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const file = join(temporaryDirectory(t), "key");
    writeFileSync(file, privateKey.export({ format: "pem", type: "pkcs8" }), { mode: 0o600 });
    idp.quirks.documents[kKept].token_endpoint_auth_methods_supported = ["private_key_jwt"];
    const isProven = (assertion = "") => {
      const [header, claims, signature = ""] = assertion.split(".");
      const key = { key: publicKey, dsaEncoding: "ieee-p1363" };
      return verify("sha256", Buffer.from(`${header}.${claims}`), key, Buffer.from(signature, "base64url"));
    };
    idp.quirks.authenticate = ({ parameters }) => (isProven(parameters.client_assertion) ? undefined : { error: "invalid_client" });
    await application().visit({ args: ["--idp-client-key", file] });
    assert.deepEqual(grants(idp), ["authorization_code", kExchange]);
    assert.ok(!JSON.stringify(as.requests).includes("client_assertion"));
  });

  test("is not asked for again while its ID token lasts", async (t) => {
    const organisation = await startOrganisation(t);
    const desktop = organisation.application();
    await desktop.visit();
    organisation.idp.requests.length = 0;
    await visitAgain(organisation, desktop);
    assert.deepEqual(grants(organisation.idp), [kExchange]);
    assert.equal(organisation.idp.logins().length, 0);
  });

  test("is refreshed after a restart, without a browser", async (t) => {
    const organisation = await startOrganisation(t, kShort);
    const desktop = organisation.application();
    await desktop.visit();
    const { refresh_token: first } = desktop.credentials()[kKept];
    organisation.idp.requests.length = 0;
    await visitAgain(organisation, desktop);
    assert.deepEqual(grants(organisation.idp), ["refresh_token", kExchange]);
    assert.equal(organisation.idp.logins().length, 0);
    assert.notEqual(desktop.credentials()[kKept].refresh_token, first); // rotated, and kept
  });

  test("is repeated once when its refresh token is refused", async (t) => {
    const organisation = await startOrganisation(t, kShort);
    const desktop = organisation.application();
    await desktop.visit();
    organisation.idp.forgetRefreshTokens();
    organisation.idp.requests.length = 0;
    await visitAgain(organisation, desktop);
    assert.deepEqual(grants(organisation.idp), ["refresh_token", "authorization_code", kExchange]);
    assert.equal(organisation.idp.logins().length, 1);
  });

  test("is refreshed when the provider has ended the session of its ID token", async (t) => {
    const organisation = await startOrganisation(t);
    const desktop = organisation.application();
    await desktop.visit();
    organisation.idp.endSessions();
    organisation.idp.requests.length = 0;
    await visitAgain(organisation, desktop);
    assert.deepEqual(grants(organisation.idp), [kExchange, "refresh_token", kExchange]);
  });

  test("serves another MCP server of the organisation", async (t) => {
    const organisation = await startOrganisation(t, { servers: ["mcp.contoso.example", "files.contoso.example"] });
    const [mail, files] = organisation.mcps.map((mcp) => organisation.application(mcp));
    files.home = mail.home;
    await mail.visit();
    await files.visit();
    assert.equal(organisation.idp.logins().length, 1);
    assert.equal(organisation.as.tokenRequests(kJwtBearer).length, 2);
  });

  test("is one login for several programs that start at once", async (t) => {
    const organisation = await startOrganisation(t, { servers: ["a.contoso.example", "b.contoso.example", "c.contoso.example"] });
    const desktops = organisation.mcps.map((mcp) => organisation.application(mcp));
    for (const desktop of desktops) desktop.home = desktops[0].home;
    await Promise.all(desktops.map((desktop) => desktop.visit()));
    assert.equal(organisation.idp.logins().length, 1);
  });

  test("is not asked for when the provider is in trouble", async (t) => {
    const organisation = await startOrganisation(t, kShort);
    const desktop = organisation.application();
    await desktop.visit();
    organisation.idp.quirks.failure = () => ({ status: 503 });
    organisation.idp.forgetRefreshTokens();
    for (const token of organisation.as.tokens.keys()) organisation.mcp.refused.add(token);
    assert.match(await desktop.failure(), /refreshing the login there: .* 503.*try again later/);
    assert.equal(organisation.idp.logins().length, 1);
    assert.ok(desktop.credentials()[kKept].refresh_token);
  });

  test("is ended by the name under which status shows it", async (t) => {
    const organisation = await startOrganisation(t);
    const desktop = organisation.application();
    await desktop.visit();
    const there = organisation.application({ url: kKept });
    there.home = desktop.home;
    const { stdout } = await there.run("logout");
    assert.match(stdout, /Signed out of https:\/\/idp\.contoso\.example/);
    assert.deepEqual(Object.keys(desktop.credentials()), [organisation.mcp.url]);
    await visitAgain(organisation, desktop);
    assert.equal(organisation.idp.logins().length, 2);
  });

  test("that the provider does not believe itself is not repeated", async (t) => {
    const organisation = await startOrganisation(t);
    organisation.idp.quirks.grants[kExchange] = () => ({ error: "invalid_grant", error_description: "no policy for it" });
    const desktop = organisation.application();
    assert.match(await desktop.failure(), /asking the identity provider: .*invalid_grant.*no policy for it/);
    assert.match(await desktop.failure(), /no policy for it|a sign-in was offered/);
    assert.equal(organisation.idp.logins().length, 1);
  });
});
