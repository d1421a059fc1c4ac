// SPDX-License-Identifier: MIT
// Imitations of providers, with what they are known to do; each quirk is one that users of this program or
// of others have met. What a user has to type stands in `args` and `env`, as in docs/oauth.md.
//
//   mcp       the MCP server: url, and its resource metadata
//   quirks    of the authorization server: support/imitation.mjs
//   accepts   the tokens that the MCP server takes; all of this server's access tokens, if missing
//   method    how the client ends up proving itself, and `attempts`, the answers to the first token request
//   sends, keepsQuiet   parameters of the authorization request, and of those that must be missing
//   scope     the scopes that are stored
//   isFinal   there are no refresh tokens
//   file      a document for --oauth-metadata
//   fixedPort the redirect URI is compared with its port: --callback-port is given
//   without   what happens to users who leave an option out: {what, args, env, says}, and how many
//             `refreshes` there are before the program gives in: none, if missing
import { byAnyMethod, form, json } from "./imitation.mjs";

const kSecret = "Q~8f:a+secret/of=the%client";
const kSecretEnv = { MCP_OAUTH_CLIENT_SECRET: kSecret };

const anyPortOf = (host) => (uri) => new URL(uri).hostname === host && new URL(uri).pathname === "/callback";
const invalidClient = (description) => ({ error: "invalid_client", error_description: description });
const usesOnly = (method, { basic, parameters, client }) => {
  const shown = method === "client_secret_basic" ? basic?.secret : parameters.client_secret;
  return client !== undefined && client.secret !== undefined && shown === client.secret;
};

// --- Microsoft Entra ID ---------------------------------------------------------------------------

const kTenant = "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555";

function entra(methods) {
  return {
    // Only the OpenID Connect form that is appended; no PKCE in it, and no registration.
    documents: {
      [`${kTenant}/v2.0/.well-known/openid-configuration`]: {
        issuer: `${kTenant}/v2.0`,
        authorization_endpoint: `${kTenant}/oauth2/v2.0/authorize`,
        token_endpoint: `${kTenant}/oauth2/v2.0/token`,
        device_authorization_endpoint: `${kTenant}/oauth2/v2.0/devicecode`,
        token_endpoint_auth_methods_supported: methods,
        response_types_supported: ["code", "id_token"],
        scopes_supported: ["openid", "profile", "email", "offline_access"],
      },
    },
    authorize: `${kTenant}/oauth2/v2.0/authorize`,
    token: `${kTenant}/oauth2/v2.0/token`,
    redirect: anyPortOf("localhost"),
    answers: () => ({ session_state: "a-session" }),
    // A refresh token only for offline_access.
    issues: ({ scope }) => ({ expires_in: 3599, ext_expires_in: 3599, refresh_token: scope.includes("offline_access") }),
  };
}

const kResourceAndScope = {
  error: "invalid_target",
  error_description: "AADSTS9010010: The resource parameter provided in the request doesn't match with the requested scopes. Trace ID: 0",
};

const entraOfTheRequest = {
  name: "Entra ID, as in the request for this program: only Basic works, and no resource may be named",
  mcp: {
    url: "https://mcp.contoso.example/mcp",
    metadata: { authorization_servers: [`${kTenant}/v2.0`], scopes_supported: ["api://contoso-mcp/access"] },
  },
  quirks: {
    ...entra(["client_secret_basic"]),
    clients: { "aaaaaaaa-0000-app": { secret: kSecret } },
    refuse: ({ resource }) => (resource ? kResourceAndScope : undefined),
    authenticate: (proof) =>
      usesOnly("client_secret_basic", proof)
        ? undefined
        : invalidClient("AADSTS7000218: The request body must contain the following parameter: 'client_assertion' or 'client_secret'."),
  },
  args: ["--client-id", "aaaaaaaa-0000-app", "--callback-host", "localhost", "--no-resource-indicator"],
  env: kSecretEnv,
  method: "client_secret_basic",
  sends: { scope: "api://contoso-mcp/access offline_access" },
  keepsQuiet: ["resource"],
  without: [
    {
      what: "--no-resource-indicator",
      args: ["--client-id", "aaaaaaaa-0000-app", "--callback-host", "localhost"],
      env: kSecretEnv,
      says: /AADSTS9010010.*--no-resource-indicator/s,
    },
    {
      what: "the secret",
      args: ["--client-id", "aaaaaaaa-0000-app", "--callback-host", "localhost", "--no-resource-indicator"],
      says: /AADSTS7000218.*client secret/s,
    },
    {
      what: "--client-id",
      args: ["--callback-host", "localhost", "--no-resource-indicator"],
      says: /--client-id/,
    },
  ],
};

const wantsClientId = ({ basic, parameters, client }) => {
  if (parameters.client_id === undefined)
    return {
      error: "invalid_request",
      error_description: "AADSTS900144: The request body must contain the following parameter: 'client_id'.",
    };
  const shown = basic?.secret ?? parameters.client_secret;
  if (client?.secret === undefined && shown !== undefined)
    return invalidClient("AADSTS700025: Client is public so neither 'client_assertion' nor 'client_secret' should be presented.");
  return byAnyMethod({ basic, parameters, client });
};
const fits = ({ resource, scope = "" }) =>
  resource === undefined || scope.split(" ").some((one) => one.startsWith(`${resource}/`)) ? undefined : kResourceAndScope;

const kEntraMethods = ["client_secret_post", "private_key_jwt", "client_secret_basic", "self_signed_tls_client_auth"];
const entraAsItIs = {
  ...entra(kEntraMethods),
  authenticate: wantsClientId,
  refuse: fits,
};

const entraPublic = {
  name: "Entra ID, a public client",
  mcp: entraOfTheRequest.mcp,
  quirks: { ...entraAsItIs, clients: { "bbbbbbbb-0000-app": {} } },
  args: ["--client-id", "bbbbbbbb-0000-app", "--callback-host", "localhost", "--no-resource-indicator"],
  method: "none",
  keepsQuiet: ["resource"],
  without: [
    {
      what: "--callback-host",
      args: ["--client-id", "bbbbbbbb-0000-app", "--no-resource-indicator", "--oauth-timeout", "1"],
      says: /nobody signed in/,
    },
    {
      what: "restraint: it gives a secret",
      args: ["--client-id", "bbbbbbbb-0000-app", "--callback-host", "localhost", "--no-resource-indicator"],
      env: kSecretEnv,
      says: /AADSTS700025.*public client/s,
    },
  ],
};

const entraConfidential = {
  name: "Entra ID, a client with a secret, which wants client_id in the body",
  mcp: entraOfTheRequest.mcp,
  quirks: { ...entraAsItIs, clients: { "cccccccc-0000-app": { secret: kSecret } } },
  args: ["--client-id", "cccccccc-0000-app", "--callback-host", "localhost", "--no-resource-indicator"],
  env: kSecretEnv,
  method: "client_secret_post",
};

const entraByDefault = {
  name: "Entra ID, where the document does not say how to prove oneself: Basic, and client_id beside it",
  mcp: entraOfTheRequest.mcp,
  quirks: { ...entraAsItIs, ...withoutMethods(entra([])), clients: { "cccccccc-0000-app": { secret: kSecret } } },
  args: ["--client-id", "cccccccc-0000-app", "--callback-host", "localhost", "--no-resource-indicator"],
  env: kSecretEnv,
  method: "client_secret_basic",
  attempts: [400, 200],
};

function withoutMethods({ documents }) {
  const [[address, { token_endpoint_auth_methods_supported: _, ...rest }]] = Object.entries(documents);
  return { documents: { [address]: rest } };
}

const entraOfMicrosoft = {
  name: "Entra ID before a server of Microsoft, whose scopes begin with its resource, byte for byte",
  mcp: {
    url: "https://api.fabric.example/v1/mcp/core",
    metadata: {
      resource: "https://api.fabric.example",
      authorization_servers: [`${kTenant}/v2.0`],
      scopes_supported: ["https://api.fabric.example/.default"],
    },
  },
  quirks: { ...entraAsItIs, clients: { "bbbbbbbb-0000-app": {} } },
  args: ["--client-id", "bbbbbbbb-0000-app", "--callback-host", "localhost"],
  method: "none",
  sends: { resource: "https://api.fabric.example" },
};

// --- Keycloak ---------------------------------------------------------------------------------------

const kRealm = "https://sso.contoso.example/realms/acme";
const kKeycloakDocument = {
  issuer: kRealm,
  authorization_endpoint: `${kRealm}/protocol/openid-connect/auth`,
  token_endpoint: `${kRealm}/protocol/openid-connect/token`,
  registration_endpoint: `${kRealm}/clients-registrations/openid-connect`,
  pushed_authorization_request_endpoint: `${kRealm}/protocol/openid-connect/ext/par/request`,
  token_endpoint_auth_methods_supported: ["private_key_jwt", "client_secret_basic", "client_secret_post", "tls_client_auth", "client_secret_jwt"],
  code_challenge_methods_supported: ["plain", "S256"],
  scopes_supported: ["openid", "offline_access", "profile", "roles", "mcp:tools"],
  authorization_response_iss_parameter_supported: true,
  require_pushed_authorization_requests: false,
};
const keycloakServer = {
  documents: {
    [`https://sso.contoso.example/.well-known/oauth-authorization-server/realms/acme`]: kKeycloakDocument,
    [`${kRealm}/.well-known/openid-configuration`]: kKeycloakDocument,
  },
  authorize: kKeycloakDocument.authorization_endpoint,
  token: kKeycloakDocument.token_endpoint,
  register: kKeycloakDocument.registration_endpoint,
  push: kKeycloakDocument.pushed_authorization_request_endpoint,
  answers: () => ({ iss: kRealm, session_state: "a-session" }),
  issues: () => ({ expires_in: 300, refresh_expires_in: 1800, refresh_token: true, "not-before-policy": 0, session_state: "a-session" }),
};
const keycloakMcp = {
  url: "https://tools.contoso.example/mcp",
  metadata: { authorization_servers: [kRealm], scopes_supported: ["mcp:tools"] },
};

const keycloak = {
  name: "Keycloak, where clients may register: with a secret, since none is not offered",
  mcp: keycloakMcp,
  quirks: {
    ...keycloakServer,
    registers: ({ token_endpoint_auth_method: method }) => ({
      secret: true, token_endpoint_auth_method: method, registration_access_token: "a-registration-access-token",
      registration_client_uri: `${kRealm}/clients-registrations/openid-connect/1`,
    }),
  },
  args: [],
  method: "client_secret_post",
};

const keycloakByHand = {
  name: "Keycloak, where they may not: a public client that was registered by hand",
  mcp: keycloakMcp,
  quirks: {
    ...keycloakServer,
    clients: { desktop: {} },
    registers: () => ({
      status: 403,
      error: "insufficient_scope",
      error_description: "Policy 'Trusted Hosts' rejected request to client-registration service. Details: Host not trusted.",
    }),
  },
  args: ["--client-id", "desktop"],
  method: "none",
  without: [{ what: "--client-id", args: [], says: /Trusted Hosts.*--client-id/s }],
};

// --- Auth0 ------------------------------------------------------------------------------------------

const kAuth0 = "https://contoso.eu.auth0.com/";
const kAudience = "https://mcp.auth0-customer.example/";
const auth0 = {
  name: "Auth0: the audience is a parameter of its own, and the issuer ends with a slash",
  mcp: {
    url: "https://mcp.auth0-customer.example/mcp",
    metadata: { authorization_servers: ["https://contoso.eu.auth0.com"], scopes_supported: ["read:tools"] },
  },
  quirks: {
    documents: {
      [`${kAuth0}.well-known/oauth-authorization-server`]: {
        issuer: kAuth0,
        authorization_endpoint: `${kAuth0}authorize`,
        token_endpoint: `${kAuth0}oauth/token`,
        registration_endpoint: `${kAuth0}oidc/register`,
        token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"],
        code_challenge_methods_supported: ["S256", "plain"],
        scopes_supported: ["openid", "profile", "offline_access"],
      },
    },
    authorize: `${kAuth0}authorize`,
    token: `${kAuth0}oauth/token`,
    register: `${kAuth0}oidc/register`,
    registers: ({ token_endpoint_auth_method: method }) => ({ token_endpoint_auth_method: method }),
    issues: ({ scope }) => ({ expires_in: 86400, refresh_token: scope.includes("offline_access") }),
  },
  accepts: ({ audience }) => audience === kAudience,
  args: ["--authorize-param", `audience=${kAudience}`],
  method: "none",
  sends: { audience: kAudience, scope: "read:tools offline_access" },
  // Then Auth0 gives a token for nobody in particular, which the MCP server refuses.
  without: [{ what: "--authorize-param audience", args: [], says: /401.*just issued.*--authorize-param audience/s, refreshes: 1 }],
};

const auth0ByHand = {
  ...auth0,
  name: "Auth0: a client with a secret, which belongs to the issuer with the slash",
  quirks: { ...auth0.quirks, registers: undefined, clients: { "web-app": { secret: kSecret } } },
  args: [...auth0.args, "--client-id", "web-app"],
  env: kSecretEnv,
  method: "client_secret_post",
  without: [],
};

// --- Okta -------------------------------------------------------------------------------------------

const kOkta = "https://contoso.okta.com/oauth2/default";
const audienceOf = (assertion) => JSON.parse(Buffer.from(assertion.split(".")[1], "base64url").toString()).aud;
const okta = {
  name: "Okta: the audience of a client assertion is the address that it is sent to",
  mcp: {
    url: "https://mcp.okta-customer.example/mcp",
    metadata: { authorization_servers: [kOkta], scopes_supported: ["mcp.tools"] },
  },
  quirks: {
    documents: {
      "https://contoso.okta.com/.well-known/oauth-authorization-server/oauth2/default": {
        issuer: kOkta,
        authorization_endpoint: `${kOkta}/v1/authorize`,
        token_endpoint: `${kOkta}/v1/token`,
        registration_endpoint: "https://contoso.okta.com/oauth2/v1/clients",
        token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt", "none"],
        code_challenge_methods_supported: ["S256"],
        scopes_supported: ["mcp.tools", "openid", "offline_access"],
      },
    },
    authorize: `${kOkta}/v1/authorize`,
    token: `${kOkta}/v1/token`,
    clients: { "0oaclient": { secret: kSecret } },
    authenticate: ({ parameters }) => {
      if (!parameters.client_assertion) return invalidClient("Client authentication failed.");
      if (audienceOf(parameters.client_assertion) === `${kOkta}/v1/token`) return undefined;
      return invalidClient("The audience claim for client_assertion must be the endpoint invoked for the request.");
    },
  },
  args: ["--client-id", "0oaclient", "--token-endpoint-auth-method", "client_secret_jwt"],
  env: kSecretEnv,
  method: "client_secret_jwt",
  attempts: [401, 200],
};

// --- Amazon Cognito ---------------------------------------------------------------------------------

const kPool = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab12Cd34E";
const kPoolDomain = "https://contoso.auth.eu-west-1.amazoncognito.com/oauth2";
const cognito = {
  name: "Amazon Cognito: silent on PKCE, an exact redirect URI, and a server that wants the ID token",
  mcp: {
    url: "https://bedrock-agentcore.eu-west-1.amazonaws.com/runtimes/r1/invocations",
    metadata: { authorization_servers: [kPool], scopes_supported: ["openid"] },
  },
  quirks: {
    documents: {
      [`${kPool}/.well-known/openid-configuration`]: {
        issuer: kPool,
        authorization_endpoint: `${kPoolDomain}/authorize`,
        token_endpoint: `${kPoolDomain}/token`,
        token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"],
        scopes_supported: ["openid", "email", "phone", "profile"],
      },
    },
    authorize: `${kPoolDomain}/authorize`,
    token: `${kPoolDomain}/token`,
    clients: { "1example23456789": {} },
    redirect: (uri) => new URL(uri).hostname === "localhost",
    // A refresh brings a new ID token and no new refresh token; the one at hand stays good.
    issues: (_, { grant_type: grant }) => ({ expires_in: 3600, id_token: true, refresh_token: grant === "authorization_code" }),
    keepsRefreshTokens: true,
  },
  accepts: ({ kind }) => kind === "id_token",
  args: ["--client-id", "1example23456789", "--callback-host", "localhost", "--oauth-use-id-token"],
  fixedPort: true,
  method: "none",
};

// --- Google -----------------------------------------------------------------------------------------

const kGoogle = "https://accounts.google.com";
const google = {
  name: "Google: a slash too many, a refresh token only for access_type=offline, a secret for desktop clients",
  mcp: {
    url: "https://mcp.google-customer.example/mcp",
    metadata: { authorization_servers: [`${kGoogle}/`], scopes_supported: ["https://www.googleapis.com/auth/drive.readonly"] },
  },
  quirks: {
    documents: {
      [`${kGoogle}/.well-known/openid-configuration`]: {
        issuer: kGoogle,
        authorization_endpoint: `${kGoogle}/o/oauth2/v2/auth`,
        token_endpoint: "https://oauth2.googleapis.com/token",
        token_endpoint_auth_methods_supported: ["client_secret_post", "client_secret_basic"],
        code_challenge_methods_supported: ["plain", "S256"],
        scopes_supported: ["openid", "email", "profile"],
      },
    },
    authorize: `${kGoogle}/o/oauth2/v2/auth`,
    token: "https://oauth2.googleapis.com/token",
    clients: { "1234-abc.apps.googleusercontent.com": { secret: kSecret } },
    issues: ({ access_type: type }, { grant_type: grant }) =>
      ({ expires_in: 3599, id_token: true, refresh_token: type === "offline" && grant === "authorization_code" }),
    keepsRefreshTokens: true,
  },
  args: ["--client-id", "1234-abc.apps.googleusercontent.com"],
  env: kSecretEnv,
  method: "client_secret_post",
  sends: { access_type: "offline", prompt: "consent" },
  without: [
    { what: "the secret", args: ["--client-id", "1234-abc.apps.googleusercontent.com"], says: /invalid_client.*client-secret/s },
  ],
};

// --- GitHub -----------------------------------------------------------------------------------------

const kGithub = "https://github.com/login/oauth";
const github = {
  name: "GitHub: answers are forms, errors come with 200, the secret is read from the body alone",
  mcp: {
    url: "https://api.githubcopilot.com/mcp/",
    metadata: { resource: "https://api.githubcopilot.com/mcp", authorization_servers: [kGithub], scopes_supported: ["repo", "read:org"] },
  },
  quirks: {
    documents: {
      "https://github.com/.well-known/oauth-authorization-server/login/oauth": {
        issuer: kGithub,
        authorization_endpoint: `${kGithub}/authorize`,
        token_endpoint: `${kGithub}/access_token`,
        response_types_supported: ["code"],
        code_challenge_methods_supported: ["S256"],
      },
    },
    authorize: `${kGithub}/authorize`,
    token: `${kGithub}/access_token`,
    clients: { Iv1abcdef: { secret: kSecret } },
    authenticate: (proof) =>
      usesOnly("client_secret_post", proof)
        ? undefined
        : { error: "incorrect_client_credentials", error_description: "The client_id and/or client_secret passed are incorrect." },
    failure: ({ error, error_description: description }) => ({
      status: 200,
      ...form({ error: error === "invalid_grant" ? "bad_verification_code" : error, error_description: description }),
    }),
    success: form,
    issues: () => ({}),
  },
  args: ["--client-id", "Iv1abcdef"],
  env: kSecretEnv,
  method: "client_secret_post",
  attempts: [200, 200, 200], // Basic, Basic with client_id beside it, the body
  isFinal: true,
  without: [
    {
      what: "the right secret",
      args: ["--client-id", "Iv1abcdef"],
      env: { MCP_OAUTH_CLIENT_SECRET: "not-the-secret-of-this-client" },
      says: /incorrect_client_credentials.*--client-secret/s,
    },
  ],
};

// --- Atlassian --------------------------------------------------------------------------------------

function atlassian(server, issuer, name) {
  return {
    name,
    mcp: {
      url: "https://mcp.atlassian.com/v1/mcp",
      metadata: { authorization_servers: [server], scopes_supported: ["read:jira-work", "offline_access"] },
    },
    quirks: {
      documents: {
        [wellKnownOf(server)]: {
          issuer,
          authorization_endpoint: "https://mcp.atlassian.com/v1/authorize",
          token_endpoint: "https://cf.mcp.atlassian.com/v1/token",
          registration_endpoint: "https://cf.mcp.atlassian.com/v1/register",
          token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post", "none"],
          code_challenge_methods_supported: ["plain", "S256"],
        },
      },
      authorize: "https://mcp.atlassian.com/v1/authorize",
      token: "https://cf.mcp.atlassian.com/v1/token",
      register: "https://cf.mcp.atlassian.com/v1/register",
      registers: ({ token_endpoint_auth_method: method }) => ({ token_endpoint_auth_method: method }),
      // Compared as text: a slash at the end is another resource.
      refuse: ({ resource }) =>
        resource === "https://mcp.atlassian.com/v1/mcp"
          ? undefined
          : { error: "invalid_target", error_description: "Incorrect resource parameters" },
    },
    args: [],
    method: "none",
    sends: { resource: "https://mcp.atlassian.com/v1/mcp" },
    without: [{ what: "our knowledge of it", args: ["--no-provider-quirks"], says: new RegExp(`names the issuer.*--oauth-issuer ${issuer}`, "s") }],
  };
}

function wellKnownOf(server) {
  const { origin, pathname } = new URL(server);
  return `${origin}/.well-known/oauth-authorization-server${pathname === "/" ? "" : pathname}`;
}

// --- Slack ------------------------------------------------------------------------------------------

const slack = {
  name: "Slack: metadata of another issuer, scopes with commas, no registration, one exact redirect URI",
  mcp: {
    url: "https://mcp.slack.com/mcp",
    metadata: { authorization_servers: ["https://mcp.slack.com"], scopes_supported: ["search:read.public", "chat:write"] },
  },
  quirks: {
    documents: {
      "https://mcp.slack.com/.well-known/oauth-authorization-server": {
        issuer: "https://slack.com",
        authorization_endpoint: "https://slack.com/oauth/v2_user/authorize",
        token_endpoint: "https://slack.com/api/oauth.v2.user.access",
        token_endpoint_auth_methods_supported: ["client_secret_post"],
        code_challenge_methods_supported: ["S256"],
      },
    },
    authorize: "https://slack.com/oauth/v2_user/authorize",
    token: "https://slack.com/api/oauth.v2.user.access",
    clients: { "1601185624273.8899143856786": {} },
    success: (members) => json({ ok: true, ...members, scope: members.scope.replaceAll(" ", ",") }),
    failure: ({ error }) => ({ status: 200, ...json({ ok: false, error: error === "invalid_grant" ? "invalid_code" : error }) }),
    issues: () => ({}),
  },
  args: ["--client-id", "1601185624273.8899143856786", "--callback-host", "localhost"],
  fixedPort: true,
  method: "none",
  isFinal: true,
  scope: ["search:read.public", "chat:write"],
  without: [
    { what: "--client-id", args: ["--callback-host", "localhost"], says: /--client-id/ },
    {
      what: "our knowledge of it",
      args: ["--client-id", "1601185624273.8899143856786", "--no-provider-quirks"],
      says: /names the issuer.*--oauth-issuer https:\/\/slack\.com/s,
    },
  ],
};

// --- Snowflake --------------------------------------------------------------------------------------

const kAccount = "https://xy12345.eu-west-1.aws.snowflakecomputing.com";
const kSnowflakeClient = "aBcD/eFgH+123456789012345678=";
const snowflake = {
  name: "Snowflake: no metadata at all, client ids in base64, a scope that asks for the refresh token",
  mcp: {
    url: `${kAccount}/api/v2/databases/sales/schemas/public/mcp-servers/analyst`,
    metadata: { authorization_servers: [`${kAccount}/oauth`], scopes_supported: ["session:role:all"] },
  },
  file: {
    issuer: `${kAccount}/oauth`,
    authorization_endpoint: `${kAccount}/oauth/authorize`,
    token_endpoint: `${kAccount}/oauth/token-request`,
    token_endpoint_auth_methods_supported: ["client_secret_basic"],
    code_challenge_methods_supported: ["S256"],
  },
  quirks: {
    authorize: `${kAccount}/oauth/authorize`,
    token: `${kAccount}/oauth/token-request`,
    clients: { [kSnowflakeClient]: { secret: kSecret } },
    authenticate: (proof) => (usesOnly("client_secret_basic", proof) ? undefined : invalidClient("This is an invalid client.")),
    failure: ({ error, error_description: message }) => ({ status: 400, ...json({ data: null, error, code: null, message, success: false }) }),
    success: (members) => json({ ...members, username: "ALICE", token_type: "Bearer" }),
    issues: ({ scope }, { grant_type: grant }) =>
      ({ expires_in: 600, refresh_token: grant === "authorization_code" && scope.includes("refresh_token") }),
    keepsRefreshTokens: true,
  },
  args: ["--client-id", kSnowflakeClient, "--callback-host", "localhost", "--oauth-scope", "refresh_token session:role:ANALYST"],
  env: kSecretEnv,
  fixedPort: true,
  method: "client_secret_basic",
  without: [
    { what: "--oauth-metadata", args: ["--client-id", kSnowflakeClient], env: kSecretEnv, says: /publishes no metadata.*--oauth-metadata/s },
  ],
};

export const providers = [
  entraOfTheRequest, entraPublic, entraConfidential, entraByDefault, entraOfMicrosoft, keycloak, keycloakByHand, auth0, auth0ByHand, okta,
  cognito, google, github,
  atlassian("https://mcp.atlassian.com", "https://cf.mcp.atlassian.com", "Atlassian: metadata that name another host"),
  atlassian(
    "https://auth.atlassian.com/VCeDsk8ZHncYF1g234fKtc4lNipbBhu3", "https://auth.atlassian.com",
    "Atlassian: metadata that name the issuer without its path",
  ),
  slack, snowflake,
];
