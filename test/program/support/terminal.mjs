// SPDX-License-Identifier: MIT
// The program in a terminal of its own, as a person sees it. By script(1) of util-linux, which brings the terminal.
import { spawn } from "node:child_process";
import { once } from "node:events";

import { afterwards } from "./cleanup.mjs";
import { within } from "./deadline.mjs";
import { binary } from "./gateway.mjs";

export function inTerminal(t, args, { home, env = {} }) {
  const quoted = [binary, ...args].map((text) => `'${text.replaceAll("'", `'\\''`)}'`).join(" ");
  const child = spawn("script", ["--quiet", "--return", "--command", quoted, "/dev/null"], {
    env: { PATH: process.env.PATH, HOME: home, SHELL: "/bin/sh", TERM: "dumb", ...env }, stdio: ["pipe", "pipe", "inherit"],
  });
  const waiting = [];
  const terminal = {
    text: "",
    // Typed or pasted.
    type: (text) => child.stdin.write(text),
    // What the pattern finds on the screen, now or later.
    shows: (pattern) => {
      const found = pattern.exec(terminal.text);
      const later = found ? Promise.resolve(found) : new Promise((done) => waiting.push({ pattern, done }));
      return within(later, `${pattern} in the terminal`, { picture: () => terminal.text });
    },
    end: async () => (await within(ended, "the end of the program", { picture: () => terminal.text }))[0],
  };
  const ended = once(child, "close");
  child.stdin.on("error", () => {});
  child.stdout.setEncoding("utf8");
  child.stdout.on("data", (piece) => {
    terminal.text += piece;
    for (const waiter of [...waiting]) {
      const found = waiter.pattern.exec(terminal.text);
      if (!found) continue;
      waiting.splice(waiting.indexOf(waiter), 1);
      waiter.done(found);
    }
  });
  afterwards(t, async () => {
    child.kill("SIGKILL");
    await ended;
  });
  return terminal;
}
