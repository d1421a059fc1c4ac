// SPDX-License-Identifier: MIT
// The program under test as somebody's desktop has it: one home directory, one server, started again and
// again. What it prints, and its arguments, go into the test's ledger of secrets.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterwards } from "../../program/support/cleanup.mjs";
import { within } from "../../program/support/deadline.mjs";
import { Gateway } from "../../program/support/gateway.mjs";
import { temporaryDirectory } from "../../program/support/temporary.mjs";

export const browser = fileURLToPath(new URL("browser.mjs", import.meta.url));

// `browser` null: none is named, and it depends on the environment whether there is one.
export class Application {
  #t;
  #starts = 0;

  constructor(t, { url, ledger, args = [], env = {}, browser: program = browser }) {
    this.#t = t;
    Object.assign(this, { url, ledger, args, env, program, home: temporaryDirectory(t) });
  }

  // Starts the program. It logs everything it ever would; every second start does so into a file.
  open({ command = [], args = [], env = {} } = {}) {
    const logFile = join(this.home, `log-${++this.#starts}`);
    const opener = this.program === null ? [] : ["--browser", this.program];
    const argv = [...command, this.url, ...opener, "--log-level", "trace", ...this.args, ...args];
    if (this.#starts % 2 === 0) argv.push("--log-file", logFile);
    const pages = join(this.home, "pages");
    const gateway = new Gateway(argv, {
      home: this.home, env: { DISPLAY: ":0", TEST_BROWSER_LOG: pages, ...this.env, ...env },
    });
    gateway.log = () => gateway.stderr + (existsSync(logFile) ? readFileSync(logFile, "utf8") : "");
    afterwards(this.#t, async () => {
      await gateway.stop();
      this.ledger.saw("the arguments", argv.join("\n"));
      this.ledger.saw("stderr", gateway.stderr);
      this.ledger.saw("the log file", gateway.log().slice(gateway.stderr.length));
      for (const message of gateway.messages) this.ledger.saw("stdout", gateway.textOf(message));
    });
    return gateway;
  }

  // One whole session that has to work: connect, ask for the tools, leave.
  async visit(options) {
    const gateway = this.open(options);
    const hello = await gateway.handshake();
    assert.ok(hello.result, `${JSON.stringify(hello)}\n${gateway.log().slice(-4000)}`);
    const tools = await gateway.request("tools/list");
    assert.ok(tools.result, `${JSON.stringify(tools)}\n${gateway.log().slice(-4000)}`);
    gateway.end();
    assert.deepEqual(await gateway.exit(), { code: 0, signal: null });
    return gateway.log();
  }

  // One that has to fail with the first request; the text of its error.
  async failure(options) {
    const gateway = this.open(options);
    const hello = await gateway.handshake();
    assert.ok(hello.error, "it worked");
    gateway.end();
    await gateway.exit();
    return hello.error.message;
  }

  // Runs one of the program's commands to its end. What is printed on purpose is no leak.
  async run(command, options) {
    const gateway = this.open({ command: [command], ...options });
    let stdout = "";
    gateway.child.stdout.removeAllListeners("data");
    gateway.child.stdout.on("data", (text) => (stdout += text));
    gateway.end();
    const { code } = await gateway.exit();
    return { code, stdout, log: gateway.log() };
  }

  // What rests on disk.
  #file(name) {
    return JSON.parse(readFileSync(join(this.home, ".config/mcp-stdio", name), "utf8"));
  }
  credentials() {
    return this.#file("tokens.json");
  }
  credential() {
    const entries = Object.values(this.credentials());
    assert.equal(entries.length, 1);
    return entries[0];
  }
  state() {
    return this.#file("state.json");
  }

  // The pages that the browser saw.
  pages() {
    const file = join(this.home, "pages");
    return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n").map((line) => JSON.parse(line)) : [];
  }
  // The one that it ended on, which may come after the program's end: the browser is nobody's child.
  lastPage() {
    return this.#page(({ isLast }) => isLast);
  }
  pageTitled(title) {
    return this.#page((page) => page.title === `${title} - mcp-stdio`);
  }
  async #page(fits) {
    let isWaiting = true;
    const arrives = async () => {
      while (isWaiting) {
        const page = this.pages().find(fits);
        if (page) return page;
        await new Promise((done) => setTimeout(done, 10));
      }
    };
    try {
      return await within(arrives(), "that page in the browser", { picture: () => JSON.stringify(this.pages()) });
    } finally {
      isWaiting = false;
    }
  }
}
