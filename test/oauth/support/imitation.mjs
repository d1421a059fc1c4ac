// SPDX-License-Identifier: MIT
// An authorization server that does as RFC 6749 says, but for the quirks it is given. Each imitation of
// a provider is this server and a table of quirks (providers.mjs).
//
//   clients      id -> {secret, redirect(uri)}
//   documents    address -> metadata
//   authorize, token, register, push    addresses of the endpoints; the last two may be missing
//   redirect(uri)          may this redirect URI be used? else a page says no
//   refuse(parameters)     at the authorization and token endpoints: an error {error, error_description};
//                          `scope` is that of the login, if a token request names none
//   authenticate({id, basic, parameters, client})    an error where the client does not prove itself
//   spendsCodesOnRefusals  a code is spent by a request whose client does not prove itself
//   registers(body)        the answer to a registration, or {status, ...} of a refusal
//   issues(login, parameters)    members of the token answer beside access_token; `true` is a fresh secret
//   grants       grant type -> (parameters) => members of the answer, or an error: beside codes and refresh tokens
//   keepsRefreshTokens     a refresh token stays good when it was used
//   answers                what is added to the redirect: {iss, session_state}
//   failure(error, status) how an error of the token endpoint looks: {status, body, type}
//   success(members)       how a token answer looks: {body, type}
import { createHash, randomBytes } from "node:crypto";

const random = (kind) => `${kind}-${randomBytes(18).toString("base64url")}`;
const s256 = (verifier) => createHash("sha256").update(verifier).digest("base64url");

export const json = (members) => ({ body: JSON.stringify(members), type: "application/json" });
export const form = (members) => ({
  body: new URLSearchParams(members).toString(), type: "application/x-www-form-urlencoded; charset=utf-8",
});

const decoded = (text) => decodeURIComponent(text.replaceAll("+", " "));

// The two halves of `Authorization: Basic`, form-decoded (RFC 6749, section 2.3.1).
function basicOf({ authorization = "" }) {
  if (!authorization.startsWith("Basic ")) return undefined;
  const [id, secret] = Buffer.from(authorization.slice(6), "base64").toString().split(":");
  return { id: decoded(id), secret: decoded(secret) };
}

// Whoever holds the secret may show it in either place; who has none must not show one.
export function byAnyMethod({ basic, parameters, client }) {
  const shown = basic?.secret ?? parameters.client_secret;
  if (client && shown === client.secret) return undefined;
  return { error: "invalid_client", error_description: "client authentication failed" };
}

export class Imitation {
  requests = []; // {url, path, method, headers, parameters, status}
  granted = new Map(); // access token -> what it was granted for: the parameters of the login
  #codes = new Map();
  #refreshTokens = new Map();
  #pushed = new Map();

  constructor(quirks, ledger) {
    this.quirks = {
      clients: {}, documents: {}, answers: () => ({}), redirect: () => true, refuse: () => undefined,
      authenticate: byAnyMethod, issues: () => ({ expires_in: 3600, refresh_token: true }),
      failure: (error, status) => ({ status, ...json(error) }), success: json, ...quirks,
    };
    this.ledger = ledger;
    this.clients = new Map(Object.entries(this.quirks.clients));
    for (const { secret } of this.clients.values()) ledger.keep("client_secret", secret);
  }

  // Every host that it answers on.
  hosts() {
    const { documents, authorize, token, register, push } = this.quirks;
    const addresses = [...Object.keys(documents), authorize, token, register, push].filter(Boolean);
    return new Set(addresses.map((address) => new URL(address).host));
  }
  metadataRequests() {
    return this.requests.filter(({ path }) => path.includes("/.well-known/"));
  }
  tokenRequests(grant) {
    return this.requests.filter(({ url, parameters }) => url === this.quirks.token && parameters.grant_type === grant);
  }
  logins() {
    return this.requests.filter(({ url, method }) => url === this.quirks.authorize && method === "GET");
  }

  // As if everybody had been signed out.
  forgetRefreshTokens() {
    this.#refreshTokens.clear();
  }

  async answer(request, response) {
    let text = "";
    for await (const piece of request) text += piece;
    const url = new URL(request.url, `https://${request.headers.host}`);
    const isJson = /json/.test(request.headers["content-type"] ?? "");
    const body = isJson ? JSON.parse(text) : Object.fromEntries(new URLSearchParams(text));
    const parameters = { ...Object.fromEntries(url.searchParams), ...body };
    this.ledger.received({ headers: request.headers, parameters });
    const answer = this.#at(url.origin + url.pathname, { request, parameters });
    const headers = { "cache-control": "no-store", ...(answer.type ? { "content-type": answer.type } : {}) };
    if (answer.location) headers.location = answer.location;
    this.requests.push({
      url: url.origin + url.pathname, path: url.pathname, method: request.method, headers: request.headers,
      parameters, status: answer.status ?? 200,
    });
    response.writeHead(answer.status ?? 200, headers).end(answer.body ?? "");
  }

  #at(address, { request, parameters }) {
    const { documents, authorize, token, register, push } = this.quirks;
    if (request.method === "GET" && documents[address]) return json(documents[address]);
    if (request.method === "GET" && address === authorize) return this.#authorize(parameters);
    if (request.method !== "POST") return { status: 404 };
    if (address === token) return this.#token(request.headers, parameters);
    if (address === push) return this.#push(request.headers, parameters);
    if (address === register) return this.#register(parameters);
    return { status: 404 };
  }

  #authorize(asked) {
    const parameters = this.#pushed.get(asked.request_uri) ?? asked;
    const client = this.clients.get(parameters.client_id);
    const page = (title) => ({ status: 400, body: `<title>${title}</title>`, type: "text/html" });
    if (!client) return page("unknown client");
    if (!(client.redirect ?? this.quirks.redirect)(parameters.redirect_uri)) return page("the redirect URI is not registered");
    const back = (members) => {
      const location = new URL(parameters.redirect_uri);
      const all = { ...members, state: parameters.state, ...this.quirks.answers(parameters) };
      for (const [name, value] of Object.entries(all)) location.searchParams.set(name, value);
      return { status: 302, location: location.href };
    };
    const refusal = this.quirks.refuse(parameters, "authorize");
    if (refusal) return back(refusal);
    if (parameters.code_challenge_method !== "S256") return back({ error: "invalid_request", error_description: "no PKCE" });
    const code = this.#issue("code");
    this.#codes.set(code, parameters);
    return back({ code });
  }

  #issue(kind) {
    const value = random(kind);
    this.ledger.keep(kind, value);
    return value;
  }

  #proven(headers, parameters) {
    const basic = basicOf(headers);
    const id = basic?.id ?? parameters.client_id;
    return this.quirks.authenticate({ id, basic, parameters, client: this.clients.get(id) });
  }

  #push(headers, parameters) {
    const refusal = this.#proven(headers, parameters) ?? this.quirks.refuse(parameters, "push");
    if (refusal) return { status: 400, ...json(refusal) };
    const name = `urn:ietf:params:oauth:request_uri:${randomBytes(9).toString("base64url")}`;
    this.#pushed.set(name, parameters);
    return { status: 201, ...json({ request_uri: name, expires_in: 60 }) };
  }

  #register(body) {
    if (!this.quirks.registers) return { status: 404 };
    const { status = 201, secret, ...answer } = this.quirks.registers(body);
    if (status !== 201) return { status, ...json(answer) };
    const id = random("client");
    const issued = secret ? { client_secret: this.#issue("client_secret"), client_secret_expires_at: 0 } : {};
    this.clients.set(id, { secret: issued.client_secret, redirect: (uri) => body.redirect_uris.includes(uri) });
    return { status: 201, ...json({ client_id: id, ...issued, redirect_uris: body.redirect_uris, ...answer }) };
  }

  #token(headers, parameters) {
    const { failure, refuse } = this.quirks;
    const unproven = this.#proven(headers, parameters);
    if (unproven && this.quirks.spendsCodesOnRefusals) this.#spend(parameters);
    if (unproven) return failure(unproven, unproven.error === "invalid_client" ? 401 : 400);
    const other = this.quirks.grants?.[parameters.grant_type]?.(parameters);
    if (other) return other.error ? failure(other, 400) : { status: 200, ...this.quirks.success(other) };
    const asked = (this.#codes.get(parameters.code) ?? this.#refreshTokens.get(parameters.refresh_token))?.scope ?? "";
    const refusal = refuse({ scope: asked, ...parameters }, "token");
    if (refusal) return failure(refusal, 400);
    const login = this.#spend(parameters);
    if (!login) return failure({ error: "invalid_grant", error_description: "the grant is spent" }, 400);
    return { status: 200, ...this.quirks.success(this.#issueTokens(login, parameters)) };
  }

  // The login that a code or a refresh token stands for; both are good once.
  #spend({ grant_type: grant, code, code_verifier: verifier = "", redirect_uri: uri, refresh_token: token }) {
    const tokens = grant === "refresh_token" ? this.#refreshTokens : this.#codes;
    const key = grant === "refresh_token" ? token : code;
    const login = tokens.get(key);
    if (grant !== "refresh_token" || !this.quirks.keepsRefreshTokens) tokens.delete(key);
    if (grant === "refresh_token" || !login) return login;
    return login.code_challenge === s256(verifier) && login.redirect_uri === uri ? login : undefined;
  }

  #issueTokens(login, parameters) {
    const members = { access_token: this.#issue("access_token"), token_type: "Bearer", scope: login.scope };
    Object.assign(members, this.quirks.issues(login, parameters));
    for (const kind of ["refresh_token", "id_token"]) {
      if (members[kind] === true) members[kind] = this.#issue(kind);
      this.ledger.keep(kind, members[kind]);
    }
    const { access_token: token, refresh_token: refresh, id_token: identity } = members;
    this.granted.set(token, { ...login, kind: "access_token" });
    if (identity) this.granted.set(identity, { ...login, kind: "id_token" });
    if (refresh) this.#refreshTokens.set(refresh, login);
    return Object.fromEntries(Object.entries(members).filter(([, value]) => value));
  }
}
