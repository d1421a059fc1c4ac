// SPDX-License-Identifier: MIT
// A real browser without a screen: Debian's Chromium, driven over its DevTools protocol.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { once } from "node:events";
import { createInterface } from "node:readline";

import { afterwards } from "../../program/support/cleanup.mjs";
import { within } from "../../program/support/deadline.mjs";
import { temporaryDirectory } from "../../program/support/temporary.mjs";

const kProgram = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((path) => existsSync(path));

// What to give to `skip`, as in test/program/support/programs.mjs.
export const reasonToSkip = kProgram || process.env.MCP_STDIO_SKIP_NOTHING ? false : "chromium is not installed";

// One WebSocket, on which every command has a number.
class Connection {
  #waiting = new Map();
  #last = 0;
  events = [];

  constructor(socket) {
    this.socket = socket;
    socket.onmessage = ({ data }) => {
      const { id, result, error, ...event } = JSON.parse(data);
      if (id === undefined) return this.events.push(event);
      const { done, fail } = this.#waiting.get(id);
      this.#waiting.delete(id);
      return error ? fail(new Error(error.message)) : done(result);
    };
  }
  send(method, params = {}, sessionId = undefined) {
    const id = ++this.#last;
    this.socket.send(JSON.stringify({ id, method, params, sessionId }));
    return within(new Promise((done, fail) => this.#waiting.set(id, { done, fail })), `an answer to ${method}`);
  }
}

export class Page {
  #connection;
  #session;

  constructor(connection, session) {
    this.#connection = connection;
    this.#session = session;
  }
  send(method, params) {
    return this.#connection.send(method, params, this.#session);
  }

  open(url) {
    return this.send("Page.navigate", { url });
  }
  // The value of an expression in the page.
  async value(expression) {
    const { result, exceptionDetails } = await this.send("Runtime.evaluate", { expression, returnByValue: true });
    if (exceptionDetails) throw new Error(`${expression}: ${exceptionDetails.text}`);
    return result.value;
  }
  // Waits until the expression is true, through as many navigations as it takes.
  async until(expression) {
    let isWaiting = true;
    const holds = async () => {
      while (isWaiting) {
        const value = await this.value(`document.readyState === "complete" && Boolean(${expression})`).catch(() => false);
        if (value) return;
        await new Promise((done) => setTimeout(done, 20));
      }
    };
    try {
      await within(holds(), expression);
    } finally {
      isWaiting = false;
    }
  }
  async type(selector, text) {
    await this.until(`document.querySelector(${JSON.stringify(selector)})`);
    await this.value(`document.querySelector(${JSON.stringify(selector)}).focus()`);
    await this.send("Input.insertText", { text });
  }
  async click(selector) {
    await this.until(`document.querySelector(${JSON.stringify(selector)})`);
    const box = `document.querySelector(${JSON.stringify(selector)}).getBoundingClientRect()`;
    const [x, y] = await this.value(`(() => { const b = ${box}; return [b.x + b.width / 2, b.y + b.height / 2] })()`);
    for (const type of ["mousePressed", "mouseReleased"])
      await this.send("Input.dispatchMouseEvent", { type, x, y, button: "left", clickCount: 1 });
  }
  async look({ width, height, scheme }) {
    await this.send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: false });
    await this.send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: scheme }] });
    const { data } = await this.send("Page.captureScreenshot", { format: "png" });
    return Buffer.from(data, "base64");
  }
  // What the browser complained of on pages of this address: blocked content, failed loads, scripts.
  complaints(address) {
    const entries = this.#connection.events.filter(({ method }) => method === "Log.entryAdded").map(({ params }) => params.entry);
    return entries.filter(({ url }) => url?.startsWith(address)).map(({ text }) => text);
  }
}

export async function startChromium(t) {
  const profile = temporaryDirectory(t);
  const child = spawn(kProgram, [
    "--headless=new", "--remote-debugging-port=0", `--user-data-dir=${profile}`, "--no-first-run", "--disable-gpu",
    "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--hide-scrollbars", ...(process.getuid() === 0 ? ["--no-sandbox"] : []), "about:blank",
  ], { stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, HOME: profile } });
  const ended = once(child, "close");
  afterwards(t, async () => {
    child.kill("SIGKILL");
    await ended;
  });
  const listening = async () => {
    for await (const line of createInterface({ input: child.stderr })) {
      const [, address] = /^DevTools listening on (ws:\S+)/.exec(line) ?? [];
      if (address) return address;
    }
    throw new Error(`${kProgram} does not start`);
  };
  const socket = new WebSocket(await within(listening(), "chromium's DevTools"));
  child.stderr.resume();
  await within(new Promise((done, fail) => Object.assign(socket, { onopen: done, onerror: fail })), "a connection to chromium");
  afterwards(t, () => socket.close());
  const connection = new Connection(socket);
  const { targetId } = await connection.send("Target.createTarget", { url: "about:blank" });
  const { sessionId } = await connection.send("Target.attachToTarget", { targetId, flatten: true });
  const page = new Page(connection, sessionId);
  for (const domain of ["Page", "Runtime", "Log"]) await page.send(`${domain}.enable`);
  return page;
}
