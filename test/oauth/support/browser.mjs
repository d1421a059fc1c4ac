#!/usr/bin/env node
// SPDX-License-Identifier: MIT
// Plays the browser of a login, and the person in front of it: follows redirects, keeps cookies, fills in
// the forms of the authorization server, and ends on the page of the callback.
//
// It is started by the program, so the environment tells it what to know:
//   TEST_BROWSER_LOG   a file to which each page that it sees is appended as a line of JSON, the last one
//                      with `isLast`
//   TEST_BROWSER_DOES  "deny": says no where it is asked for consent; "again": asks for the callback twice
//                      at once, as after a look ahead, and once more when it has the page, as a reload does
//   TEST_WEB           {"port", "ca"}: where all https hosts are found (support/web.mjs); without a port,
//                      where their addresses say
import { appendFileSync, readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";

const kAnswers = { login: "alice", password: "wonderland" };
const kPages = 20; // more is a loop
const web = process.env.TEST_WEB ? JSON.parse(process.env.TEST_WEB) : undefined;
const ca = web && readFileSync(web.ca);
const cookies = new Map(); // host -> name -> value

function send(url, form) {
  const jar = cookies.get(url.host) ?? new Map();
  cookies.set(url.host, jar);
  const headers = { host: url.host, cookie: [...jar].map(([name, value]) => `${name}=${value}`).join("; ") };
  const body = form && new URLSearchParams(form).toString();
  if (body) Object.assign(headers, { "content-type": "application/x-www-form-urlencoded", "content-length": body.length });
  const options = { method: body ? "POST" : "GET", headers, path: url.pathname + url.search, agent: false };
  const secure = url.protocol === "https:";
  if (secure) Object.assign(options, { host: "127.0.0.1", port: web.port ?? url.port, servername: url.hostname, ca });
  else Object.assign(options, { host: url.hostname, port: url.port });
  return new Promise((done, fail) => {
    const request = (secure ? https : http).request(options, async (response) => {
      let text = "";
      response.setEncoding("utf8");
      for await (const piece of response) text += piece;
      for (const line of response.headers["set-cookie"] ?? []) {
        const [name, value] = line.split(";")[0].split("=");
        if (value) jar.set(name, value);
        else jar.delete(name);
      }
      done({ status: response.statusCode, location: response.headers.location, text });
    });
    request.on("error", fail);
    request.end(body);
  });
}

const plain = (text) => text.replaceAll("&amp;", "&").replaceAll("&quot;", '"');
const attribute = (tag, name) => plain(new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1] ?? "");

// What a person does on this page: nothing, if there is no form.
function next(page, url) {
  const form = /<form\b[^>]*>/.exec(page.text)?.[0];
  if (!form) return undefined;
  const refusal = /<a href="([^"]*\/abort)"/.exec(page.text)?.[1];
  if (process.env.TEST_BROWSER_DOES === "deny" && refusal) return { url: new URL(plain(refusal), url) };
  const fields = {};
  for (const input of page.text.match(/<input\b[^>]*>/g) ?? []) {
    const name = attribute(input, "name");
    if (name) fields[name] = kAnswers[name] ?? attribute(input, "value");
  }
  return { url: new URL(attribute(form, "action"), url), form: fields };
}

function note(url, page, isLast) {
  const title = plain(/<title>([^<]*)/.exec(page.text)?.[1] ?? "");
  const line = JSON.stringify({ at: url.origin + url.pathname, status: page.status, title, isLast });
  if (process.env.TEST_BROWSER_LOG) appendFileSync(process.env.TEST_BROWSER_LOG, `${line}\n`);
}

let step = { url: new URL(process.argv.at(-1)) };
for (let pages = 0; step && pages < kPages; ++pages) {
  if (process.env.TEST_BROWSER_DOES === "again" && step.url.searchParams.has("code")) {
    const pages = await Promise.all([send(step.url), send(step.url)]);
    for (const page of [...pages, await send(step.url)]) note(step.url, page, true);
    break;
  }
  const page = await send(step.url, step.form);
  const { url } = step;
  step = page.location ? { url: new URL(page.location, url) } : next(page, url);
  note(url, page, !step);
}
