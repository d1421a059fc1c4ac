// SPDX-License-Identifier: MIT
// Whole logins at imitations of the providers that users have, under their real names, with what
// docs/oauth.md tells them to type.
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { imitate } from "./support/imitate.mjs";
import { providers } from "./support/providers.mjs";

describe("a login at", { concurrency: 4 }, () => {
  for (const provider of providers) {
    test(provider.name, async (t) => {
      const { server, mcp, application: make, args } = await imitate(t, provider);
      const application = make({ ...provider, args });
      const log = await application.visit();
      const [asked] = server.logins();
      const pushed = server.requests.find(({ url }) => url === provider.quirks.push);
      const sent = (pushed ?? asked).parameters;
      for (const [name, value] of Object.entries(provider.sends ?? {})) assert.equal(sent[name], value);
      for (const name of provider.keepsQuiet ?? []) assert.equal(sent[name], undefined);
      const statuses = server.tokenRequests("authorization_code").map(({ status }) => status);
      assert.deepEqual(statuses, provider.attempts ?? [200], log);
      const first = application.credential();
      assert.equal(first.token_endpoint_auth_method, provider.method);
      if (provider.scope) assert.deepEqual(first.scope.split(/[ ,]+/), provider.scope);
      await application.pageTitled("You are signed in");

      if (!provider.isFinal) {
        for (const token of [first.access_token, first.id_token]) mcp.refused.add(token);
        const before = server.requests.length;
        await application.visit();
        const later = server.requests.slice(before);
        assert.deepEqual(later.map(({ url, status }) => `${url} ${status}`), [`${provider.quirks.token} 200`]);
        assert.notEqual(application.credential().access_token, first.access_token);
        assert.ok(application.credential().refresh_token);
      }
      const before = server.requests.length;
      await application.visit();
      assert.equal(server.requests.length, before);
    });

    for (const { what, says, refreshes = 0, ...given } of provider.without ?? []) {
      test(`${provider.name}; without ${what}`, async (t) => {
        const { server, application } = await imitate(t, provider);
        assert.match(await application(given).failure(), says);
        assert.ok(server.logins().length <= 1);
        assert.equal(server.tokenRequests("refresh_token").length, refreshes);
      });
    }
  }
});
