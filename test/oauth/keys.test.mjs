// SPDX-License-Identifier: MIT
// A client that proves who it is by a signature (private_key_jwt, RFC 7523), at a certified authorization
// server that verifies it: for the code, for a refresh, for a revocation.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash, generateKeyPairSync, X509Certificate } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";

import { temporaryDirectory } from "../program/support/temporary.mjs";
import { Application } from "./support/application.mjs";
import { client, startCertified } from "./support/certified_server.mjs";

const kMethod = "private_key_jwt";
const rsa = () => generateKeyPairSync("rsa", { modulusLength: 2048 });
const kKinds = {
  RS256: rsa,
  PS256: rsa,
  ES256: () => generateKeyPairSync("ec", { namedCurve: "P-256" }),
  EdDSA: () => generateKeyPairSync("ed25519"),
};
const pem = ({ privateKey }) => privateKey.export({ format: "pem", type: "pkcs8" });
const jwk = ({ privateKey }, more) => JSON.stringify({ ...privateKey.export({ format: "jwk" }), ...more });

function write(t, text) {
  const file = join(temporaryDirectory(t), "key");
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}

const headerOf = (assertion) => JSON.parse(Buffer.from(assertion.split(".")[0], "base64url").toString());
const claimsIn = (assertion) => JSON.parse(Buffer.from(assertion.split(".")[1], "base64url").toString());

// What each request that proves something has, and no two have in common.
function checkProofs(requests, { server, id, alg, kid }) {
  for (const { path, status, headers, parameters } of requests) {
    assert.ok(status < 300 || path === "/token/revocation", `${path} ${status}`);
    assert.equal(headers.authorization, undefined);
    assert.equal(parameters.client_secret, undefined);
    assert.equal(parameters.client_id, id);
    const header = headerOf(parameters.client_assertion);
    assert.equal(header.alg, alg);
    if (kid) assert.equal(header.kid, kid);
    const { iss, sub, aud } = claimsIn(parameters.client_assertion);
    assert.deepEqual({ iss, sub, aud }, { iss: id, sub: id, aud: server.issuer });
  }
  const ids = requests.map(({ parameters }) => claimsIn(parameters.client_assertion).jti);
  assert.equal(new Set(ids).size, ids.length);
}

async function signInRefreshAndLeave({ server, mcp, application }) {
  await application.visit();
  assert.equal(application.credential().token_endpoint_auth_method, kMethod);
  mcp.refused.add(application.credential().access_token);
  await application.visit();
  const { code, log } = await application.run("logout");
  assert.equal(code, 0, log);
  const proven = server.requests.filter(({ path }) => ["/token", "/token/revocation"].includes(path));
  assert.deepEqual(proven.slice(0, 3).map(({ path, status }) => `${path} ${status}`),
                   ["/token 200", "/token 200", "/token/revocation 200"]);
  return proven;
}

describe("a key proves who the client is, registered by hand, in the algorithm", { concurrency: 4 }, () => {
  for (const [alg, generate] of Object.entries(kKinds)) {
    for (const format of ["PEM", "JWK"]) {
      test(`${alg}, in a file that is ${format}`, async (t) => {
        const pair = generate();
        const kid = `key-for-${alg}`;
        const registered = client({
          token_endpoint_auth_method: kMethod, token_endpoint_auth_signing_alg: alg,
          jwks: { keys: [{ ...pair.publicKey.export({ format: "jwk" }), kid, alg, use: "sig" }] },
        });
        const world = await startCertified(t, { clients: [registered], methods: [kMethod], features: { revocation: { enabled: true } } });
        const file = write(t, format === "PEM" ? pem(pair) : jwk(pair, { kid }));
        const args = ["--client-id", "the-desktop", "--client-key", file, "--client-key-alg", alg];
        if (format === "PEM") args.push("--client-key-id", kid);
        const application = new Application(t, { ...world, args });
        const proven = await signInRefreshAndLeave({ ...world, application });
        checkProofs(proven, { ...world, id: "the-desktop", alg, kid });
      });
    }
  }
});

describe("a key proves who the client is, registered with it by itself, in the algorithm", { concurrency: 4 }, () => {
  for (const [alg, generate] of Object.entries(kKinds)) {
    test(`${alg}`, async (t) => {
      const pair = generate();
      const world = await startCertified(t, {
        methods: [kMethod, "none"], features: { registration: { enabled: true }, revocation: { enabled: true } },
      });
      const args = ["--client-key", write(t, pem(pair)), "--client-key-alg", alg];
      const application = new Application(t, { ...world, args });
      const proven = await signInRefreshAndLeave({ ...world, application });
      const [{ parameters: asked, answer }] = world.server.registrations();
      assert.equal(asked.token_endpoint_auth_method, kMethod);
      assert.equal(asked.token_endpoint_auth_signing_alg, alg);
      const { d, p, q, ...published } = asked.jwks.keys[0];
      assert.deepEqual({ d, p, q }, { d: undefined, p: undefined, q: undefined });
      for (const [name, value] of Object.entries(pair.publicKey.export({ format: "jwk" }))) assert.equal(published[name], value);
      checkProofs(proven, { ...world, id: answer.client_id, alg, kid: published.kid });
    });
  }
});

describe("a key registered by hand", { concurrency: 4 }, () => {
  const pair = kKinds.ES256();
  const registered = client({
    token_endpoint_auth_method: kMethod, token_endpoint_auth_signing_alg: "ES256",
    jwks: { keys: [{ ...pair.publicKey.export({ format: "jwk" }), kid: "the-key", alg: "ES256", use: "sig" }] },
  });
  // The assertion of a login with these options, and who was asked.
  async function proof(t, key, ...args) {
    const world = await startCertified(t, { clients: [registered], methods: [kMethod] });
    const named = ["--client-id", "the-desktop", "--client-key", write(t, key), "--client-key-id", "the-key"];
    await new Application(t, { ...world, args: [...named, ...args] }).visit();
    const [{ parameters }] = world.server.tokenRequests("authorization_code");
    return { ...world, header: headerOf(parameters.client_assertion), claims: claimsIn(parameters.client_assertion) };
  }

  test("may be encrypted: --client-key-passphrase-file", async (t) => {
    const passphrase = "correct horse battery staple";
    const key = pair.privateKey.export({ format: "pem", type: "pkcs8", cipher: "aes-256-cbc", passphrase });
    const { header } = await proof(t, key, "--client-key-passphrase-file", write(t, `${passphrase}\n`));
    assert.equal(header.alg, "ES256");
  });

  test("names its certificate: --client-key-cert", async (t) => {
    const folder = temporaryDirectory(t);
    const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    writeFileSync(key, pem(pair), { mode: 0o600 });
    execFileSync("openssl", ["req", "-x509", "-new", "-key", key, "-subj", "/CN=the-desktop", "-days", "1", "-out", cert], { stdio: "pipe" });
    const { header } = await proof(t, pem(pair), "--client-key-cert", cert);
    const digest = createHash("sha256").update(new X509Certificate(readFileSync(cert)).raw).digest("base64url");
    assert.equal(header["x5t#S256"], digest);
  });

  test("signs for the address itself: --client-assertion-audience endpoint", async (t) => {
    const { server, claims } = await proof(t, pem(pair), "--client-assertion-audience", "endpoint");
    assert.equal(claims.aud, `${server.issuer}/token`);
  });
});

test("a key that the server does not know for the client is one refusal, and no secret is tried instead", async (t) => {
  const registered = client({
    token_endpoint_auth_method: kMethod, token_endpoint_auth_signing_alg: "ES256",
    jwks: { keys: [{ ...kKinds.ES256().publicKey.export({ format: "jwk" }), kid: "the-key" }] },
  });
  const world = await startCertified(t, { clients: [registered], methods: [kMethod, "client_secret_basic", "client_secret_post"] });
  const args = ["--client-id", "the-desktop", "--client-key", write(t, pem(kKinds.ES256())), "--client-key-id", "the-key"];
  const text = await new Application(t, { ...world, args }).failure();
  assert.match(text, /invalid_client/);
  for (const { headers, parameters } of world.server.tokenRequests("authorization_code")) {
    assert.equal(headers.authorization, undefined);
    assert.ok(parameters.client_assertion);
  }
});
