// SPDX-License-Identifier: MIT
// A real browser goes through a login: the address that is printed is opened by hand, somebody signs in and
// consents, and the page of the callback says what happened. Pictures of it are kept where
// MCP_STDIO_TEST_PICTURES says.
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";

import { Application } from "./support/application.mjs";
import { client, startCertified } from "./support/certified_server.mjs";
import { reasonToSkip, startChromium } from "./support/chromium.mjs";

const pictures = process.env.MCP_STDIO_TEST_PICTURES;
const kDesktop = { width: 960, height: 640 };
const kTelephone = { width: 320, height: 568 };

async function keepPictures(page, name) {
  for (const scheme of ["light", "dark"]) {
    for (const [what, size] of [["", kDesktop], ["-narrow", kTelephone]]) {
      const picture = await page.look({ ...size, scheme });
      const overflow = await page.value("document.documentElement.scrollWidth - innerWidth");
      assert.ok(overflow <= 0, `${name} is ${overflow} pixels too wide`);
      if (pictures) {
        mkdirSync(pictures, { recursive: true });
        writeFileSync(join(pictures, `${name}-${scheme}${what}.png`), picture);
      }
    }
  }
}

// The colours of text and ground, as far apart as WCAG 2.1 (1.4.3, AA) wants them.
async function assertReadable(page) {
  const luminance = ([r, g, b]) => {
    const part = (c) => (c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  };
  for (const scheme of ["light", "dark"]) {
    await page.look({ ...kDesktop, scheme });
    const ground = await page.value("getComputedStyle(document.querySelector('main')).backgroundColor");
    for (const selector of ["h1", "p", "footer"]) {
      const text = await page.value(`getComputedStyle(document.querySelector("${selector}")).color`);
      const [a, b] = [text, ground].map((colour) => luminance(colour.match(/\d+/g).map(Number)));
      const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      assert.ok(contrast >= 4.5, `${selector} in ${scheme}: ${text} on ${ground} is ${contrast.toFixed(2)}`);
    }
  }
}

async function signIn(page, address) {
  await page.open(address);
  await page.type("input[name=login]", "alice");
  await page.type("input[name=password]", "wonderland");
  await page.click("button[type=submit]");
  await page.until("document.querySelector('input[name=prompt][value=consent]')");
  await page.click("button[type=submit]");
  await page.until("document.querySelector('h1')?.innerText === 'You are signed in'");
}

async function begin(t, options) {
  const registered = client({ token_endpoint_auth_method: "none" });
  const world = await startCertified(t, { clients: [registered], methods: ["none"], ...options });
  const application = new Application(t, { ...world, args: ["--client-id", "the-desktop", "--no-browser"] });
  const gateway = application.open();
  const answer = gateway.handshake();
  await gateway.logged(/^ {4}http\S+$/m);
  const [, address] = /^ {4}(http\S+)$/m.exec(gateway.stderr);
  return { ...world, application, gateway, answer, address, page: await startChromium(t) };
}

describe("in a real browser", { skip: reasonToSkip }, () => {
  test("somebody signs in, consents, and reads that the window can be closed", async (t) => {
    const { mcp, application, answer, address, page } = await begin(t);
    await signIn(page, address);
    assert.ok((await answer).result);
    assert.equal(await page.value("document.title"), "You are signed in - mcp-stdio");
    const words = await page.value("document.querySelector('p').innerText");
    assert.ok(words.includes(new URL(mcp.url).origin), words);
    assert.match(words, /You can close this window/);
    const callback = await page.value("location.origin + location.pathname");
    await assertReadable(page);
    await keepPictures(page, "signed-in");

    assert.deepEqual(page.complaints(callback), []);
    assert.equal(application.credential().token_endpoint_auth_method, "none");
  });

  test("somebody says no, and reads what happened", async (t) => {
    const { server, answer, address, page } = await begin(t);
    await page.open(address);
    await page.click("a[href$='/abort']");
    await page.until("document.title.endsWith('mcp-stdio')");
    assert.equal(await page.value("document.querySelector('h1').innerText"), "Signing in did not work");
    const words = await page.value("document.body.innerText");
    assert.match(words, /access_denied/);
    assert.match(words, /You can close this window/);
    const callback = await page.value("location.origin + location.pathname");
    await assertReadable(page);
    await keepPictures(page, "not-signed-in");
    assert.match((await answer).error.message, new RegExp(`${server.issuer}.*access_denied`));
    assert.deepEqual(page.complaints(callback), []);
  });

  test("who comes without the answer, or with another's, is told to go on elsewhere; the login does", async (t) => {
    const { answer, address, page } = await begin(t, { features: { pushedAuthorizationRequests: { enabled: false } } });
    const callback = new URL(address).searchParams.get("redirect_uri");
    for (const query of ["", "?code=somebody-elses-code&state=somebody-elses-state"]) {
      await page.open(callback + query);
      await page.until("document.querySelector('h1')?.innerText === 'Still waiting for the sign-in'");
      assert.doesNotMatch(await page.value("document.body.innerText"), /somebody/);
    }
    await assertReadable(page);
    await keepPictures(page, "still-waiting");
    await signIn(page, address);
    assert.ok((await answer).result);
  });
});
