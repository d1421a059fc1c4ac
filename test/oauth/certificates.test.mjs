// SPDX-License-Identifier: MIT
// Client certificates (RFC 8705) at a certified authorization server with a private authority: who the
// client is, at the addresses that are for that, and tokens that are bound to the certificate.
import assert from "node:assert/strict";
import { createPublicKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";

import { makeCertificates, makeSelfSigned } from "../program/support/programs.mjs";
import { temporaryDirectory } from "../program/support/temporary.mjs";
import { Application } from "./support/application.mjs";
import { client, shownOn, startCertified, thumbprintOf } from "./support/certified_server.mjs";

const kMine = "CN=a client";

function certificates(t) {
  const folder = temporaryDirectory(t);
  const ofAuthority = makeCertificates(folder);
  const read = (name) => readFileSync(join(folder, name));
  return {
    ca: ofAuthority.ca,
    ofAuthority,
    selfSigned: makeSelfSigned(folder, "desk"),
    tls: { cert: read("server.pem"), key: read("server.key"), ca: read("ca.pem") },
  };
}

// The one that this request's connection has shown is the one that the token is bound to.
function isBound({ claims, exchange }) {
  const shown = shownOn(exchange.request.socket);
  return shown !== undefined && claims.cnf?.["x5t#S256"] === thumbprintOf(shown);
}

// `authority`: MCP is served to certificates of the authority alone.
async function startWorld(t, { files, authority = true, everywhere = false, ...options }) {
  const { tls } = files;
  const world = await startCertified(t, {
    tls: { ...tls, everywhere },
    mcpTls: { ...tls, requestCert: true, rejectUnauthorized: authority },
    alsoWants: isBound,
    methods: ["tls_client_auth", "self_signed_tls_client_auth", "client_secret_basic"],
    ...options,
  });
  return { ...world, env: { TEST_WEB: JSON.stringify({ ca: files.ca }) } };
}

const shows = ({ cert, key }) => ["--oauth-client-cert", cert, "--oauth-client-cert-key", key];
const subjects = (requests) => requests.map(({ shown }) => shown);

// Signs in, is refused with the token, refreshes it, and needs nothing the third time.
async function proveThrice(t, { world, files, shown, args, method }) {
  const { server, mcp } = world;
  const application = new Application(t, { ...world, args: ["--cacert", files.ca, ...args] });
  await application.visit();
  const [exchange] = server.tokenRequests("authorization_code");
  const first = application.credential();
  assert.equal(first.token_endpoint_auth_method, method);
  assert.equal(exchange.parameters.client_id, first.client_id);
  assert.equal(exchange.parameters.client_secret, undefined);

  mcp.refused.add(first.access_token);
  const before = server.requests.length;
  await application.visit();
  assert.deepEqual(server.requests.slice(before).map(({ path }) => path), ["/token"]);
  const [refresh] = server.tokenRequests("refresh_token");
  for (const request of [exchange, refresh]) {
    assert.deepEqual([request.status, request.shown], [200, shown]);
    assert.equal(request.port, server.asking.address().port);
  }
  assert.notEqual(application.credential().refresh_token, first.refresh_token);

  await application.visit();
  assert.equal(server.requests.length, before + 1);
  // Whoever needs no certificate is shown none.
  const others = server.requests.filter(({ port }) => port !== server.asking.address().port);
  assert.ok(others.length > 0 && others.every((request) => request.shown === undefined));
  return application;
}

const jwkWith = ({ cert }) => {
  const certificate = new X509Certificate(readFileSync(cert));
  const key = createPublicKey(certificate.publicKey.export({ format: "pem", type: "spki" }));
  return { ...key.export({ format: "jwk" }), x5c: [certificate.raw.toString("base64")] };
};

describe("a client certificate", { concurrency: 2 }, () => {
  test("of an authority: tls_client_auth, for a client that was registered by hand", async (t) => {
    const files = certificates(t);
    const registered = client({
      token_endpoint_auth_method: "tls_client_auth", tls_client_auth_subject_dn: kMine,
      tls_client_certificate_bound_access_tokens: true,
    });
    const world = await startWorld(t, { files, clients: [registered] });
    const args = ["--client-id", "the-desktop", ...shows(files.ofAuthority)];
    await proveThrice(t, { world, files, args, shown: kMine, method: "tls_client_auth" });
  });

  test("of its own: self_signed_tls_client_auth, for a client that was registered by hand", async (t) => {
    const files = certificates(t);
    const registered = client({
      token_endpoint_auth_method: "self_signed_tls_client_auth", jwks: { keys: [jwkWith(files.selfSigned)] },
      tls_client_certificate_bound_access_tokens: true,
    });
    const world = await startWorld(t, { files, authority: false, clients: [registered] });
    const args = ["--client-id", "the-desktop", ...shows(files.selfSigned)];
    await proveThrice(t, { world, files, args, shown: "CN=desk", method: "self_signed_tls_client_auth" });
  });

  test("of an authority: the client registers with its subject", async (t) => {
    const files = certificates(t);
    const world = await startWorld(t, { files, methods: ["tls_client_auth", "none"], features: { registration: { enabled: true } } });
    await proveThrice(t, { world, files, args: shows(files.ofAuthority), shown: kMine, method: "tls_client_auth" });
    const [{ parameters }] = world.server.registrations();
    assert.equal(parameters.token_endpoint_auth_method, "tls_client_auth");
    assert.equal(parameters.tls_client_auth_subject_dn, kMine);
    assert.equal(parameters.tls_client_certificate_bound_access_tokens, true);
    assert.equal(parameters.jwks, undefined);
  });

  test("of its own: the client registers with the certificate", async (t) => {
    const files = certificates(t);
    const world = await startWorld(t, {
      files, authority: false, methods: ["tls_client_auth", "self_signed_tls_client_auth"],
      features: { registration: { enabled: true } },
    });
    await proveThrice(t, {
      world, files, args: shows(files.selfSigned), shown: "CN=desk", method: "self_signed_tls_client_auth",
    });
    const [{ parameters }] = world.server.registrations();
    assert.equal(parameters.token_endpoint_auth_method, "self_signed_tls_client_auth");
    assert.deepEqual(parameters.jwks.keys.map(({ x5c }) => x5c), [jwkWith(files.selfSigned).x5c]);
    assert.equal(parameters.tls_client_auth_subject_dn, undefined);
  });

  test("is shown at the revocation endpoint, too", async (t) => {
    const files = certificates(t);
    const registered = client({ token_endpoint_auth_method: "tls_client_auth", tls_client_auth_subject_dn: kMine });
    const world = await startWorld(t, {
      files, clients: [registered], features: { revocation: { enabled: true } }, alsoWants: () => true,
    });
    const args = ["--client-id", "the-desktop", "--cacert", files.ca, ...shows(files.ofAuthority)];
    const application = new Application(t, { ...world, args });
    await application.visit();
    const { code } = await application.run("logout");
    assert.equal(code, 0);
    const revocations = world.server.requests.filter(({ path }) => path === "/token/revocation");
    assert.deepEqual(subjects(revocations), [kMine, kMine]);
    assert.equal(revocations[0].status, 200); // of the refresh token; it revokes no JWTs
  });

  test("belongs to one issuer, and is not shown to another", async (t) => {
    const files = certificates(t);
    const registered = client({ token_endpoint_auth_method: "tls_client_auth", tls_client_auth_subject_dn: kMine });
    const home = await startWorld(t, { files, clients: [registered], alsoWants: () => true });
    const hostile = await startWorld(t, { files, everywhere: true, clients: [registered], alsoWants: () => true });
    let shown = 0;
    hostile.server.server.on("secureConnection", (socket) => (shown += shownOn(socket) ? 1 : 0));
    const args = ["--client-id", "the-desktop", "--cacert", files.ca, ...shows(files.ofAuthority)];
    const application = new Application(t, { ...home, args });
    await application.visit();

    // The server that was signed in to names another authorization server now.
    home.mcp.metadata.authorization_servers = [hostile.server.issuer];
    home.mcp.accepts = () => false;
    await home.server.forgetGrants(application.credential());
    const message = await application.failure();
    assert.match(message, /the client credentials belong to https:\/\/localhost:\d+.*: nothing was sent/);
    assert.ok(hostile.server.metadataRequests().length > 0);
    assert.deepEqual(hostile.server.requests.filter(({ path }) => !path.startsWith("/.well-known/")), []);
    assert.equal(shown, 0);
  });

  test("of the relay alone proves nothing to an authorization server", async (t) => {
    const files = certificates(t);
    const registered = client({ token_endpoint_auth_method: "tls_client_auth", tls_client_auth_subject_dn: kMine });
    const world = await startWorld(t, { files, everywhere: true, clients: [registered] });
    const { cert, key } = files.ofAuthority;
    const args = ["--client-id", "the-desktop", "--cacert", files.ca, "--client-cert", cert, "--client-cert-key", key];
    const message = await new Application(t, { ...world, args }).failure();
    assert.match(message, /--oauth-client-cert/);
    const { server } = world;
    assert.deepEqual(server.tokenRequests("authorization_code").map(({ status }) => status), [401]);
    assert.ok(server.requests.some(({ path }) => path === "/request"));
    assert.ok(subjects(server.requests).every((shown) => shown === undefined));
  });
});
